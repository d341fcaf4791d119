import { expect, test } from 'vitest';
import { ageOf, freshnessLeft } from './entry.ts';
import { sampleEntry } from './tier-contract.ts';

const meta = (ttl: number | null) => sampleEntry('a', 'a', { storedAt: 100_000, ttl }).meta;

test('ageOf gives whole seconds', () => {
  expect(ageOf(meta(60), 100_999)).toBe(0);
  expect(ageOf(meta(60), 101_000)).toBe(1);
});

test('ageOf is never negative, when the clock was set back', () => {
  expect(ageOf(meta(60), 5)).toBe(0);
});

test.each([
  [60, 60, 60],
  [60, 30, 30],
  [30, 60, 30],
  [null, 30, 30],
  [30, null, 30],
  [null, null, Number.POSITIVE_INFINITY],
  [0, 60, 0],
  [60, 0, 0],
])('freshnessLeft takes the shorter lifetime: the entry’s %s, the asker’s %s', (own, askers, left) => {
  expect(freshnessLeft(meta(own), 100_000, askers)).toBe(left);
});

test('freshnessLeft counts down to the millisecond, and below zero', () => {
  expect(freshnessLeft(meta(60), 100_500, null)).toBe(59.5);
  expect(freshnessLeft(meta(60), 170_000, null)).toBe(-10);
});

test('freshnessLeft gives no more than the lifetime, when the clock was set back', () => {
  expect(freshnessLeft(meta(60), 5, null)).toBe(60);
});
