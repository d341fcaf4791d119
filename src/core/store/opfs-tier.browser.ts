import { expect, test } from 'vitest';
import type { RefrainEvent } from '../report/events.ts';
import type { Entry } from './entry.ts';
import { Disk, putEach } from './opfs/disk-on-trial.ts';
import { type OpfsLimits, OpfsTier } from './opfs-tier.ts';
import { expectSame, keyNamed, nameOf, sampleEntry, type TierOnTrial, testTier } from './tier-contract.ts';

const roomy = 10_000_000;
const root = await navigator.storage.getDirectory();

function samples(names: string): Entry[] {
  return [...names].map((name, i) => sampleEntry(name, `answer ${name}`.repeat(20), { storedAt: 1000 + i }));
}

/** Names of those entries that are there. A wrong byte fails the test. */
async function namesIn(tier: OpfsTier, entries: readonly Entry[]): Promise<string> {
  let names = '';
  for (const entry of entries) {
    const got = await tier.get(entry.meta.key);
    if (!got) continue;
    await expectSame(got, entry);
    names += nameOf(entry.meta.key);
  }
  return names;
}

testTier('OpfsTier', async (budget): Promise<TierOnTrial> => {
  const disk = await Disk.create();
  let tier = disk.open(budget);
  const reopen = async () => {
    await tier.flush();
    tier = disk.open(budget);
    return tier;
  };
  return { tier, events: disk.events, reopen };
});

testTier('OpfsTier, with a checkpoint at every restart,', async (budget): Promise<TierOnTrial> => {
  const disk = await Disk.create();
  const limits = { neighbours: 3, target: 4000, uncovered: 1 };
  let tier = disk.open(budget, limits);
  const reopen = async () => {
    await tier.flush();
    await tier.maintain();
    tier = disk.open(budget, limits);
    return tier;
  };
  return { tier, events: disk.events, reopen };
});

/** Each answer in a segment of its own, all of them in a checkpoint. */
const apart: OpfsLimits = { neighbours: 100, target: 100_000_000, uncovered: 1 };

async function checkpointed() {
  const disk = await Disk.create();
  const entries = samples('abcdefghij');
  const tier = disk.open(roomy, apart);
  await putEach(tier, entries);
  await tier.maintain();
  const names = await disk.names();
  const [name = ''] = names.filter((each) => each.endsWith('.checkpoint'));
  expect(names).toHaveLength(11);
  return { disk, entries, name, bytes: await disk.read(name) };
}

test('OpfsTier.get looks the checkpoint up in place, and finds what is newer than it', async () => {
  const { disk, entries } = await checkpointed();
  const later = sampleEntry('b', 'later', { storedAt: 9000 });
  const tier = disk.open();
  await tier.remove(({ key }) => key === keyNamed('c'), 'purge');
  await putEach(tier, [later, sampleEntry('k')]);
  const next = disk.open();
  expect(await namesIn(next, [...samples('a'), ...entries.slice(2)])).toBe('adefghij');
  await expectSame(await next.get(keyNamed('b')), later);
  await expectSame(await next.get(keyNamed('k')), sampleEntry('k'));
  // All of it once more, from memory.
  expect(await next.usage()).toMatchObject({ entries: 10 });
  expect(await namesIn(next, [...samples('a'), ...entries.slice(2)])).toBe('adefghij');
  await expectSame(await next.get(keyNamed('b')), later);
});

test('OpfsTier.put takes answers before the checkpoint was read whole', async () => {
  const { disk, entries } = await checkpointed();
  const tier = disk.open();
  const later = sampleEntry('b', 'later', { storedAt: 9000 });
  await putEach(tier, [later]);
  await expectSame(await tier.get(keyNamed('b')), later);
  expect(await tier.usage()).toMatchObject({ entries: 10 });
  await expectSame(await disk.open().get(keyNamed('b')), later);
  expect(
    (
      await namesIn(
        tier,
        entries.filter(({ meta }) => meta.key !== keyNamed('b')),
      )
    ).length,
  ).toBe(9);
});

