import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeCassettes } from './merge-cassettes.ts';
import type { Recording } from './recording.ts';
import { answerSaying, recordingOf } from './sample-recordings.ts';
import { writeCassette } from './write-cassette.ts';

/** Cassettes over the same few questions, whose answers are of few ages. */
const cassette = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.array(fc.nat(9), { minLength: 1, maxLength: 3 })), {
    selector: ([digit]) => digit,
  })
  .map((parts) =>
    parts.map(([digit, ages]) =>
      recordingOf(digit, { answers: ages.map((age) => answerSaying(`${digit}${age}`, age)) }),
    ),
  );

function newest({ answers }: Recording): number {
  return Math.max(...answers.map(({ storedAt }) => storedAt));
}

test('Merging a cassette with itself changes nothing', () => {
  fc.assert(fc.property(cassette, (one) => writeCassette(mergeCassettes(one, one)) === writeCassette(one)));
});

test('The order of two cassettes counts only where their answers are of one age', () => {
  fc.assert(
    fc.property(cassette, cassette, (one, other) => {
      const ages = new Map(one.map((recording) => [recording.key, newest(recording)]));
      fc.pre(other.every((recording) => ages.get(recording.key) !== newest(recording)));
      expect(writeCassette(mergeCassettes(other, one))).toBe(writeCassette(mergeCassettes(one, other)));
    }),
  );
});

test('Merging three is the same however they are grouped', () => {
  fc.assert(
    fc.property(cassette, cassette, cassette, (a, b, c) => {
      expect(writeCassette(mergeCassettes(mergeCassettes(a, b), c))).toBe(
        writeCassette(mergeCassettes(a, mergeCassettes(b, c))),
      );
    }),
  );
});

test('Every question of either is there once, with the answers of one of them, all of them', () => {
  fc.assert(
    fc.property(cassette, cassette, (one, other) => {
      const merged = mergeCassettes(one, other);
      expect(new Set(merged.map(({ key }) => key)).size).toBe(merged.length);
      expect(new Set(merged.map(({ key }) => key))).toEqual(new Set([...one, ...other].map(({ key }) => key)));
      for (const recording of merged) expect([...one, ...other]).toContain(recording);
    }),
  );
});

test('The newer answers stay; of equal age, the second cassette', () => {
  const old = recordingOf('a', { answers: [answerSaying('old', 1), answerSaying('older', 0)] });
  const young = recordingOf('a', { answers: [answerSaying('young', 2)] });
  const twin = recordingOf('a', { answers: [answerSaying('twin', 2)] });
  expect(mergeCassettes([young], [old])).toEqual([young]);
  expect(mergeCassettes([old], [young])).toEqual([young]);
  expect(mergeCassettes([young], [twin])).toEqual([twin]);
});
