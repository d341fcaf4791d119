import { expect, test } from 'vitest';
import { mergeCassettes } from './merge-cassettes.ts';
import { sampleAnswer, sampleRecording } from './sample-recordings.ts';
import { writeCassette } from './write-cassette.ts';

const older = sampleRecording('a', { answers: [1, 2].map((storedAt) => sampleAnswer('old', { storedAt })) });
const newer = sampleRecording('a', { answers: [sampleAnswer('new', { storedAt: 3 })] });
const other = sampleRecording('b');

test('mergeCassettes keeps what only one has, and of both the newer whole, in either order', () => {
  const merged = writeCassette([newer, other]);
  expect(writeCassette(mergeCassettes([older, other], [newer]))).toBe(merged);
  expect(writeCassette(mergeCassettes([newer], [older, other]))).toBe(merged);
});

test('mergeCassettes of a cassette with itself is that cassette', () => {
  expect(mergeCassettes([older, other], [older, other])).toEqual([older, other]);
});

test('mergeCassettes takes the second of two that are of one age', () => {
  const same = sampleRecording('a', { answers: [sampleAnswer('another', { storedAt: 3 })] });
  expect(mergeCassettes([newer], [same])).toEqual([same]);
});