test('OpfsTier loses nothing, when a checkpoint is damaged or cut anywhere', async () => {
  const { disk, entries, name, bytes } = await checkpointed();
  for (let at = 0; at < bytes.byteLength; at += 37) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] as number) ^ 0xff;
    for (const content of [damaged, bytes.slice(0, at)]) {
      await disk.write(name, content);
      const tier = disk.open();
      expect([at, await namesIn(tier, entries)]).toEqual([at, 'abcdefghij']);
      expect([at, (await tier.usage()).entries]).toEqual([at, 10]);
    }
  }
});

test('OpfsTier loses nothing, when a checkpoint is deleted, or an older one is there too', async () => {
  const { disk, entries, name, bytes } = await checkpointed();
  await disk.folder.removeEntry(name);
  expect(await namesIn(disk.open(), entries)).toBe('abcdefghij');
  const tier = disk.open(roomy, apart);
  await tier.remove(({ key }) => key === keyNamed('c'), 'purge');
  await tier.maintain();
  await disk.write(name, bytes);
  await disk.write('000000000000001-x.checkpoint', bytes);
  expect(await namesIn(disk.open(), entries)).toBe('abdefghij');
});

test('OpfsTier loses only what was in them, when segments of a checkpoint are gone', async () => {
  const { disk, entries } = await checkpointed();
  for (const name of (await disk.names()).slice(0, 2)) await disk.folder.removeEntry(name);
  const tier = disk.open();
  expect(await namesIn(tier, entries)).toBe('cdefghij');
  expect(await tier.usage()).toMatchObject({ entries: 8 });
});

test('OpfsTier.get gives what an earlier worker flushed', async () => {
  const disk = await Disk.create();
  const entries = samples('abc');
  await putEach(disk.open(), entries);
  expect(await namesIn(disk.open(), entries)).toBe('abc');
});

test('OpfsTier.list and usage tell of what an earlier worker flushed', async () => {
  const disk = await Disk.create();
  const before = disk.open();
  await putEach(before, samples('abc'));
  const after = disk.open();
  expect(await after.list()).toEqual(await before.list());
  expect(await after.usage()).toEqual(await before.usage());
});

test('OpfsTier.flush writes all that was put in one file', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  for (const entry of samples('0123456789abcdefghijklmnopqrstuvwxyz')) void tier.put(entry);
  await tier.flush();
  expect(await disk.names()).toHaveLength(1);
});

test('OpfsTier writes in one more file all that was put while it wrote', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  const entries = samples('abcdef');
  void tier.put(entries[0] as Entry);
  // The folder is read and the first commit is under way when the others come.
  await tier.usage();
  for (const entry of entries.slice(1)) void tier.put(entry);
  await tier.flush();
  expect((await disk.names()).length).toBeLessThanOrEqual(2);
  expect(await namesIn(disk.open(), entries)).toBe('abcdef');
});

test('OpfsTier writes nothing, when there is nothing new', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  await tier.flush();
  expect(await disk.names()).toEqual([]);
  await putEach(tier, samples('a'));
  const names = await disk.names();
  await tier.flush();
  await tier.get(keyNamed('a'));
  expect(await disk.names()).toEqual(names);
});

test('OpfsTier.remove holds after a restart', async () => {
  const disk = await Disk.create();
  const entries = samples('abcd');
  const tier = disk.open();
  for (const entry of entries.slice(0, 3)) await tier.put(entry);
  await tier.flush();
  await putEach(tier, entries.slice(3));
  await tier.remove(({ key }) => key === keyNamed('b') || key === keyNamed('d'), 'purge');
  expect(await namesIn(disk.open(), entries)).toBe('ac');
});

test('OpfsTier.remove holds after a restart, for an answer that had replaced an older one', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  await tier.put(sampleEntry('a', 'old', { storedAt: 1 }));
  await tier.put(sampleEntry('b'));
  await tier.flush();
  await putEach(tier, [sampleEntry('a', 'new', { storedAt: 2 })]);
  await tier.remove(({ key }) => key === keyNamed('a'), 'purge');
  expect(await tier.get(keyNamed('a'))).toBeUndefined();
  expect(await disk.open().get(keyNamed('a'))).toBeUndefined();
});

