import { expect, test } from 'vitest';
import type { RefrainEvent } from './events.ts';
import { type Counters, count, emptyCounters, restoreCounters } from './stats.ts';

const keyed = { url: 'https://api.example/v1/messages', key: 'k', format: 'anthropic', partition: 'none' };
const hit = (tier: 'memory' | 'opfs'): RefrainEvent => ({
  type: 'entry-hit',
  tier,
  age: 3,
  bytes: 100,
  saved: { ms: 1200, input: 50, output: 20 },
  ...keyed,
});
const none = { input: 0, cachedInput: 0, output: 0, reasoning: 0 };
const store: RefrainEvent = { type: 'entry-store', bytes: 100, elapsed: 1200, input: 50, output: 20, ...keyed };

function counted(...events: RefrainEvent[]): Counters {
  const counters = emptyCounters();
  for (const event of events) count(counters, event);
  return counters;
}

test('emptyCounters gives counters of its own each time', () => {
  count(emptyCounters(), hit('memory'));
  expect(emptyCounters().hits).toEqual({ memory: 0, opfs: 0, cassette: 0 });
});

test('count counts hits by tier, and what they saved', () => {
  expect(counted(hit('memory'), hit('memory'), hit('opfs'))).toEqual({
    ...emptyCounters(),
    hits: { memory: 2, opfs: 1, cassette: 0 },
    timeSaved: 3600,
    tokens: { live: none, saved: { ...none, input: 150, output: 60 } },
  });
});

test('count never mixes tokens spent upstream with tokens saved', () => {
  expect(counted(store, hit('memory')).tokens).toEqual({
    live: { ...none, input: 50, output: 20 },
    saved: { ...none, input: 50, output: 20 },
  });
  expect(counted(store).timeSaved).toBe(0);
});

test('count counts misses, joined flights, stored answers, refusals and bypasses', () => {
  expect(
    counted(
      { type: 'entry-miss', reason: 'miss', ...keyed },
      { type: 'entry-miss', reason: 'stale', ...keyed },
      { type: 'flight-join', ...keyed },
      store,
      { type: 'entry-skip', reason: 'truncated', ...keyed },
      { type: 'entry-skip', reason: 'truncated', detail: 'x', ...keyed },
      { type: 'entry-skip', reason: 'error', ...keyed },
      { type: 'bypass', reason: 'no-store', url: keyed.url },
    ),
  ).toMatchObject({
    misses: 2,
    collapsed: 1,
    stored: 1,
    refusals: { truncated: 2, error: 1 },
    bypasses: { 'no-store': 1 },
    hits: { memory: 0, opfs: 0, cassette: 0 },
  });
});

test('count counts a removal once: a copy that leaves memory is still on disk', () => {
  const removal = (tier: 'memory' | 'opfs'): RefrainEvent => ({
    type: 'entry-remove',
    reason: 'purge',
    keys: ['a', 'b'],
    tier,
  });
  expect(counted(removal('memory'), removal('opfs')).removed).toEqual({ purge: 2 });
});

test('count counts no problem', () => {
  expect(counted({ type: 'problem', code: 'x', message: 'y' })).toEqual(emptyCounters());
});

test('restoreCounters gives back what was written as JSON', () => {
  const counters = counted(hit('opfs'), store, { type: 'bypass', reason: 'live', url: keyed.url });
  expect(restoreCounters(JSON.parse(JSON.stringify(counters)))).toEqual(counters);
});

test.each([undefined, null, 1, 'text', [], {}, { hits: 5 }, { misses: { a: 1 } }, { tokens: null }])(
  'restoreCounters starts at zero, where nothing can be read: %j',
  (stored) => {
    expect(restoreCounters(stored)).toEqual(emptyCounters());
  },
);

test.each([
  { misses: '7', hits: { memory: 3, opfs: 'x' }, timeSaved: null, stored: Number.NaN },
  { misses: Number.POSITIVE_INFINITY, hits: { memory: 3, opfs: [] }, timeSaved: {}, stored: true },
])('restoreCounters takes the numbers and starts the others at zero: %j', (stored) => {
  expect(restoreCounters(stored)).toEqual({ ...emptyCounters(), hits: { memory: 3, opfs: 0, cassette: 0 } });
});

test('restoreCounters touches no object but its own', () => {
  const stored = JSON.parse('{"__proto__":{"polluted":1},"bypasses":{"__proto__":{"polluted":1}}}');
  restoreCounters(stored);
  const { polluted } = {} as { polluted?: number };
  delete (Object.prototype as { polluted?: number }).polluted;
  expect(polluted).toBeUndefined();
});

test('count goes on from restored counters', () => {
  const counters = restoreCounters({ misses: 4, refusals: { error: 2 } });
  count(counters, { type: 'entry-miss', reason: 'miss', ...keyed });
  count(counters, { type: 'entry-skip', reason: 'error', ...keyed });
  expect(counters).toMatchObject({ misses: 5, refusals: { error: 3 } });
});
