import type { Segment } from './catalog.ts';
import { type Gathered, gather, replaceBy } from './merging.ts';
import type { SegmentFolder } from './segment-folder.ts';
import type { Uses } from './uses.ts';

/** Of an evicted segment's living bytes at most this share is carried over, so that eviction always makes room. */
const carriedShare = 0.5;

/** Tells which keys were evicted. */
export type Evicted = (keys: string[]) => void;

/**
 * Makes room: the oldest segments go, whole; answers that were served since they were written, or since the last time round,
 * are carried over to the young end. Clock with second chance, of whole segments. Never rejects.
 * @param atLeast so many bytes stay
 */
export async function evict(
  folder: SegmentFolder,
  budget: number,
  uses: Uses,
  evicted: Evicted,
  atLeast = 0,
): Promise<void> {
  const { catalog } = folder;
  // What was carried over may be too much in the end: the second round carries nothing.
  for (const carries of [true, false])
    for (const segment of catalog.inOrder()) {
      if (catalog.bytes <= budget || catalog.bytes - segment.size < atLeast) return;
      await evictOne(folder, segment, carries ? uses : undefined, evicted);
    }
}

async function evictOne(
  folder: SegmentFolder,
  segment: Segment,
  uses: Uses | undefined,
  evicted: Evicted,
): Promise<void> {
  const { catalog } = folder;
  const keys = await folder.keysIn(segment).catch(() => []);
  const gathered = await gatherUsed(folder, segment, uses).catch(() => undefined);
  if (gathered && gathered.answers.length + gathered.removals.length > 0) {
    const carried = new Set(gathered.answers.map(({ record }) => record.meta.key));
    const isWritten = await replaceBy(folder, gathered, folder.nextStamp()).then(
      () => true,
      () => false,
    );
    if (isWritten) {
      for (const { key } of gathered.answers) uses?.clear(key);
      evicted(keys.filter((key) => !carried.has(key)));
      return;
    }
    // Without them what was removed would come back.
    if (gathered.removals.length > 0) return;
  }
  if (catalog.segments.has(segment.number)) await folder.delete(segment);
  evicted(keys);
}

/** Answers of a segment to be carried over, and removals that are still needed. */
async function gatherUsed(
  folder: SegmentFolder,
  segment: Segment,
  uses: Uses | undefined,
): Promise<Gathered | undefined> {
  let room = folder.catalog.living(segment).bytes * carriedShare;
  return gather(folder, [segment], (key, { length }) => {
    if (!uses?.has(key) || length > room) return false;
    room -= length;
    return true;
  });
}