test('OpfsTier.remove holds after a restart, when the test accepts only the older of two answers of a key', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  const fresh = sampleEntry('a', 'new', { storedAt: 2, modelVersion: '2' });
  await tier.put(sampleEntry('a', 'old', { storedAt: 1, modelVersion: '1' }));
  await tier.put(sampleEntry('b'));
  await tier.flush();
  await putEach(tier, [fresh]);
  await tier.remove(({ modelVersion }) => modelVersion === '1', 'model-version');
  await expectSame(await disk.open().get(keyNamed('a')), fresh);
});

test('OpfsTier.remove holds, when the answer was still being written', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  void tier.put(sampleEntry('a'));
  await tier.remove(() => true, 'purge');
  await tier.flush();
  expect(await tier.get(keyNamed('a'))).toBeUndefined();
  expect(await disk.open().get(keyNamed('a'))).toBeUndefined();
});

test('OpfsTier.remove holds, when a crash left the segments that were merged', async () => {
  const disk = await Disk.create();
  const entries = samples('abcdefgh');
  const tier = disk.open();
  await putEach(tier, entries);
  const old = new Map(
    await Promise.all((await disk.names()).map(async (name) => [name, await disk.read(name)] as const)),
  );
  await tier.remove(({ key }) => key === keyNamed('b'), 'purge');
  const removed = [...old.keys()][1] as string;
  expect(await disk.names()).not.toContain(removed);
  old.delete(removed);
  await tier.maintain();
  for (const [name, bytes] of old) await disk.write(name, bytes);
  const next = disk.open();
  expect(await namesIn(next, entries)).toBe('acdefgh');
  await next.maintain();
  for (const name of old.keys()) expect(await disk.names()).not.toContain(name);
  expect(await namesIn(disk.open(), entries)).toBe('acdefgh');
});

test('OpfsTier.remove leaves no file, when nothing is left', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  await putEach(tier, samples('abc'));
  await tier.remove(() => true, 'purge');
  expect(await disk.names()).toEqual([]);
});

test('OpfsTier deletes a segment, when newer answers have replaced all of it', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  await putEach(tier, [sampleEntry('a', 'old', { storedAt: 1 })]);
  const [old] = await disk.names();
  await putEach(tier, [sampleEntry('a', 'new', { storedAt: 2 })]);
  expect(await disk.names()).not.toContain(old);
  expect(await disk.names()).toHaveLength(1);
});

test('OpfsTier gives the later of two answers of one key and one moment, after a restart', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  const versions = Array.from({ length: 8 }, (_, i) => sampleEntry('a', `version ${i}`, { storedAt: 5 }));
  for (const [i, version] of versions.entries()) {
    // A neighbour of its own keeps each older segment alive.
    await tier.put(sampleEntry(`neighbour ${i}`));
    await putEach(tier, [version]);
  }
  await expectSame(await tier.get(keyNamed('a')), versions.at(-1));
  await expectSame(await disk.open().get(keyNamed('a')), versions.at(-1));
});

test('OpfsTier evicts the oldest answers first, and whole segments, when the budget is passed', async () => {
  const disk = await Disk.create();
  const entries = samples('abcdef');
  const first = disk.open();
  await putEach(first, entries.slice(0, 1));
  const { bytes } = await first.usage();
  const tier = disk.open(3 * bytes + 100);
  await putEach(tier, entries.slice(1));
  expect(await namesIn(tier, entries)).toBe('def');
  expect(disk.keysRemoved('evict')).toEqual(['a', 'b', 'c'].map(keyNamed));
  expect(await namesIn(disk.open(), entries)).toBe('def');
});

test('OpfsTier.maintain merges small segments, compresses them, and keeps every answer', async () => {
  const disk = await Disk.create();
  const entries = samples('0123456789abcdefghijklmnopqrst');
  const tier = disk.open();
  await putEach(tier, entries);
  const { bytes } = await tier.usage();
  await tier.maintain();
  expect((await disk.names()).filter((name) => name.endsWith('.segment'))).toHaveLength(1);
  expect((await tier.usage()).bytes).toBeLessThan(bytes * 0.8);
  expect((await namesIn(tier, entries)).length).toBe(30);
  expect((await namesIn(disk.open(), entries)).length).toBe(30);
  expect(await disk.open().list()).toEqual(await tier.list());
  expect(disk.events).toEqual([]);
  const names = await disk.names();
  await tier.maintain();
  expect(await disk.names()).toEqual(names);
});

