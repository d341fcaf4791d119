import type { Segment } from './catalog.ts';
import type { Evicted } from './eviction.ts';
import { startOf } from './key-index.ts';
import { isNeeded } from './merging.ts';
import { isNotFound, type LivingAnswer, type SegmentFolder } from './segment-folder.ts';

/**
 * Makes a removal durable: a small segment says which keys are void in all that was written before. When all is removed,
 * all files go instead. Where the browser refuses to write, a removal that must hold costs the other answers of its
 * segments; another one does not happen. Rejects where a file cannot be read that would have to be.
 * @param mustHold it was asked for, or is of answers that are wrong now
 * @param evicted told of answers that went with others
 * @returns whether it holds
 */
export async function removeKeys(
  folder: SegmentFolder,
  keys: readonly string[],
  mustHold: boolean,
  evicted: Evicted,
): Promise<boolean> {
  const { catalog } = folder;
  if (keys.length === catalog.entries) {
    for (const segment of removalsLast(catalog.inOrder())) await folder.delete(segment);
    if (folder.void.size === 0) return true;
  }
  // One for all: a stamp for each would lie minutes ahead of what another worker writes next.
  const stamp = folder.nextStamp();
  const removals = keys.map((key) => ({ key, stamp }));
  try {
    await folder.write({ records: [], removals, replaces: [], merged: false });
  } catch {
    if (mustHold) await deleteWith(folder, keys, evicted);
    return mustHold;
  }
  await dropEmpty(folder);
  return true;
}

/**
 * Deletes every segment in which a record of these keys lies, living or not, and so on for every key that one of them knows:
 * what it says was removed or replaced must not come back from an older one.
 */
async function deleteWith(folder: SegmentFolder, keys: readonly string[], evicted: Evicted): Promise<void> {
  const asked = new Set(keys);
  const unwanted = new Set(keys);
  const doomed = new Set<Segment>();
  for (let known = -1; known < doomed.size; ) {
    known = doomed.size;
    for (const segment of folder.catalog.inOrder()) {
      if (doomed.has(segment)) continue;
      const { rows } = await folder.indexOf(segment);
      const all = Array.from({ length: rows.count }, (_, i) => ({ key: rows.key(i), isRemoval: rows.isRemoval(i) }));
      if (!all.some(({ key, isRemoval }) => !isRemoval && unwanted.has(key))) continue;
      doomed.add(segment);
      for (const { key } of all) unwanted.add(key);
    }
  }
  for (const segment of removalsLast([...doomed])) {
    const others = (await folder.keysIn(segment)).filter((key) => !asked.has(key));
    await folder.delete(segment);
    evicted(others);
  }
}

/** Without them what they removed would come back, if this ended in the middle. */
function removalsLast(segments: readonly Segment[]): Segment[] {
  return [...segments].sort((a, b) => Math.sign(a.removal) - Math.sign(b.removal));
}

/** Deletes segments without a living answer whose removals, if any, are needed no more. */
export async function dropEmpty(folder: SegmentFolder): Promise<void> {
  const { catalog } = folder;
  for (const segment of catalog.inOrder())
    if (catalog.living(segment).count === 0 && (segment.removal === 0 || !isNeeded(folder, segment.removal, [segment])))
      await folder.delete(segment);
}

/** All of them, or those in which the records of these keys lie. */
export function segmentsOf({ catalog }: SegmentFolder, keys: readonly string[] | undefined): Segment[] {
  if (!keys) return catalog.inOrder();
  const numbers = new Set(keys.map((key) => catalog.index.get(startOf(key))?.segment));
  return [...catalog.segments.values()].filter(({ number }) => numbers.has(number));
}

/** What is alive in a segment; nothing where its file is gone. Rejects where it cannot be read. */
export async function livingIn(folder: SegmentFolder, segment: Segment): Promise<LivingAnswer[]> {
  return folder.catalog.living(segment).count > 0 ? folder.livingIn(segment).catch(noneWhereGone) : [];
}

function noneWhereGone(error: unknown): [] {
  if (isNotFound(error)) return [];
  throw error;
}
