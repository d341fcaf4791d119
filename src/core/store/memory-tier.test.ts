import { expect, test } from 'vitest';
import type { RefrainEvent } from '../report/events.ts';
import { sizeOf } from './entry.ts';
import { MemoryTier } from './memory-tier.ts';
import { keyNamed, sampleEntry, testTier } from './tier-contract.ts';

function createTier(budget: number) {
  const events: RefrainEvent[] = [];
  return { tier: new MemoryTier(budget, (event) => events.push(event)), events };
}

testTier('MemoryTier', async (budget) => createTier(budget));

const size = sizeOf(sampleEntry('a', 'x'.repeat(100)));
const entry = (name: string, length = 100) => sampleEntry(name, 'x'.repeat(length));

test('MemoryTier.put keeps no entry larger than a tenth of the budget', async () => {
  const { tier } = createTier(10 * size);
  await tier.put(entry('a', 100));
  await tier.put(entry('b', 101));
  expect(await tier.get(keyNamed('a'))).toBeDefined();
  expect(await tier.get(keyNamed('b'))).toBeUndefined();
});

test('MemoryTier.put lets no older answer outlive a newer one that is too large', async () => {
  const { tier, events } = createTier(10 * size);
  await tier.put(entry('a', 100));
  await tier.put(entry('a', 101));
  expect(await tier.get(keyNamed('a'))).toBeUndefined();
  expect(events).toEqual([]);
});

test('MemoryTier.put evicts the entry least recently used, and reports it', async () => {
  const { tier, events } = createTier(10 * size);
  for (const name of '0123456789') await tier.put(entry(name));
  await tier.get(keyNamed('0'));
  await tier.put(entry('a'));
  expect(events).toEqual([{ type: 'entry-remove', reason: 'evict', keys: [keyNamed('1')], tier: 'memory' }]);
  expect(await tier.get(keyNamed('0'))).toBeDefined();
  expect(await tier.get(keyNamed('1'))).toBeUndefined();
});

test('MemoryTier.setBudget keeps the entries most recently used', async () => {
  const { tier } = createTier(100 * size);
  for (const name of '0123456789abcdef') await tier.put(entry(name));
  await tier.get(keyNamed('0'));
  tier.setBudget(11 * size);
  for (const name of '0bcdef') expect(await tier.get(keyNamed(name))).toBeDefined();
  for (const name of '12345') expect(await tier.get(keyNamed(name))).toBeUndefined();
});

test('MemoryTier.setBudget drops, and reports, what is larger than a tenth of the new budget', async () => {
  const { tier, events } = createTier(100 * size);
  await tier.put(entry('a'));
  tier.setBudget(9 * size);
  expect(await tier.get(keyNamed('a'))).toBeUndefined();
  expect(events).toEqual([{ type: 'entry-remove', reason: 'evict', keys: [keyNamed('a')], tier: 'memory' }]);
});

test('MemoryTier.put keeps nothing, when the budget is zero', async () => {
  const { tier } = createTier(0);
  await tier.put(sampleEntry('a', ''));
  expect(await tier.get(keyNamed('a'))).toBeUndefined();
  expect(await tier.usage()).toMatchObject({ entries: 0, bytes: 0, budget: 0 });
});