test('OpfsTier.maintain merges merged segments again, when there are many of one size', async () => {
  const disk = await Disk.create();
  const entries = samples('0123456789abcdefghijklmnopqrstuvwxyz');
  const tier = disk.open(roomy, { neighbours: 3, target: 1_000_000, uncovered: 8 });
  for (const entry of entries) {
    await putEach(tier, [entry]);
    await tier.maintain();
    expect((await disk.names()).length).toBeLessThan(12);
  }
  expect((await namesIn(disk.open(), entries)).length).toBe(36);
});

test('OpfsTier.maintain frees the space of what was removed and replaced', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  const noise = () => crypto.getRandomValues(new Uint8Array(10_000));
  for (const name of 'abcdefghij') await tier.put(sampleEntry(name, noise()));
  await tier.flush();
  const { bytes } = await tier.usage();
  for (const name of 'abcdef') await tier.put(sampleEntry(name, 'short', { storedAt: 2_000_000 }));
  await tier.flush();
  await tier.remove(({ key }) => 'ghi'.includes(nameOf(key)), 'purge');
  await tier.maintain();
  expect((await tier.usage()).bytes).toBeLessThan(bytes * 0.25);
  expect((await disk.open().list()).map(({ key }) => nameOf(key)).sort()).toEqual([...'abcdefj']);
});

test('OpfsTier.maintain removes what has been stale for a day, and reports it', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  const old = samples('ab').map((entry) => ({ ...entry, meta: { ...entry.meta, ttl: 10 } }));
  const lasting = samples('abc').slice(2);
  await putEach(tier, [...old, ...lasting]);
  await tier.maintain();
  expect(await disk.names()).toHaveLength(3);
  disk.now += 24 * 60 * 60 * 1000 + 11_000;
  await tier.maintain();
  expect(disk.keysRemoved('expire').map(nameOf).sort()).toEqual(['a', 'b']);
  expect(await namesIn(disk.open(), [...old, ...lasting])).toBe('c');
});

test('OpfsTier carries over what was served, when it evicts, but not for ever', async () => {
  const disk = await Disk.create();
  const noise = () => crypto.getRandomValues(new Uint8Array(10_000));
  const tier = disk.open(110_000);
  for (const name of 'abcd') await tier.put(sampleEntry(name, noise()));
  await tier.flush();
  tier.noteUse(keyNamed('c'));
  await tier.maintain();
  for (const name of 'efghij') await putEach(tier, [sampleEntry(name, noise())]);
  // Another worker knows what was served in this one's time.
  const next = disk.open(60_000);
  await putEach(next, [sampleEntry('k', noise())]);
  expect((await next.list()).map(({ key }) => nameOf(key)).sort()).toContain('c');
  expect(disk.keysRemoved('evict').map(nameOf)).toEqual(expect.arrayContaining(['a', 'b', 'd']));
  for (const name of 'lmnopqr') await putEach(next, [sampleEntry(name, noise())]);
  expect((await next.list()).map(({ key }) => nameOf(key))).not.toContain('c');
});

test('OpfsTier keeps large segments apart, however many there are', async () => {
  const disk = await Disk.create();
  const tier = disk.open(100_000_000);
  const large = new Uint8Array(1_100_000);
  await putEach(tier, [sampleEntry('0', large), sampleEntry('1', large), ...samples('abcdefghijklmnopqrstuvwxyz')]);
  const sizes = await Promise.all((await disk.names()).map(async (name) => (await disk.read(name)).byteLength));
  expect(sizes.filter((size) => size > 1_000_000)).toHaveLength(2);
});

/** A folder with one segment of four answers, its name and its bytes. */
async function oneSegment() {
  const disk = await Disk.create();
  const entries = samples('abcd');
  const tier = disk.open();
  for (const entry of entries) await tier.put(entry);
  await tier.flush();
  const [name = ''] = await disk.names();
  return { disk, entries, name, bytes: await disk.read(name) };
}

