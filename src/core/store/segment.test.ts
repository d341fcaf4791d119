import { expect, test } from 'vitest';
import type { Entry } from './entry.ts';
import { type Location, readBody, readSegment, writeSegment } from './segment.ts';
import { keyNamed, sampleEntry } from './tier-contract.ts';

const entries = [
  sampleEntry('a', 'data: first\n\n'),
  sampleEntry('b', ''),
  sampleEntry(
    'c',
    Uint8Array.from({ length: 40 }, (_, i) => 255 - i),
    { model: '模型' },
  ),
];

const { blob, index } = await writeSegment(entries, ['old.segment']);
const bytes = new Uint8Array(await blob.arrayBuffer());

/** Where in the file each record begins and ends. */
const records = index.entries.map(({ meta, at, length }, i) => {
  const before = index.entries[i - 1];
  return { key: meta.key, from: before ? before.at + before.length : 8, to: at + length };
});
const recordsEnd = records.at(-1)?.to ?? 0;

function nameOf({ meta }: { meta: { key: string } }): string {
  return meta.key.replace(/0+$/, '');
}

const bodies = new Map<Entry, Uint8Array>();
for (const entry of entries) bodies.set(entry, new Uint8Array(await entry.body.arrayBuffer()));

/** What a reader gets out of a file: names of entries, each with the right bytes. A wrong byte fails the test. */
async function namesIn(file: Blob): Promise<string[] | undefined> {
  const segment = await readSegment(file);
  if (!segment) return undefined;
  const names: string[] = [];
  for (const location of segment.entries) {
    const body = await readBody(file, location);
    if (!body) continue;
    const written = entries.find(({ meta }) => meta.key === location.meta.key) as Entry;
    expect(location.meta).toEqual(written.meta);
    expect(body).toEqual(bodies.get(written));
    names.push(nameOf(location));
  }
  return names;
}

function flipped(at: number, by = 0xff): Blob {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ by;
  return new Blob([copy]);
}

test('readSegment gives back the index that writeSegment gave', async () => {
  expect(await readSegment(blob)).toEqual({ ...index, whole: true });
  expect(index.replaces).toEqual(['old.segment']);
});

test('readBody gives each body to the byte', async () => {
  expect(await namesIn(blob)).toEqual(['a', 'b', 'c']);
});

test('writeSegment takes no entry at all', async () => {
  const empty = await writeSegment([], ['x']);
  expect(await readSegment(empty.blob)).toEqual({ entries: [], replaces: ['x'], whole: true });
});

test('readSegment rebuilds the index from the records, when it is damaged', async () => {
  const segment = await readSegment(flipped(recordsEnd + 10));
  expect(segment?.whole).toBe(false);
  expect(segment?.entries).toEqual(index.entries);
});

test('readSegment finds the records that are whole, when the file is cut at any byte', async () => {
  for (let size = 8; size < bytes.byteLength; size++) {
    const whole = records.filter(({ to }) => to <= size).map(({ key }) => key.replace(/0+$/, ''));
    expect([size, await namesIn(blob.slice(0, size))]).toEqual([size, whole]);
  }
});

test('readSegment finds no segment, when less than its first bytes is left', async () => {
  for (let size = 0; size < 8; size++) expect(await readSegment(blob.slice(0, size))).toBeUndefined();
});

test('readSegment loses no entry but the one whose bytes are damaged, when any byte is flipped', async () => {
  const lost: [number, string[]][] = [];
  for (let at = 0; at < bytes.byteLength; at++) {
    const names = await namesIn(flipped(at));
    const sound = records.filter(({ from, to }) => at < from || at >= to).map(({ key }) => key.replace(/0+$/, ''));
    const missing = sound.filter((name) => !names?.includes(name));
    if (missing.length > 0) lost.push([at, missing]);
  }
  expect(lost).toEqual([]);
});

test('readSegment never gives a wrong byte, when the file is cut and a byte is flipped too', async () => {
  for (let at = 0; at < recordsEnd; at += 3)
    for (const size of [recordsEnd, recordsEnd - 1]) await namesIn(flipped(at).slice(0, size));
});

test('readSegment goes on behind a record whose meta is damaged, when the index is gone', async () => {
  const [first] = index.entries as readonly [Location, ...Location[]];
  const inMeta = flipped(first.at - 20).slice(0, recordsEnd);
  expect(await namesIn(inMeta)).toEqual(['b', 'c']);
});

test('readSegment reads the records, when something was appended to the file', async () => {
  expect(await namesIn(new Blob([blob, 'more']))).toEqual(['a', 'b', 'c']);
});

test.each([
  ['nothing', ''],
  ['a text', 'Hello, this is a text that is longer than the trailer of a segment would be, by far.'],
  ['a newer version', 'REFRAIN2 and whatever it holds'],
])('readSegment finds no segment in %s', async (_what, content) => {
  expect(await readSegment(new Blob([content]))).toBeUndefined();
});

test('readBody gives undefined, when the location lies outside the file', async () => {
  const [first] = index.entries as readonly [Location, ...Location[]];
  expect(await readBody(blob, { ...first, at: bytes.byteLength - 1 })).toBeUndefined();
  expect(await readBody(blob, { ...first, length: first.length + 1 })).toBeUndefined();
  expect(await readBody(blob, { ...first, at: first.at + 1 })).toBeUndefined();
  expect(keyNamed('a')).toBe(first.meta.key);
});
