import { afterEach, expect, test, vi } from 'vitest';
import type { OpfsLimits, OpfsTier } from '../opfs-tier.ts';
import { expectSame, keyNamed, nameOf, sampleEntry } from '../tier-contract.ts';
import { Disk, type Hooks, hook, putEach } from './disk-on-trial.ts';
import { chooseRun } from './merging.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function unreadable(bad: string): Hooks['read'] {
  return async (name) => {
    if (name === bad) throw new DOMException('io', 'NotReadableError');
  };
}

function noise(bytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

async function has(tier: OpfsTier, name: string): Promise<boolean> {
  return (await tier.get(keyNamed(name))) !== undefined;
}

function purge(tier: OpfsTier, names: string) {
  return tier.remove(({ key }) => names.includes(nameOf(key)), 'purge');
}

/** Puts them all in one segment. */
async function putTogether(tier: OpfsTier, names: readonly string[], bytes = 100): Promise<void> {
  for (const name of names) await tier.put(sampleEntry(name, noise(bytes), { ttl: null }));
  await tier.flush();
}

/** Each worker's stamps end in a random fraction of a millisecond: these, for the workers opened next. */
function fractions(...of: number[]): void {
  const random = vi.spyOn(Math, 'random');
  for (const fraction of of) random.mockReturnValueOnce(fraction);
}

test('OpfsTier.maintain comes to an end, when a merged segment is mostly removals', async () => {
  const disk = await Disk.create();
  const tier = disk.open(100_000_000);
  for (let i = 0; i < 8; i++)
    await putTogether(
      tier,
      Array.from({ length: 100 }, (_, j) => `n${i}-${j}`),
      8,
    );
  await tier.maintain();
  expect((await disk.names()).filter((name) => name.endsWith('.segment'))).toHaveLength(1);
  // Fewer than half: their segment is not mostly dead, and the removals lie in one that will be merged.
  expect(await tier.remove(({ key }) => /-[0-3].$/.test(nameOf(key)), 'purge')).toHaveLength(240);
  for (const name of 'abcdefg') await putTogether(tier, [name], 8);
  await tier.maintain();
  expect(await tier.usage()).toMatchObject({ entries: 567 });
});

test('OpfsTier.maintain comes to an end, when the budget is 0', async () => {
  // Asked by itself first: what is to be merged for ever would never give the test its turn again.
  expect(chooseRun([], () => ({ count: 0, bytes: 0 }), { neighbours: 8, target: 0 })).toBeUndefined();
  const disk = await Disk.create();
  const tier = disk.open(0);
  await putEach(tier, [sampleEntry('k')]);
  await tier.maintain();
  expect(await tier.usage()).toMatchObject({ entries: 0 });
});

test('OpfsTier.remove holds, when two workers evict after it', async () => {
  const disk = await Disk.create();
  const [one, other] = [disk.open(400_000), disk.open(400_000)];
  await putTogether(one, ['k', 'j'], 8000);
  await other.open();
  expect(await has(other, 'k')).toBe(true);
  expect(await purge(one, 'k')).toHaveLength(1);
  for (const name of 'abcdefgh') await putTogether(other, [name], 48_000);
  for (const name of 'ABCDEFGHIJLMNOPQ') await putTogether(one, [name], 48_000);
  expect(await has(disk.open(), 'k')).toBe(false);
});

test('OpfsTier.put outlives a purge of a thousand answers that another worker made a moment before', async () => {
  const disk = await Disk.create();
  disk.step = 0;
  const [one, other] = [disk.open(), disk.open()];
  await putTogether(one, ['stays', ...Array.from({ length: 1000 }, (_, i) => `n${i}`)], 8);
  await other.open();
  disk.now += 1000;
  expect(await one.remove(({ key }) => nameOf(key) !== 'stays', 'purge')).toHaveLength(1000);
  disk.now += 200;
  await putEach(other, [sampleEntry('n500', 'new answer')]);
  expect(await has(other, 'n500')).toBe(true);
  expect(await has(disk.open(), 'n500')).toBe(true);
});

test('OpfsTier.verify leaves an answer alone that came while it read the damaged one', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  // So long that a read from the beginning is one of the whole file, and not of its index.
  await putTogether(disk.open(), ['k', 'neighbour'], 60_000);
  const [name = ''] = await disk.names();
  const damaged = await disk.read(name);
  damaged[30_000] = (damaged[30_000] as number) ^ 1;
  await disk.write(name, damaged);
  const tier = disk.open();
  await tier.open();
  const fresh = sampleEntry('k', 'new answer');
  let came = false;
  hooks.read = async (_name, from) => {
    if (from > 0 || came) return;
    came = true;
    // Not waited for: it is written after the damage is found, and before what is damaged is removed.
    void tier.put(fresh);
  };
  const report = await tier.verify();
  await tier.flush();
  expect([came, report?.damaged]).toEqual([true, 1]);
  await expectSame(await tier.get(keyNamed('k')), fresh);
  await expectSame(await disk.open().get(keyNamed('k')), fresh);
});

