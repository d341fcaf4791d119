import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Segment } from './catalog.ts';
import { Checkpoint, writeCheckpoint } from './checkpoint.ts';
import { KeyIndex, type KeyStart, type Place } from './key-index.ts';

const segments: Segment[] = [4, 9].map((number) => ({
  number,
  name: `${number}.segment`,
  size: 1000 * number,
  answerBytes: 0,
  answers: 3,
  merged: true,
  oldest: Infinity,
  expires: 17,
  removal: 0,
  whole: true,
}));

function indexOf(entries: readonly (readonly [KeyStart, Place])[]): KeyIndex {
  const index = new KeyIndex();
  for (const [key, place] of entries) index.set(key, place);
  return index;
}

const wholeNumbers = fc.integer({ min: 0, max: 0xffff_ffff });
const entriesOf = (most: number) =>
  fc.uniqueArray(
    fc.tuple(
      fc.record({ high: wholeNumbers, low: wholeNumbers }),
      fc.record({
        segment: fc.constantFrom(4, 9),
        at: wholeNumbers,
        length: wholeNumbers,
        bytes: wholeNumbers,
        stamp: fc.nat(),
      }),
    ),
    { selector: ([{ high, low }]) => `${high} ${low}`, maxLength: most },
  );

/** Rows name segments by their place in the list. */
function asRead([, place]: readonly [KeyStart, Place]): Place {
  return { ...place, segment: place.segment === 4 ? 0 : 1 };
}

test('Checkpoint.find and entries give what was written, of any number of answers', async () => {
  await fc.assert(
    fc.asyncProperty(entriesOf(600), async (entries) => {
      const read = (await Checkpoint.open(await writeCheckpoint(segments, ['x'], indexOf(entries)))) as Checkpoint;
      expect(read.info).toMatchObject({ segments, void: ['x'] });
      for (const entry of entries.slice(0, 20)) expect(await read.find(entry[0])).toEqual(asRead(entry));
      const all: (readonly [KeyStart, Place])[] = [];
      for await (const part of read.entries()) all.push(...part);
      const sorted = (list: readonly unknown[]) => list.map((each) => JSON.stringify(each)).sort();
      expect(sorted(all)).toEqual(sorted(entries.map((entry) => [entry[0], asRead(entry)])));
    }),
    { numRuns: 30 },
  );
});

test('Checkpoint.find gives undefined for a key that is not there', async () => {
  const read = await Checkpoint.open(await writeCheckpoint(segments, [], new KeyIndex()));
  expect(await read?.find({ high: 1, low: 2 })).toBeUndefined();
});

const entries = Array.from({ length: 300 }, (_, i): [KeyStart, Place] => [
  { high: Math.imul(i, 2_654_435_761) >>> 0, low: i },
  { segment: 4, at: i, length: 1, bytes: 2, stamp: 3 },
]);
const blob = await writeCheckpoint(segments, [], indexOf(entries));
const bytes = new Uint8Array(await blob.arrayBuffer());

async function isRefused(file: Blob): Promise<boolean> {
  const read = await Checkpoint.open(file);
  if (!read) return true;
  try {
    for (const entry of entries) expect(await read.find(entry[0])).toEqual(asRead(entry));
    return false;
  } catch (error) {
    expect((error as Error).message).toBe('damaged');
    return true;
  }
}

test('Checkpoint refuses a file that is damaged anywhere, and never gives a wrong place', async () => {
  expect(await isRefused(blob)).toBe(false);
  for (let at = 0; at < bytes.byteLength; at += at < 600 ? 1 : 31) {
    const copy = bytes.slice();
    copy[at] = (copy[at] as number) ^ 0xff;
    expect([at, await isRefused(new Blob([copy]))]).toEqual([at, true]);
  }
});

test('Checkpoint refuses a file that is cut anywhere', async () => {
  for (let size = 0; size < bytes.byteLength; size += size < 600 ? 1 : 31)
    expect([size, await isRefused(blob.slice(0, size))]).toEqual([size, true]);
});
