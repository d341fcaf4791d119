import { expect, test } from 'vitest';
import type { Entry } from '../entry.ts';
import { keyNamed, sampleEntry } from '../tier-contract.ts';
import { kindOf, readRecords, rebuildIndex } from './rebuild.ts';
import { readRecord } from './record.ts';
import { readIndex, readMetas, type SegmentContent, type SegmentIndex, writeSegment } from './segment.ts';

const entries = [
  sampleEntry('a', 'data: first\n\n'),
  sampleEntry('b', ''),
  sampleEntry(
    'c',
    Uint8Array.from({ length: 40 }, (_, i) => 255 - i),
    { model: '模型', ttl: null },
  ),
];
const names = ['a', 'b', 'c'];
const bodies = await Promise.all(entries.map(bytesIn));
const content: SegmentContent = {
  records: entries.map(({ meta }, i) => ({ meta, stamp: 7, flags: 0, body: bodies[i] as Uint8Array<ArrayBuffer> })),
  removals: [{ key: keyNamed('r'), stamp: 6 }],
  replaces: ['old.segment', 'older.segment'],
  merged: false,
};

const { blob, index } = await writeSegment(content);
const bytes = new Uint8Array(await blob.arrayBuffer());
const records = names.map((name, i) => {
  const { at, length } = index.rows.place(i, 1);
  return { name, from: at, to: at + length };
});

async function bytesIn({ body }: Pick<Entry, 'body'>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(body).arrayBuffer());
}

/** What a reader gets out of a file: names of entries, each with the right bytes. A wrong byte fails the test. */
async function namesIn(file: Blob): Promise<string[] | undefined> {
  if ((await kindOf(file)) !== 'segment') return undefined;
  const found = (await readIndex(file)) ?? (await rebuildIndex(file));
  const sound: string[] = [];
  for (let i = 0; i < found.rows.count; i++) {
    const { at, length } = found.rows.place(i, 1);
    const record = length > 0 ? await readRecord(file, at, length) : undefined;
    if (!record) continue;
    const which = entries.findIndex(({ meta }) => meta.key === record.meta.key);
    expect(record.meta).toEqual(entries[which]?.meta);
    expect(await bytesIn(record)).toEqual(bodies[which]);
    sound.push(names[which] as string);
  }
  return sound;
}

function flipped(at: number): Blob {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ 0xff;
  return new Blob([copy]);
}

function rowsIn({ rows }: SegmentIndex) {
  return Array.from({ length: rows.count }, (_, i) => [rows.key(i), rows.expires(i), rows.place(i, 1)]);
}

test('readIndex gives back what writeSegment wrote, and rebuildIndex the same', async () => {
  for (const found of [await readIndex(blob), await rebuildIndex(blob)]) {
    expect(found).toMatchObject({
      oldest: 7,
      expires: Infinity,
      removal: 6,
      merged: false,
      replaces: content.replaces,
    });
    expect(rowsIn(found as SegmentIndex)).toEqual(rowsIn(index));
  }
  expect((await rebuildIndex(blob)).whole).toBe(false);
});

test('readRecord gives each answer to the byte', async () => {
  expect(await namesIn(blob)).toEqual(names);
});

test('readMetas gives each meta, compressed or not', async () => {
  const merged = await writeSegment({ ...content, merged: true });
  for (const { blob: file, index: found } of [{ blob, index }, merged])
    expect(await readMetas(file, found)).toEqual(entries.map(({ meta }) => meta));
});

test('writeSegment takes no record at all', async () => {
  const empty = await writeSegment({ records: [], removals: [], replaces: [], merged: true });
  const found = (await readIndex(empty.blob)) as SegmentIndex;
  expect(found).toMatchObject({ oldest: Infinity, expires: 0, removal: 0, replaces: [] });
  expect(found.rows.count).toBe(0);
  expect(await readMetas(empty.blob, found)).toEqual([]);
});