/** Offset behind each of the four answers, in the order they lie in the file: each body ends with its own last letter. */
async function endsOf(bytes: Uint8Array, entries: readonly Entry[]): Promise<number[]> {
  const latin1 = new TextDecoder('latin1');
  const text = latin1.decode(bytes);
  const bodies = await Promise.all(
    entries.map(async ({ body }) => latin1.decode(await new Response(body).arrayBuffer())),
  );
  return bodies.map((body) => text.indexOf(body) + body.length);
}

test('OpfsTier keeps the answers before the cut, when a segment was truncated anywhere', async () => {
  const { disk, entries, name, bytes } = await oneSegment();
  const ends = await endsOf(bytes, entries);
  const sizes = [...Array.from({ length: 40 }, (_, i) => 8 + Math.floor((i * (bytes.byteLength - 9)) / 40)), ...ends];
  for (const size of sizes) {
    await disk.write(name, bytes.slice(0, size));
    const whole = 'abcd'.slice(0, ends.filter((end) => end <= size).length);
    const tier = disk.open();
    expect([size, await namesIn(tier, entries)]).toEqual([size, whole]);
    await tier.flush();
  }
});

test('OpfsTier loses no answer but the damaged one, when a byte of a segment was flipped', async () => {
  const { disk, entries, name, bytes } = await oneSegment();
  const ends = await endsOf(bytes, entries);
  for (let at = 0; at < bytes.byteLength; at += 67) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] as number) ^ 0xff;
    await disk.write(name, damaged);
    const hurt = ends.findIndex((end) => at < end);
    const sound = 'abcd'.replace('abcd'[hurt] ?? '', '');
    const tier = disk.open();
    const found = await namesIn(tier, entries);
    expect([at, [...sound].filter((letter) => !found.includes(letter))]).toEqual([at, []]);
    await tier.flush();
    // What was found damaged is gone for good, and what was sound has survived the rewriting.
    expect([at, await namesIn(disk.open(), entries)]).toEqual([at, found]);
    await disk.empty();
  }
});

test('OpfsTier reports a damaged answer as removed, once, and keeps its neighbours', async () => {
  const { disk, entries, name, bytes } = await oneSegment();
  const damaged = bytes.slice();
  const inB = ((await endsOf(bytes, entries))[1] ?? 0) - 1;
  damaged[inB] = 0;
  await disk.write(name, damaged);
  const tier = disk.open();
  expect(await namesIn(tier, entries)).toBe('acd');
  expect(await namesIn(tier, entries)).toBe('acd');
  await tier.flush();
  expect(disk.keysRemoved('damaged')).toEqual([keyNamed('b')]);
  expect((await tier.list()).map(({ key }) => nameOf(key)).sort()).toEqual(['a', 'c', 'd']);
});

test('OpfsTier takes a new answer for a key whose old one was damaged', async () => {
  const { disk, entries, name, bytes } = await oneSegment();
  const damaged = bytes.slice();
  damaged[((await endsOf(bytes, entries))[0] ?? 0) - 1] = 0;
  await disk.write(name, damaged);
  const tier = disk.open();
  expect(await tier.get(keyNamed('a'))).toBeUndefined();
  const fresh = sampleEntry('a', 'new', { storedAt: 5000 });
  await tier.put(fresh);
  await tier.flush();
  await expectSame(await tier.get(keyNamed('a')), fresh);
  await expectSame(await disk.open().get(keyNamed('a')), fresh);
});

test('OpfsTier loses only what was in it, when a segment is deleted under the worker', async () => {
  const disk = await Disk.create();
  const entries = samples('abc');
  const tier = disk.open();
  await putEach(tier, entries);
  const [, second = ''] = await disk.names();
  await disk.folder.removeEntry(second);
  expect(await namesIn(tier, entries)).toBe('ac');
  expect(await namesIn(disk.open(), entries)).toBe('ac');
});

test('OpfsTier loses only what was in it, when a segment is overwritten under the worker', async () => {
  const disk = await Disk.create();
  const entries = samples('abc');
  const tier = disk.open();
  await putEach(tier, entries);
  const [first = '', second = ''] = await disk.names();
  await disk.write(first, 'no segment any more');
  await disk.write(second, (await disk.read(second)).slice(0, 100));
  expect(await namesIn(tier, entries)).toBe('c');
  await tier.flush();
  expect(await namesIn(tier, entries)).toBe('c');
});

