import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyIndex, type KeyStart, type Place, startOf } from './key-index.ts';

/** Few values, many of which fall into one slot: 0 and 64 and 128 do in the smallest index. */
const keys = fc.record({
  high: fc.constantFrom(0, 1, 62, 63, 64, 128, 0xffff_ffff),
  low: fc.integer({ min: 0, max: 3 }),
});
const places = fc.record({
  segment: fc.integer({ min: 1, max: 9 }),
  at: fc.nat(),
  length: fc.nat(),
  bytes: fc.nat(),
  stamp: fc.nat(),
});
const steps = fc.array(fc.tuple(fc.constantFrom('set', 'set', 'delete'), keys, places), { maxLength: 200 });

function nameOf({ high, low }: KeyStart): string {
  return `${high} ${low}`;
}

test('KeyIndex holds what a map would, after any sequence of calls', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const index = new KeyIndex();
      const expected = new Map<string, Place>();
      for (const [step, key, place] of sequence) {
        if (step === 'set') index.set(key, place);
        else index.delete(key);
        if (step === 'set') expected.set(nameOf(key), place);
        else expected.delete(nameOf(key));
        expect(index.get(key)).toEqual(expected.get(nameOf(key)));
      }
      expect(index.size).toBe(expected.size);
      expect(new Map([...index.entries()].map(([key, place]) => [nameOf(key), place]))).toEqual(expected);
    }),
  );
});

test('KeyIndex finds each of 20,000 keys, after every second one was deleted', () => {
  const index = new KeyIndex();
  const keyOf = (i: number) => ({ high: Math.imul(i, 2_654_435_761) >>> 0, low: i });
  for (let i = 0; i < 20_000; i++) index.set(keyOf(i), { segment: 1, at: i, length: 1, bytes: 2, stamp: i });
  for (let i = 0; i < 20_000; i += 2) index.delete(keyOf(i));
  expect(index.size).toBe(10_000);
  for (let i = 0; i < 20_000; i++) expect(index.get(keyOf(i))?.at).toBe(i % 2 === 0 ? undefined : i);
  expect(index.keysIn(1)).toHaveLength(10_000);
  expect(index.keysIn(2)).toEqual([]);
});

test('startOf takes the first 64 bits of a key', () => {
  expect(startOf(`ffffffff0000000a${'0'.repeat(48)}`)).toEqual({ high: 0xffff_ffff, low: 10 });
});
