import type { EntryMeta } from '../entry.ts';
import type { Segment } from './catalog.ts';
import { gzip } from './gzip.ts';
import type { KeyStart, Place } from './key-index.ts';
import { bytesOf, decodeRecord, isGzip, type StoredRecord } from './record.ts';
import type { Removal } from './segment.ts';
import type { SegmentFolder } from './segment-folder.ts';

/** When segments are merged, and how large they grow. */
export interface MergeLimits {
  /** So many neighbours of one kind are merged. */
  readonly neighbours: number;
  /** Bytes: a segment that is larger is merged no more. */
  readonly target: number;
}

/** What several segments hold that is still alive. */
export interface Gathered {
  readonly segments: readonly Segment[];
  readonly answers: readonly { readonly record: StoredRecord; readonly key: KeyStart; readonly place: Place }[];
  readonly removals: readonly Removal[];
  /** Keys of answers that turned out damaged. */
  readonly damaged: readonly string[];
}

/**
 * Segments to make one of, or `undefined`: a damaged or mostly dead one alone, neighbours not yet compressed, else small
 * neighbours of about one size. An answer is so rewritten once, and once more each time its segment has grown eightfold.
 */
export function chooseRun(
  segments: readonly Segment[],
  living: (segment: Segment) => { readonly count: number; readonly bytes: number },
  { neighbours, target }: MergeLimits,
): readonly Segment[] | undefined {
  const hurt = segments.find((segment) => !segment.whole || isMostlyDead(segment, living(segment)));
  if (hurt) return [hurt];
  const fresh = longestRun(segments, ({ merged }) => !merged);
  if (fresh.length >= neighbours || (fresh.length > 0 && sizeOf(fresh) >= target / 4)) return upTo(fresh, target);
  for (const limit of [target / 64, target / 8, target]) {
    const small = longestRun(segments, ({ merged, size }) => merged && size <= limit);
    if (small.length >= neighbours) return upTo(small, 2 * target);
  }
  return undefined;
}

function isMostlyDead({ answers, answerBytes }: Segment, { count, bytes }: { count: number; bytes: number }): boolean {
  return count > 0 && (count * 2 < answers || bytes * 4 < answerBytes);
}

/** Only neighbours are merged: the merged segment must not take young answers along when it is evicted. */
function longestRun(segments: readonly Segment[], accepts: (segment: Segment) => boolean): Segment[] {
  let run: Segment[] = [];
  let longest = run;
  for (const segment of segments) {
    run = accepts(segment) ? [...run, segment] : [];
    if (run.length > longest.length) longest = run;
  }
  return longest;
}

/** The first of them that are no more than so many bytes together; one at least. */
function upTo(segments: readonly Segment[], bytes: number): readonly Segment[] {
  let sum = 0;
  const end = segments.findIndex(({ size }, i) => {
    sum += size;
    return i > 0 && sum > bytes;
  });
  return end < 0 ? segments : segments.slice(0, end);
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Reads what is alive in segments and compresses text that is not. Costs a read of each file and 2 ms for 100 kB of text.
 * @param keep which of the living answers are wanted
 * @param isInterrupted asked between two answers: `true` gives up
 */
export async function gather(
  folder: SegmentFolder,
  segments: readonly Segment[],
  keep: (key: KeyStart, place: Place) => boolean,
  isInterrupted: () => boolean = () => false,
): Promise<Gathered | undefined> {
  const answers: { record: StoredRecord; key: KeyStart; place: Place }[] = [];
  const removals = new Map<string, Removal>();
  const damaged: string[] = [];
  for (const segment of segments) {
    const { rows } = await folder.indexOf(segment);
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    for (let i = 0; i < rows.count; i++) {
      if (isInterrupted()) return undefined;
      const [key, place] = [rows.start(i), rows.place(i, segment.number)];
      if (place.length === 0 && isNeeded(folder, rows.stamp(i), segments))
        removals.set(rows.key(i), { key: rows.key(i), stamp: rows.stamp(i) });
      if (!folder.catalog.isLiving(key, place) || !keep(key, place)) continue;
      bytes ??= await bytesOf(await folder.file(segment), 0, segment.size);
      const record = await decodeRecord(bytes.subarray(place.at, place.at + place.length));
      if (record) answers.push({ record: await compressed(record), key, place });
      else damaged.push(rows.key(i));
    }
  }
  return { segments, answers, removals: [...removals.values()], damaged };
}

/** A removal is needed as long as an older record may lie anywhere else. */
export function isNeeded(folder: SegmentFolder, stamp: number, except: readonly Segment[]): boolean {
  if (folder.void.size > 0) return true;
  return [...folder.catalog.segments.values()].some((one) => one.oldest < stamp && !except.includes(one));
}

/**
 * Writes what was gathered as one segment, without what has gone meanwhile, and deletes the segments it came from: first the
 * one, then the other, so that a crash loses nothing. Rejects when the browser refuses to write; all is then as before.
 */
export async function replaceBy(folder: SegmentFolder, gathered: Gathered, age: number): Promise<void> {
  const { segments, answers, removals } = gathered;
  const records = answers.filter(({ key, place }) => folder.catalog.isLiving(key, place)).map(({ record }) => record);
  const replaces = segments.map(({ name }) => name);
  if (records.length + removals.length > 0) await folder.write({ records, removals, replaces, merged: true }, age);
  for (const segment of segments) await folder.delete(segment);
}

/** A shorter text is not worth compressing. */
const fewestBytes = 300;

async function compressed(record: StoredRecord): Promise<StoredRecord> {
  if (record.flags & isGzip || record.body.byteLength < fewestBytes || !isText(record.meta)) return record;
  const body = await gzip(record.body);
  return body.byteLength < record.body.byteLength * 0.9 ? { ...record, body, flags: record.flags | isGzip } : record;
}

function isText({ headers }: EntryMeta): boolean {
  const type = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  return /^text\/|json|xml|javascript/i.test(type);
}