test('OpfsTier goes on writing, when all its files were deleted under it', async () => {
  const disk = await Disk.create();
  const entries = samples('abc');
  const tier = disk.open();
  await putEach(tier, entries.slice(0, 2));
  await disk.empty();
  expect(await namesIn(tier, entries)).toBe('');
  await putEach(tier, entries.slice(2));
  expect(await namesIn(tier, entries)).toBe('c');
  expect(await namesIn(disk.open(), entries)).toBe('c');
});

test('OpfsTier.maintain deletes a segment of no bytes, which is a commit that never was', async () => {
  const { disk, entries } = await oneSegment();
  await disk.write('000000000000001-x.segment', '');
  // A young one may be what another worker is writing.
  disk.now = Date.now() + 120_000;
  const tier = disk.open();
  expect(await namesIn(tier, entries)).toBe('abcd');
  await tier.maintain();
  expect(await disk.names()).not.toContain('000000000000001-x.segment');
});

test('OpfsTier.maintain deletes what a crash has left of a write, once it is older than a minute', async () => {
  const { disk, name, bytes } = await oneSegment();
  const leftovers = [`${name}.crswap`, 'probe', 'probe.crswap'];
  for (const left of leftovers) await disk.write(left, bytes);
  const tier = disk.open();
  await tier.maintain();
  expect(await disk.names()).toHaveLength(4);
  disk.now = Date.now() + 120_000;
  await disk.open().maintain();
  const names = await disk.names();
  for (const left of leftovers) expect(names).not.toContain(left);
});

test('OpfsTier leaves foreign files and folders alone', async () => {
  const { disk, entries, bytes } = await oneSegment();
  const foreign = {
    'notes.txt': 'mine',
    empty: '',
    'newer.segment': `REFRAIN3 and more than fits into a footer: ${'x'.repeat(104)}`,
    'text.segment': 'x',
  };
  for (const [name, content] of Object.entries(foreign)) await disk.write(name, content);
  await disk.write('copy.bak', bytes);
  await disk.folder.getDirectoryHandle('folder.segment', { create: true });
  // However old they are.
  disk.now = Date.now() + 120_000;
  const tier = disk.open();
  expect(await namesIn(tier, entries)).toBe('abcd');
  await putEach(tier, samples('e'));
  await tier.maintain();
  tier.setBudget(0);
  await tier.remove(() => true, 'purge');
  await tier.flush();
  for (const [name, content] of Object.entries(foreign))
    expect(new TextDecoder().decode(await disk.read(name))).toBe(content);
  expect(await disk.read('copy.bak')).toEqual(bytes);
  expect(await disk.names()).toEqual([...Object.keys(foreign), 'copy.bak', 'folder.segment'].sort());
});

test('OpfsTier keeps an answer that another worker is writing while it starts', async () => {
  const { disk, entries, bytes, name } = await oneSegment();
  await disk.empty();
  const handle = await disk.folder.getFileHandle(name, { create: true });
  const writable = await handle.createWritable();
  await writable.write(bytes);
  const tier = disk.open();
  await putEach(tier, [sampleEntry('e')]);
  await writable.close();
  expect(await namesIn(disk.open(), entries)).toBe('abcd');
});

test('OpfsTier misses and never fails, where there is no folder', async () => {
  const events: RefrainEvent[] = [];
  const directory = () => Promise.reject(new DOMException('refused', 'SecurityError'));
  const tier = new OpfsTier(
    { directory, exclusive: (work) => work(), now: () => 0, report: (event) => events.push(event) },
    roomy,
  );
  await tier.put(sampleEntry('a'));
  await tier.flush();
  expect(await tier.get(keyNamed('a'))).toBeUndefined();
  expect(await tier.list()).toEqual([]);
  expect(await tier.remove(() => true, 'purge')).toEqual([]);
  expect(await tier.usage()).toEqual({ entries: 0, bodyBytes: 0, bytes: 0, budget: roomy });
  tier.setBudget(1);
  await tier.put(sampleEntry('b'));
  await tier.flush();
  expect(tier.trouble).toContain('refused');
  expect(events).toEqual([{ type: 'problem', code: 'no-disk', message: expect.stringContaining('refused') }]);
});

