import { expect, test } from 'vitest';
import type { EntryMeta } from './entry.ts';
import { type Drift, hasDrifted, noteServed } from './model-drift.ts';
import { sampleEntry } from './tier-contract.ts';

const served = (servedBy: string | undefined, storedAt: number, more: Partial<EntryMeta> = {}): EntryMeta =>
  sampleEntry('a', 'a', { model: 'm', storedAt, ...(servedBy === undefined ? {} : { servedBy }), ...more }).meta;

/** What is known after these answers came. */
function after(...metas: EntryMeta[]): Drift {
  const drift: Drift = {};
  for (const meta of metas) noteServed(drift, meta);
  return drift;
}

test('hasDrifted knows of nothing, when nothing was noted', () => {
  expect(hasDrifted({}, served('m-1', 1))).toBe(false);
});

test('hasDrifted leaves answers fresh, as long as one model serves the alias', () => {
  const drift = after(served('m-1', 1), served('m-1', 9));
  expect(hasDrifted(drift, served('m-1', 1))).toBe(false);
});

test('hasDrifted takes older answers for stale, when a newer answer names a model never seen before', () => {
  const drift = after(served('m-1', 1), served('m-2', 5));
  expect(hasDrifted(drift, served('m-1', 4))).toBe(true);
  expect(hasDrifted(drift, served('m-2', 5))).toBe(false);
});

test('hasDrifted leaves an answer fresh that came after the move, whoever served it', () => {
  const drift = after(served('m-1', 1), served('m-2', 5), served('m-1', 6));
  expect(hasDrifted(drift, served('m-1', 6))).toBe(false);
});

test('noteServed takes a name seen before for no move: some providers route at random', () => {
  const drift = after(served('m-1', 1), served('m-2', 5));
  expect(noteServed(drift, served('m-1', 8))).toBe(false);
  expect(hasDrifted(drift, served('m-2', 6))).toBe(false);
});

test('hasDrifted keeps aliases of other models, providers and origins apart', () => {
  const drift = after(served('m-1', 1), served('m-2', 5));
  expect(hasDrifted(drift, served('m-1', 1, { model: 'other' }))).toBe(false);
  expect(hasDrifted(drift, served('m-1', 1, { provider: 'other' }))).toBe(false);
  expect(hasDrifted(drift, served('m-1', 1, { url: 'https://other.example/v1/chat/completions' }))).toBe(false);
  expect(hasDrifted(drift, served('m-1', 1, { url: 'https://api.example/v1/responses' }))).toBe(true);
});

test('noteServed leaves models alone that the app’s catalog versions', () => {
  const drift = after(served('m-1', 1, { modelVersion: '1' }), served('m-2', 5, { modelVersion: '1' }));
  expect(drift).toEqual({});
  expect(hasDrifted(after(served('m-1', 1), served('m-2', 5)), served('m-1', 1, { modelVersion: '1' }))).toBe(false);
});

test('noteServed notes nothing, when an answer or a request names no model', () => {
  expect(noteServed({}, served(undefined, 1))).toBe(false);
  const { model: _model, ...nameless } = served('m-1', 1);
  expect(noteServed({}, nameless)).toBe(false);
});

test('noteServed tells whether there is something new to store', () => {
  const drift: Drift = {};
  expect([1, 2, 3].map((at) => noteServed(drift, served(at === 3 ? 'm-2' : 'm-1', at)))).toEqual([true, false, true]);
});

test('noteServed remembers no more than some names of an alias', () => {
  const drift = after(...Array.from({ length: 200 }, (_, i) => served(`m-${i}`, i)));
  expect(JSON.stringify(drift).length).toBeLessThan(2000);
});
