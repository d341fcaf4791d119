import type { Segment } from './catalog.ts';
import { checksum, checksumBytes, isSame } from './checksum.ts';
import { isMagic, magic } from './footer.ts';
import type { KeyIndex, KeyStart, Place } from './key-index.ts';
import { bytesOf } from './record.ts';

/**
 * The index of many segments in one file, looked up in place: a start reads its head and, for an answer, one bucket of rows.
 *
 *     magic 8 | checksum 16 | bits 4 | length of the info 4 | info (JSON) | table | rows
 *
 * A key's first `bits` bits are its bucket. The table has for each bucket the number of the first row behind it and the
 * first half of its checksum; the checksum in the head covers all from there to the end of the table.
 */
export const checkpointEnding = '.checkpoint';

const headBytes = magic.length + checksumBytes + 4 + 4;
const coveredFrom = magic.length + checksumBytes;
/** end 4 | checksum 8 */
const tableRowBytes = 12;
/** high 4 | low 4 | segment 4 | at 4 | length 4 | bytes 4 | stamp 8 */
const rowBytes = 32;
/** On average. 4 kB: the browser reads no less. */
const rowsInBucket = 128;
/** Read at once at the start: the head of a checkpoint of half a million answers. */
const firstRead = 65_536;
/** Some milliseconds' work. */
const rowsInStep = 8192;
/** Read at once when all is read. */
const bucketsAtOnce = 64;

/** What a checkpoint knows of a segment: all but its number, which each worker gives anew. */
type KnownSegment = Omit<Segment, 'number'>;

interface Info {
  /** Rows name a segment by its place here. */
  readonly segments: readonly KnownSegment[];
  /** Files that hold nothing any more, even where they are still there. */
  readonly void: readonly string[];
}

/** A checkpoint's bytes: 32 for each answer. The index is copied at once, then read in steps of a few milliseconds. */
export async function writeCheckpoint(
  segments: readonly Segment[],
  voids: readonly string[],
  index: KeyIndex,
): Promise<Blob> {
  const entries = index.copy();
  const bits = Math.max(0, Math.ceil(Math.log2(entries.size / rowsInBucket)));
  const places = new Map(segments.map(({ number }, i) => [number, i]));
  const ends = new Uint32Array(2 ** bits);
  await inSteps(entries, ({ high }) => {
    (ends[bucketOf(high, bits)] as number)++;
  });
  for (let i = 0, sum = 0; i < ends.length; i++) {
    const count = ends[i] as number;
    // Until the rows are in, where the bucket begins.
    ends[i] = sum;
    sum += count;
  }
  const rows = new Uint8Array(entries.size * rowBytes);
  const view = new DataView(rows.buffer);
  await inSteps(entries, ({ high, low }, { segment, at, length, bytes, stamp }) => {
    const bucket = bucketOf(high, bits);
    const from = (ends[bucket] as number) * rowBytes;
    (ends[bucket] as number)++;
    view.setUint32(from, high);
    view.setUint32(from + 4, low);
    view.setUint32(from + 8, places.get(segment) ?? 0);
    view.setUint32(from + 12, at);
    view.setUint32(from + 16, length);
    view.setUint32(from + 20, bytes);
    view.setFloat64(from + 24, stamp);
  });
  const info = new TextEncoder().encode(JSON.stringify({ segments, void: voids } satisfies Info, neverAsText));
  const head = new Uint8Array(headBytes + info.byteLength + ends.length * tableRowBytes);
  const headView = new DataView(head.buffer);
  head.set(new TextEncoder().encode(magic));
  headView.setUint32(coveredFrom, bits);
  headView.setUint32(coveredFrom + 4, info.byteLength);
  head.set(info, headBytes);
  await Promise.all(
    Array.from(ends, async (end, i) => {
      const at = headBytes + info.byteLength + i * tableRowBytes;
      headView.setUint32(at, end);
      const bucket = rows.subarray((ends[i - 1] ?? 0) * rowBytes, end * rowBytes);
      head.set((await checksum(bucket)).subarray(0, 8), at + 4);
    }),
  );
  head.set(await checksum(head.subarray(coveredFrom)), magic.length);
  return new Blob([head, rows]);
}

/** Lets calls be answered between two steps. */
async function inSteps(index: KeyIndex, work: (key: KeyStart, place: Place) => void): Promise<void> {
  let count = 0;
  for (const [key, place] of index.entries()) {
    work(key, place);
    count++;
    if (count % rowsInStep === 0) await new Promise((resolve) => setTimeout(resolve));
  }
}