test('OpfsTier.maintain removes no living answer, when something has expired and the disk is full', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  disk.now = 1_000_000_000_000;
  const tier = disk.open(10_000_000, { neighbours: 100, target: 8_000_000, uncovered: 100 });
  await putEach(tier, [sampleEntry('expired', 'z', { storedAt: 1000, ttl: 1 })]);
  // Each segment but the last has a replaced answer beside the living one.
  for (const name of 'abcdefgh') await putTogether(tier, [name, 'replaced']);
  hooks.isFull = true;
  await tier.maintain();
  hooks.isFull = false;
  const left = await Promise.all([...'abcdefgh'].map(async (name) => ((await has(tier, name)) ? name : '')));
  expect(left.join('')).toBe('abcdefgh');
});

test('OpfsTier.remove holds, when a worker died while it merged and the next one evicts before it sweeps', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const limits: OpfsLimits = { neighbours: 3, target: 8_000_000, uncovered: 100 };
  const tier = disk.open(10_000_000, limits);
  await putTogether(tier, ['k', 'j', 'i'], 3000);
  await purge(tier, 'k');
  await putTogether(tier, ['l'], 3000);
  // The first of the merged segments stays, as after a crash, and cannot be deleted by the next worker either.
  [hooks.busy = ''] = await disk.names();
  await tier.maintain();
  const next = disk.open(12_000, limits);
  for (const name of 'ab') await putTogether(next, [name], 3000);
  expect(await disk.names()).toContain(hooks.busy);
  const last = disk.open();
  expect([await has(last, 'k'), await has(last, 'j')]).toEqual([false, false]);
});

/** Two workers put an answer of one key at one moment, and know nothing of each other. */
async function atOneMoment() {
  const disk = await Disk.create();
  disk.step = 0;
  const [one, other] = [disk.open(), disk.open()];
  fractions(0.25, 0.75);
  await Promise.all([one.open(), other.open()]);
  await Promise.all([one.put(sampleEntry('k', 'one')), other.put(sampleEntry('k', 'other'))]);
  await Promise.all([one.flush(), other.flush()]);
  disk.now += 10_000;
  return { disk, one, other };
}

test('OpfsTier keeps one of two answers that two workers put for a key at one moment', async () => {
  const { disk, one, other } = await atOneMoment();
  // Each learns of the other's, and then deletes what holds nothing that counts.
  await Promise.all([one, other].map((tier) => tier.remove(() => false, 'purge')));
  await Promise.all([one.put(sampleEntry('a')), other.put(sampleEntry('b'))]);
  await Promise.all([one.flush(), other.flush()]);
  expect(await has(disk.open(), 'k')).toBe(true);
});

test('OpfsTier gives every worker the same of two answers that two workers put for a key at one moment', async () => {
  const { disk, one, other } = await atOneMoment();
  await Promise.all([one, other].map((tier) => tier.remove(() => false, 'purge')));
  const got = await disk.open().get(keyNamed('k'));
  expect(got).toBeDefined();
  for (const tier of [one, other]) await expectSame(await tier.get(keyNamed('k')), got);
});

test('OpfsTier.remove resolves with nothing, when the folder is gone', async () => {
  const disk = await Disk.create();
  const tier = disk.open();
  await putEach(tier, [sampleEntry('k')]);
  await (await navigator.storage.getDirectory()).removeEntry(disk.folder.name, { recursive: true });
  expect(await tier.remove(() => true, 'purge')).toEqual([]);
});

