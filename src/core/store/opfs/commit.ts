import { type Entry, sizeOf } from '../entry.ts';
import { probeName, writeFile } from './files.ts';
import type { SegmentFolder } from './segment-folder.ts';

/** So many bytes at a time, or one answer that is longer: a segment is made in memory. */
export function* batches(entries: readonly Entry[], bytes: number): Generator<Entry[]> {
  let [batch, sum]: [Entry[], number] = [[], 0];
  for (const entry of entries) {
    if (batch.length > 0 && sum + sizeOf(entry) > bytes) {
      yield batch;
      [batch, sum] = [[], 0];
    }
    batch.push(entry);
    sum += sizeOf(entry);
  }
  yield batch;
}

/** A body as it is written. Rejects where the browser cannot give it. */
export async function bytesIn(body: Entry['body']): Promise<Uint8Array<ArrayBuffer>> {
  return body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body;
}

/** Writes answers as one segment, which also says what keys are void in all that was written before. */
export async function writeBatch(
  folder: SegmentFolder,
  batch: readonly Entry[],
  bodies: readonly Uint8Array<ArrayBuffer>[],
  removedKeys: readonly string[],
): Promise<void> {
  const stamp = folder.nextStamp();
  const records = batch.map(({ meta }, i) => ({ meta, stamp, flags: 0, body: bodies[i] as Uint8Array<ArrayBuffer> }));
  const removals = removedKeys.map((key) => ({ key, stamp }));
  await folder.write({ records, removals, replaces: [], merged: false }, stamp);
}

/** Does the browser take one byte? Leaves no file. */
export async function canWrite(directory: FileSystemDirectoryHandle): Promise<boolean> {
  try {
    await writeFile(directory, probeName, new Blob(['1']));
    return true;
  } catch {
    return false;
  } finally {
    await directory.removeEntry(probeName).catch(() => {});
  }
}