export class Checkpoint {
  private constructor(
    readonly info: Info,
    private readonly file: Blob,
    /** What was read of it at once: all of a small one. */
    private readonly head: Uint8Array<ArrayBuffer>,
    private readonly bits: number,
    private readonly table: DataView,
    /** Offset of the first row. */
    private readonly from: number,
  ) {}

  /** Reads the head; `undefined` where it is damaged, or no checkpoint of this version. One read for most. */
  static async open(file: Blob): Promise<Checkpoint | undefined> {
    let head = await bytesOf(file, 0, firstRead);
    if (head.byteLength < headBytes || !isMagic(head.subarray(0, magic.length))) return undefined;
    const view = new DataView(head.buffer);
    const [bits, infoLength] = [view.getUint32(coveredFrom), view.getUint32(coveredFrom + 4)];
    const tableFrom = headBytes + infoLength;
    const from = tableFrom + 2 ** bits * tableRowBytes;
    if (from > file.size) return undefined;
    if (from > head.byteLength) head = await bytesOf(file, 0, from);
    if (!isSame(await checksum(head.subarray(coveredFrom, from)), head.subarray(magic.length, coveredFrom)))
      return undefined;
    const text = new TextDecoder().decode(head.subarray(headBytes, tableFrom));
    const info = JSON.parse(text, textAsNever) as Info;
    return new Checkpoint(info, file, head, bits, new DataView(head.buffer, tableFrom, from - tableFrom), from);
  }

  /** Keys, removed ones too. */
  get size(): number {
    return this.#endOf(2 ** this.bits - 1);
  }

  /** The place of a key; `undefined` where there is none. Rejects when the bucket is damaged. One read of 4 kB, or none. */
  async find({ high, low }: KeyStart): Promise<Place | undefined> {
    const bucket = bucketOf(high, this.bits);
    for (const [key, place] of await this.#buckets(bucket, bucket + 1))
      if (key.high === high && key.low === low) return place;
    return undefined;
  }

  /** All keys and places, a quarter of a megabyte at a time. Rejects at the first bucket that is damaged. */
  async *entries(): AsyncGenerator<readonly (readonly [KeyStart, Place])[]> {
    const buckets = 2 ** this.bits;
    for (let first = 0; first < buckets; first += bucketsAtOnce)
      yield await this.#buckets(first, Math.min(buckets, first + bucketsAtOnce));
  }

  async #buckets(first: number, end: number): Promise<(readonly [KeyStart, Place])[]> {
    const [begin, behind] = [this.#endOf(first - 1), this.#endOf(end - 1)];
    const [from, to] = [this.from + begin * rowBytes, this.from + behind * rowBytes];
    const bytes = to <= this.head.byteLength ? this.head.slice(from, to) : await bytesOf(this.file, from, to - from);
    const checks: Promise<void>[] = [];
    for (let i = first; i < end; i++)
      checks.push(
        this.#check(i, bytes.subarray((this.#endOf(i - 1) - begin) * rowBytes, (this.#endOf(i) - begin) * rowBytes)),
      );
    await Promise.all(checks);
    const view = new DataView(bytes.buffer);
    return Array.from({ length: behind - begin }, (_, i) => entryAt(view, i * rowBytes));
  }

  async #check(bucket: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const at = bucket * tableRowBytes + 4;
    const sum = new Uint8Array(this.table.buffer, this.table.byteOffset + at, 8);
    if (!isSame((await checksum(bytes)).subarray(0, 8), sum)) throw new Error('damaged');
  }

  #endOf(bucket: number): number {
    return bucket < 0 ? 0 : this.table.getUint32(bucket * tableRowBytes);
  }
}

function entryAt(view: DataView, at: number): readonly [KeyStart, Place] {
  const number = (i: number) => view.getUint32(at + 4 * i);
  return [
    { high: number(0), low: number(1) },
    { segment: number(2), at: number(3), length: number(4), bytes: number(5), stamp: view.getFloat64(at + 24) },
  ];
}

function bucketOf(high: number, bits: number): number {
  return bits === 0 ? 0 : high >>> (32 - bits);
}

/** JSON knows no `Infinity`. */
function neverAsText(_name: string, value: unknown): unknown {
  return value === Infinity ? 'never' : value;
}

function textAsNever(_name: string, value: unknown): unknown {
  return value === 'never' ? Infinity : value;
}
