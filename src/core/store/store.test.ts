import { expect, test } from 'vitest';
import type { Entry, EntryMeta } from './entry.ts';
import { MemoryTier } from './memory-tier.ts';
import { Store } from './store.ts';
import type { Tier } from './tier.ts';
import { expectSame, keyNamed, nameOf, sampleEntry } from './tier-contract.ts';

/** Two tiers in memory, of which the second answers as the disk would. */
function createStore({ budget = 1_000_000, outdated = (_meta: EntryMeta): boolean => false } = {}) {
  const fast = new MemoryTier(budget, () => {});
  const slow = new MemoryTier(1_000_000, () => {});
  Object.defineProperty(slow, 'name', { value: 'opfs' });
  const clock = { now: 1_000_000 };
  return { fast, slow, clock, store: new Store([fast, slow], () => clock.now, outdated) };
}

/** A tier of which nothing works. */
const broken: Tier = {
  name: 'memory',
  get: () => Promise.reject(new Error('get')),
  noteUse: () => {},
  put: () => Promise.reject(new Error('put')),
  remove: () => Promise.reject(new Error('remove')),
  has: () => Promise.reject(new Error('has')),
  list: () => Promise.reject(new Error('list')),
  flush: () => Promise.reject(new Error('flush')),
  usage: () => Promise.reject(new Error('usage')),
  setBudget: () => {},
};

test('Store.find finds nothing, where nothing was put', async () => {
  expect(await createStore().store.find(keyNamed('a'), null)).toBeUndefined();
});

test('Store.find finds in the first tier what was put, with what is left of its life', async () => {
  const { store, clock } = createStore();
  const entry = sampleEntry('a', 'a', { storedAt: 1_000_000, ttl: 60 });
  await store.put(entry);
  clock.now += 20_000;
  const found = await store.find(keyNamed('a'), null);
  expect(found).toMatchObject({ tier: 'memory', left: 40 });
  await expectSame(found?.entry, entry);
  expect(await store.find(keyNamed('a'), 30)).toMatchObject({ left: 10 });
});

test('Store.find promotes what a lower tier had', async () => {
  const { store, fast, slow } = createStore();
  await slow.put(sampleEntry('a'));
  expect(await store.find(keyNamed('a'), null)).toMatchObject({ tier: 'opfs' });
  expect(await fast.get(keyNamed('a'))).toBeDefined();
  expect(await store.find(keyNamed('a'), null)).toMatchObject({ tier: 'memory' });
});

test('Store.find tells every tier what is used, wherever it was found, and warming up tells none', async () => {
  const { store, fast, slow } = createStore();
  const used: string[] = [];
  for (const tier of [fast, slow]) tier.noteUse = (key?: string) => used.push(`${tier.name} ${nameOf(key ?? '')}`);
  await store.put(sampleEntry('a'));
  await slow.put(sampleEntry('b'));
  await store.warmUp(50, 1_000_000);
  expect(await store.find(keyNamed('c'), null)).toBeUndefined();
  expect(used).toEqual([]);
  expect(await store.find(keyNamed('a'), null)).toMatchObject({ tier: 'memory' });
  expect(used).toEqual(['memory a', 'opfs a']);
});

test('Store.find gives what is stale, when there is nothing fresh, and does not promote it', async () => {
  const { store, fast, slow, clock } = createStore();
  await slow.put(sampleEntry('a', 'a', { storedAt: 1_000_000, ttl: 60 }));
  clock.now += 61_000;
  expect(await store.find(keyNamed('a'), null)).toMatchObject({ tier: 'opfs', left: -1 });
  expect(await fast.get(keyNamed('a'))).toBeUndefined();
});

test('Store.find prefers what is fresh in a lower tier to what is stale in a higher', async () => {
  const { store, fast, slow, clock } = createStore();
  await fast.put(sampleEntry('a', 'old', { storedAt: 1_000_000, ttl: 60 }));
  const fresh = sampleEntry('a', 'new', { storedAt: 1_050_000, ttl: 60 });
  await slow.put(fresh);
  clock.now += 61_000;
  const found = await store.find(keyNamed('a'), null);
  expect(found).toMatchObject({ tier: 'opfs', left: 49 });
  await expectSame(found?.entry, fresh);
  await expectSame(await fast.get(keyNamed('a')), fresh);
});