test('OpfsTier deletes what version 1 has left', async () => {
  const { disk, entries } = await oneSegment();
  await disk.write('000000000000001-x.segment', 'REFRAIN1 and answers');
  const tier = disk.open();
  expect(await namesIn(tier, entries)).toBe('abcd');
  await tier.maintain();
  expect(await disk.names()).toHaveLength(1);
});

/** A folder with all there can be: a merged segment, plain ones, a removal, a checkpoint. */
async function everyKind() {
  const disk = await Disk.create();
  const entries = samples('abcdefgh');
  const limits = { neighbours: 4, target: 1_000_000, uncovered: 1 };
  const tier = disk.open(roomy, limits);
  await putEach(tier, entries.slice(0, 4));
  await tier.maintain();
  for (const entry of entries.slice(4, 7)) await tier.put(entry);
  await tier.flush();
  await tier.remove(({ key }) => 'cf'.includes(nameOf(key)), 'purge');
  await tier.maintain();
  await putEach(tier, entries.slice(7));
  const names = await disk.names();
  expect(names).toHaveLength(6);
  return {
    disk,
    entries,
    files: await Promise.all(names.map(async (name) => ({ name, bytes: await disk.read(name) }))),
  };
}

test('OpfsTier gives no wrong byte, nothing that was removed, and loses one answer at most, when a byte of any file is flipped', async () => {
  const { disk, entries, files } = await everyKind();
  for (const { name, bytes } of files)
    for (let at = 0; at < bytes.byteLength; at += 23) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ 0xff;
      await disk.empty();
      for (const file of files) await disk.write(file.name, file.name === name ? damaged : file.bytes);
      const tier = disk.open();
      const found = await namesIn(tier, entries);
      expect([name, at, found.replace(/[abdegh]/g, '')]).toEqual([name, at, '']);
      expect([name, at, found.length]).toEqual([name, at, Math.max(5, found.length)]);
      await tier.flush();
      expect([name, at, await namesIn(disk.open(), entries)]).toEqual([name, at, found]);
    }
}, 120_000);

test('OpfsTier gives no wrong byte and starts, when any file is cut, emptied, deleted or doubled', async () => {
  const { disk, entries, files } = await everyKind();
  for (const { name, bytes } of files)
    for (const size of [
      0,
      1,
      15,
      16,
      100,
      bytes.byteLength >> 1,
      bytes.byteLength - 105,
      bytes.byteLength - 1,
      -1,
      -2,
    ]) {
      await disk.empty();
      for (const file of files) await disk.write(file.name, file.bytes);
      if (size === -1) await disk.folder.removeEntry(name);
      else if (size === -2) await disk.write(`000000000000001-x${name.slice(name.indexOf('.'))}`, bytes);
      else await disk.write(name, bytes.slice(0, size));
      const tier = disk.open();
      await namesIn(tier, entries);
      await putEach(tier, samples('i'));
      await tier.maintain();
      expect(await namesIn(disk.open(), [...entries, ...samples('i')])).toContain('i');
    }
}, 120_000);

test('OpfsTier.verify finds nothing, where all is sound, and loses nothing', async () => {
  const { disk, entries } = await checkpointed();
  const tier = disk.open();
  const steps: string[] = [];
  expect(await tier.verify(({ step }) => steps.push(step))).toEqual({
    ...{ rebuilt: 0, checked: 10, damaged: 0, swept: 0, newer: 0 },
  });
  expect([...new Set(steps)]).toEqual(['indexes', 'records', 'files', 'segments', 'checkpoint']);
  expect(await namesIn(tier, entries)).toBe('abcdefghij');
  expect(await namesIn(disk.open(), entries)).toBe('abcdefghij');
});

test('OpfsTier.verify mends each kind of damage, and says what it found', async () => {
  const { disk, entries, bytes } = await oneSegment();
  const [name = ''] = await disk.names();
  const ends = await endsOf(bytes, entries);
  const damaged = bytes.slice();
  damaged[(ends[1] as number) - 1] = 0;
  damaged[bytes.byteLength - 20] = (damaged[bytes.byteLength - 20] as number) ^ 1;
  await disk.write(name, damaged);
  await disk.write('000000000000001-x.segment', 'REFRAIN1 and answers');
  await disk.write('000000000000002-x.segment', 'REFRAIN3 and answers');
  const tier = disk.open();
  expect(await tier.verify()).toEqual({ rebuilt: 1, checked: 3, damaged: 0, swept: 1, newer: 1 });
  expect(await disk.names()).not.toContain(name);
  expect(await namesIn(tier, entries)).toBe('acd');
  expect(await tier.verify()).toEqual({ rebuilt: 0, checked: 3, damaged: 0, swept: 0, newer: 1 });
  expect(await namesIn(disk.open(), entries)).toBe('acd');
});