test('OpfsTier.maintain merges the rest and writes a checkpoint, when a mostly dead segment cannot be read', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const tier = disk.open(10_000_000, { neighbours: 3, target: 8_000_000, uncovered: 1 });
  await putTogether(tier, [...'abcdefgh']);
  const [bad = ''] = await disk.names();
  await purge(tier, 'abcdef');
  for (const name of 'klmnop') await putTogether(tier, [name]);
  hooks.read = unreadable(bad);
  await tier.maintain();
  const names = await disk.names();
  expect(names.some((name) => name.endsWith('.checkpoint'))).toBe(true);
  expect(names.filter((name) => name.endsWith('.segment')).length).toBeLessThan(4);
  hooks.read = async () => {};
  expect((await disk.open().list()).map(({ key }) => nameOf(key)).sort()).toEqual([...'ghklmnop']);
});

test('OpfsTier.remove rejects, when it cannot read what it would have to, and removes it the next time', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const tier = disk.open();
  await putTogether(tier, ['k', 'j']);
  const [bad = ''] = await disk.names();
  hooks.read = unreadable(bad);
  await expect(purge(tier, 'k')).rejects.toThrow('io');
  hooks.read = async () => {};
  expect(await purge(tier, 'k')).toHaveLength(1);
  expect([await has(tier, 'k'), await has(tier, 'j')]).toEqual([false, true]);
});

test('OpfsTier keeps a segment that says what was removed, when it cannot be read while room is made', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const before = disk.open();
  await putTogether(before, ['k', 'j'], 3000);
  const [answers = ''] = await disk.names();
  await purge(before, 'k');
  const removal = (await disk.names()).find((name) => name !== answers) ?? '';
  // Renamed, so that the removal is the oldest, and the first to go.
  await disk.write('000000999999999-x.segment', await disk.read(answers));
  await disk.folder.removeEntry(answers);
  const tier = disk.open();
  const { bytes } = await tier.usage();
  hooks.read = unreadable(removal);
  tier.setBudget(bytes - 1);
  await tier.flush();
  expect(await disk.names()).toEqual([removal]);
  hooks.read = async () => {};
  expect(await has(disk.open(), 'k')).toBe(false);
});

test('OpfsTier.put and flush do not wait for a removal that reads metas, and a newer answer stays', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const tier = disk.open();
  await putTogether(tier, ['k', 'j', 'i']);
  const [reading, written] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  hooks.read = async () => {
    reading.resolve();
    await written.promise;
  };
  const removing = purge(tier, 'kj');
  await reading.promise;
  const fresh = sampleEntry('k', 'new answer');
  await putEach(tier, [fresh, sampleEntry('l')]);
  written.resolve();
  expect((await removing).map(({ key }) => nameOf(key))).toEqual(['j']);
  for (const each of [tier, disk.open()]) {
    await expectSame(await each.get(keyNamed('k')), fresh);
    expect([await has(each, 'j'), await has(each, 'i'), await has(each, 'l')]).toEqual([false, true, true]);
  }
});

test('OpfsTier.put drops the older answer on disk, when too much waits for the newer one to wait too', async () => {
  const disk = await Disk.create();
  const tier = disk.open(100_000_000);
  await putTogether(tier, ['k', 'j']);
  const waiting = tier.put(sampleEntry('large', new Uint8Array(31_000_000)));
  await tier.put(sampleEntry('k', new Uint8Array(2_000_000)));
  await waiting;
  await tier.flush();
  expect(disk.events).toContainEqual(expect.objectContaining({ type: 'problem', code: 'disk-behind' }));
  for (const each of [tier, disk.open()])
    expect([await has(each, 'k'), await has(each, 'j'), await has(each, 'large')]).toEqual([false, true, true]);
});

test('OpfsTier reads few files at a start, when calls never paused and nothing was maintained', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const tier = disk.open();
  const names = Array.from({ length: 70 }, (_, i) => `n${i}`);
  await putEach(
    tier,
    names.map((name) => sampleEntry(name)),
  );
  const read = new Set<string>();
  hooks.read = async (name) => void read.add(name);
  const next = disk.open();
  await next.open();
  expect(read.size).toBeLessThan(40);
  expect((await next.usage()).entries).toBe(70);
});

test('OpfsTier reads twice for the first hit of a start, however many answers there are, and once for the next', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const names = Array.from({ length: 400 }, (_, i) => `n${i}`);
  const tier = disk.open();
  await putTogether(tier, names);
  await tier.maintain();
  const reads: string[] = [];
  hooks.read = async (name) => void reads.push(name.replace(/^.*\./, ''));
  const next = disk.open();
  expect(await next.get(keyNamed('n7'))).toBeDefined();
  expect(reads).toEqual(['checkpoint', 'segment']);
  await next.get(keyNamed('n8'));
  expect(reads.slice(2)).toEqual(['segment']);
});