test('A segment cut at any byte gives the answers that are whole', async () => {
  for (let size = 16; size < bytes.byteLength; size++) {
    const whole = records.filter(({ to }) => to <= size).map(({ name }) => name);
    expect([size, await namesIn(blob.slice(0, size))]).toEqual([size, whole]);
  }
});

test('A segment loses no answer but the one whose bytes are damaged, when any byte is flipped', async () => {
  for (let at = 0; at < bytes.byteLength; at++) {
    const sound = records.filter(({ from, to }) => at < from || at >= to).map(({ name }) => name);
    const found = await namesIn(flipped(at));
    expect([at, sound.filter((name) => !found?.includes(name))]).toEqual([at, []]);
  }
});

test('A segment loses no answer but the one whose bytes are damaged, when its end is cut off too', async () => {
  const end = (records.at(-1)?.to ?? 0) + 1;
  for (let at = 16; at < end - 1; at++) {
    const sound = records.filter(({ from, to }) => at < from || at >= to).map(({ name }) => name);
    expect([at, await namesIn(flipped(at).slice(0, end))]).toEqual([at, sound]);
  }
});

test('readIndex takes no segment of another version, though it is built alike', async () => {
  for (const version of ['1', '3']) {
    const other = bytes.slice();
    for (const end of [8, other.byteLength]) other[end - 1] = version.charCodeAt(0);
    expect(await readIndex(new Blob([other]))).toBeUndefined();
    expect(await kindOf(new Blob([other]))).toBe(version === '1' ? 'older' : 'newer');
  }
});

test('rebuildIndex takes nothing inside an answer for a record', async () => {
  const inner = sampleEntry('x', bytes);
  const body = await bytesIn(inner);
  const outer = await writeSegment({ ...content, records: [{ meta: inner.meta, stamp: 1, flags: 0, body }] });
  const hurt = new Uint8Array(await outer.blob.arrayBuffer());
  hurt[40] = 0xff;
  expect(await readRecords(new Blob([hurt.slice(0, -1)]))).toHaveLength(1);
  expect((await rebuildIndex(new Blob([hurt.slice(0, -1)]))).rows.count).toBe(1);
});

test('readRecord checks an answer of several megabytes in parts, and finds a byte that is wrong in any of them', async () => {
  const body = Uint8Array.from({ length: 2_500_000 }, (_, i) => i % 251);
  const large = sampleEntry('l', body);
  const { blob: file, index: found } = await writeSegment({
    ...content,
    records: [{ meta: large.meta, stamp: 1, flags: 0, body }],
  });
  const { at, length } = found.rows.place(0, 1);
  const read = await readRecord(file, at, length);
  expect(Buffer.compare(await bytesIn(read as Entry), body)).toBe(0);
  expect(await readRecords(file)).toHaveLength(2);
  const whole = new Uint8Array(await file.arrayBuffer());
  for (const wrong of [at + 500, at + 1_048_576 + 24, at + 1_048_576 + 23, at + 2_400_000]) {
    const hurt = whole.slice();
    hurt[wrong] = (hurt[wrong] as number) ^ 1;
    expect(await readRecord(new Blob([hurt]), at, length)).toBeUndefined();
  }
});

test('readRecord gives undefined, when the place lies elsewhere or outside the file', async () => {
  const { at, length } = index.rows.place(0, 1);
  expect(await readRecord(blob, at, length + 1)).toBeUndefined();
  expect(await readRecord(blob, at + 1, length)).toBeUndefined();
  expect(await readRecord(blob, blob.size - 1, length)).toBeUndefined();
  expect(await readRecord(blob, blob.size + 1, length)).toBeUndefined();
});

test.each([
  ['nothing', '', 'foreign'],
  [
    'a text',
    'Hello, this is a text that is longer than the footer of a segment would be, by far. '.repeat(3),
    'foreign',
  ],
  ['an older version', 'REFRAIN1 and whatever it holds', 'older'],
  ['a newer version', 'REFRAIN3 and whatever it holds', 'newer'],
])('kindOf knows %s', async (_what, text, kind) => {
  expect(await kindOf(new Blob([text]))).toBe(kind);
});