test('OpfsTier.verify removes answers that are damaged, and reports them', async () => {
  const { disk, entries, name, bytes } = await oneSegment();
  const damaged = bytes.slice();
  damaged[((await endsOf(bytes, entries))[1] as number) - 1] = 0;
  await disk.write(name, damaged);
  const tier = disk.open();
  expect(await tier.verify()).toMatchObject({ checked: 4, damaged: 1 });
  expect(disk.keysRemoved('damaged').map(nameOf)).toEqual(['b']);
  expect(await namesIn(tier, entries)).toBe('acd');
});

test('OpfsTier keeps what is put while it verifies', async () => {
  const { disk } = await checkpointed();
  const tier = disk.open();
  const verifying = tier.verify();
  const entries = samples('klmno');
  await putEach(tier, entries);
  await verifying;
  expect(await namesIn(tier, entries)).toBe('klmno');
  expect(await tier.usage()).toMatchObject({ entries: 15 });
  expect(await namesIn(disk.open(), entries)).toBe('klmno');
});

/** Two workers that share a folder, as during an update. */
async function twoWorkers() {
  const disk = await Disk.create();
  const entries = samples('abcdefghij');
  const [one, other] = [disk.open(), disk.open()] as const;
  await Promise.all([one.open(), other.open()]);
  await putEach(one, entries.slice(0, 5));
  await putEach(other, entries.slice(5));
  return { disk, entries, one, other };
}

test('OpfsTier finds an answer that another worker has merged meanwhile', async () => {
  const { disk, entries, one, other } = await twoWorkers();
  await one.maintain();
  expect(await disk.names()).toHaveLength(1);
  expect(await namesIn(other, entries.slice(5))).toBe('fghij');
  expect(await namesIn(other, entries)).toBe('abcdefghij');
  expect(disk.events).toEqual([]);
});

test('OpfsTier.remove removes what another worker has written too', async () => {
  const { disk, entries, one } = await twoWorkers();
  expect(await one.remove(({ key }) => 'bh'.includes(nameOf(key)), 'purge')).toHaveLength(2);
  expect(await namesIn(disk.open(), entries)).toBe('acdefgij');
});

test('OpfsTier loses nothing and does nothing twice, when two workers maintain, put and remove at once', async () => {
  const { disk, entries, one, other } = await twoWorkers();
  const more = samples('klmnopqrst');
  await Promise.all([
    one.maintain(),
    other.maintain(),
    putEach(one, more.slice(0, 5)),
    putEach(other, more.slice(5)),
    other.remove(({ key }) => nameOf(key) === 'c', 'purge'),
  ]);
  await Promise.all([one.maintain(), other.maintain(), one.verify()]);
  const next = disk.open();
  expect(await namesIn(next, [...entries, ...more])).toBe('abdefghijklmnopqrst');
  expect(await next.list()).toHaveLength(19);
});

test('OpfsTier rests after a write was refused, and then tries again', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  await tier.usage();
  // Its folder is gone: no file can be made in it any more.
  await root.removeEntry(disk.folder.name, { recursive: true });
  await putEach(tier, samples('a'));
  expect(disk.events.filter(({ type }) => type === 'problem')).toHaveLength(1);
  expect(tier.trouble).toBeDefined();
  expect(await tier.get(keyNamed('a'))).toBeUndefined();
  await putEach(tier, samples('b'));
  expect(disk.events.filter(({ type }) => type === 'problem')).toHaveLength(1);
  disk.now += 60_000;
  await putEach(tier, samples('c'));
  // Tried again with one byte, and said once.
  expect(disk.events.filter(({ type }) => type === 'problem')).toHaveLength(1);
  expect(tier.trouble).toBeDefined();
});
