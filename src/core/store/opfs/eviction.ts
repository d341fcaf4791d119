import type { Segment } from './catalog.ts';
import { type Gathered, gather, replaceBy } from './merging.ts';
import type { SegmentFolder } from './segment-folder.ts';
import type { Uses } from './uses.ts';

/** Of an evicted segment's living bytes this share is carried over, and the answer in which it ends. */
const carriedShare = 0.5;

/** Tells which keys were evicted. */
export type Evicted = (keys: string[]) => void;

export interface EvictionLimits {
  /** Bytes of all segments, at most. */
  readonly most: number;
  /** So many bytes stay, even where that is more than `most`. */
  readonly least: number;
  /** Segments that say what was removed stay. */
  readonly sparesRemovals?: boolean;
  /** Bytes rewritten to carry answers over, and the answer in which they end: nobody waits longer for room. */
  readonly carried: number;
}

/**
 * Makes room: the oldest segments go, whole; answers that were served since they were written, or since the last time round,
 * are carried over to the young end. Clock with second chance, of whole segments. Never rejects.
 */
export async function evict(
  folder: SegmentFolder,
  { most, least, carried, sparesRemovals }: EvictionLimits,
  uses: Uses,
  evicted: Evicted,
): Promise<void> {
  const { catalog } = folder;
  let room = carried;
  // What was carried over may be too much in the end: the second round carries nothing.
  for (const carries of [true, false])
    for (const segment of catalog.inOrder()) {
      if (catalog.bytes <= most || catalog.bytes - segment.size < least) return;
      if (!sparesRemovals || segment.removal === 0)
        room -= await evictOne(folder, segment, carries ? uses : undefined, room, evicted);
      // It stays: what is void in it may have been replaced in younger ones, which must not go before it.
      if (catalog.segments.has(segment.number) && segment.answers > 0) return;
    }
}

/** Resolves with the bytes that were carried over. */
async function evictOne(
  folder: SegmentFolder,
  segment: Segment,
  uses: Uses | undefined,
  room: number,
  evicted: Evicted,
): Promise<number> {
  const { catalog } = folder;
  const keys = await folder.keysIn(segment).catch(() => []);
  const gathered = await gatherUsed(folder, segment, uses, room).catch(() => undefined);
  // What it says of removals can perhaps be read another time.
  if (!gathered && segment.removal > 0) return 0;
  if (gathered && gathered.answers.length + gathered.removals.length > 0) {
    const carried = new Set(gathered.answers.map(({ record }) => record.meta.key));
    const isWritten = await replaceBy(folder, gathered, folder.nextStamp()).then(
      () => true,
      () => false,
    );
    if (isWritten) {
      for (const { key } of gathered.answers) uses?.clear(key);
      evicted(keys.filter((key) => !carried.has(key)));
      return gathered.answers.reduce((sum, { place }) => sum + place.length, 0);
    }
    // Without them what was removed would come back.
    if (gathered.removals.length > 0) return 0;
  }
  if (catalog.segments.has(segment.number)) await folder.delete(segment);
  evicted(keys);
  return 0;
}

/** Answers of a segment to be carried over, and removals that are still needed. */
async function gatherUsed(
  folder: SegmentFolder,
  segment: Segment,
  uses: Uses | undefined,
  most: number,
): Promise<Gathered | undefined> {
  let room = Math.min(most, folder.catalog.living(segment).bytes * carriedShare);
  return gather(folder, [segment], (key, { length }) => {
    if (room <= 0 || !uses?.has(key)) return false;
    room -= length;
    return true;
  });
}