test('Store.find takes an answer for stale that something newer is known of', async () => {
  const { store } = createStore({ outdated: ({ model }) => model === 'old' });
  await store.put(sampleEntry('a', 'a', { model: 'old' }));
  await store.put(sampleEntry('b', 'b', { model: 'new' }));
  expect(await store.find(keyNamed('a'), null)).toMatchObject({ left: 0 });
  expect((await store.find(keyNamed('b'), null))?.left).toBeGreaterThan(0);
});

test('Store finds and puts, when a tier fails', async () => {
  const { slow } = createStore();
  const store = new Store([broken, slow], () => 1_000_000);
  await store.put(sampleEntry('a'));
  expect(await store.find(keyNamed('a'), null)).toMatchObject({ left: 2_592_000 });
  expect(await new Store([broken], () => 0).find(keyNamed('a'), null)).toBeUndefined();
});

test('Store.remove removes from every tier, and tells of each key once', async () => {
  const { store, fast, slow } = createStore();
  await store.put(sampleEntry('a'));
  await slow.put(sampleEntry('b'));
  await fast.put(sampleEntry('c'));
  await store.put(sampleEntry('d', 'd', { tag: 'stay' }));
  const removed = await store.remove(({ tag }) => tag === undefined, 'purge');
  expect(removed.map(({ key }) => nameOf(key)).sort()).toEqual(['a', 'b', 'c']);
  for (const name of 'abc') expect(await store.find(keyNamed(name), null)).toBeUndefined();
  expect(await store.find(keyNamed('d'), null)).toBeDefined();
});

test('Store.list lists each entry once, newest first, with the tiers that hold it', async () => {
  const { store, fast, slow } = createStore();
  await fast.put(sampleEntry('a', 'a', { storedAt: 2 }));
  await slow.put(sampleEntry('b', 'b', { storedAt: 3 }));
  await store.put(sampleEntry('c', 'c', { storedAt: 1 }));
  const listed = (await store.list()).map(({ meta, tiers }) => [nameOf(meta.key), tiers]);
  expect(listed).toEqual([
    ['b', ['opfs']],
    ['a', ['memory']],
    ['c', ['memory', 'opfs']],
  ]);
});

async function filled(entries: readonly Entry[]) {
  const created = createStore();
  for (const entry of entries) await created.slow.put(entry);
  return created;
}

const ten = Array.from({ length: 10 }, (_, i) => sampleEntry(`${i}`, 'x'.repeat(1000), { storedAt: i }));

test('Store.totals counts each key once', async () => {
  const { store, fast } = createStore();
  await store.put(sampleEntry('a', 'x'.repeat(100)));
  await store.put(sampleEntry('b', 'x'.repeat(10)));
  await fast.put(sampleEntry('c', 'x'));
  expect(await store.totals()).toEqual({ entries: 3, bytes: 111 });
});

test('Store.warmUp brings the most recent answers back, at most so many', async () => {
  const { store, fast } = await filled(ten);
  await store.warmUp(3, 1_000_000);
  expect((await fast.list()).map(({ key }) => nameOf(key))).toEqual(['9', '8', '7']);
});

test('Store.warmUp gives way, and goes on the next time', async () => {
  const { store, fast, slow } = createStore();
  for (const name of 'abcde') await slow.put(sampleEntry(name));
  let asked = 0;
  expect(await store.warmUp(50, 1_000_000, () => ++asked > 2)).toBe(false);
  expect(await fast.list()).toHaveLength(2);
  expect(await store.warmUp(50, 1_000_000, () => false)).toBe(true);
  expect(await fast.list()).toHaveLength(5);
});

test('Store.warmUp brings no more bytes back than it may', async () => {
  const { store, fast } = await filled(ten);
  await store.warmUp(50, 3500);
  expect((await fast.list()).map(({ key }) => nameOf(key))).toEqual(['9', '8', '7']);
});

test('Store.warmUp leaves alone what is in memory already', async () => {
  const { store, fast } = await filled(ten);
  const fresher = sampleEntry('9', 'fresher', { storedAt: 20 });
  await fast.put(fresher);
  await store.warmUp(50, 1_000_000);
  await expectSame(await fast.get(keyNamed('9')), fresher);
  expect(await fast.list()).toHaveLength(10);
});
