import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCassette } from './read-cassette.ts';
import type { Recording } from './recording.ts';
import { sampleAnswer, sampleRecording } from './sample-recordings.ts';
import { writeCassette } from './write-cassette.ts';

const bodies = [
  '',
  '\n',
  '\n\n',
  'no line end',
  'data: {"a":1}\n\ndata: [DONE]\n\n',
  'data: 1\r\n\r\n',
  'data: 1\r\n\r\nopen',
  'mixed\r\nends\n',
  'lone\rreturn',
  '\ufeffwith a byte order mark\n',
  'line\u2028separator\u2029\n',
  'tab\tand nul\u0000\n',
  '| pipes | and trailing blanks  \n',
  'refrain cassette 1\n\nPOST https://a.example/\n',
];

test.each(bodies)('A body comes back byte for byte: %j', (body) => {
  const recording = sampleRecording('a', { answers: [sampleAnswer(body)] });
  expect(readCassette(writeCassette([recording]))).toEqual({ recordings: [recording], faults: [] });
});

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\r\n\t |:"a-z]*$/));
const anyBody = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
  anyText.map((text) => new TextEncoder().encode(text)),
);
const anyAnswer = fc.record({
  storedAt: fc.integer({ min: 0, max: 4e12 }),
  elapsed: fc.nat(),
  statusText: fc.constantFrom('', 'OK', 'All is well'),
  headers: fc.array(fc.tuple(fc.constantFrom('content-type', 'openai-model'), fc.stringMatching(/^[ -~]*$/)), {
    maxLength: 3,
  }),
  servedBy: anyText,
  tokens: fc.constant({ input: 3, output: 4 }),
  arrivals: fc.constant([[3, 10] as const, [9, 4] as const]),
  body: anyBody,
});
const anyRecording = fc.record({
  key: fc.stringMatching(/^[0-9a-f]{64}$/),
  format: fc.constantFrom('openai-chat', 'generic'),
  method: fc.constant('POST'),
  url: fc.webUrl({ withQueryParameters: true }),
  model: anyText,
  modelVersion: anyText,
  tag: anyText,
  answers: fc.array(anyAnswer, { minLength: 1, maxLength: 3 }),
});

test('Whatever was recorded is read as it was written, in any order', () => {
  const all = fc.uniqueArray(anyRecording, { selector: ({ key }) => key, maxLength: 4 });
  fc.assert(
    fc.property(all, (recordings) => {
      const text = writeCassette(recordings as Recording[]);
      expect(writeCassette(recordings.toReversed() as Recording[])).toBe(text);
      const read = readCassette(text);
      expect(read.faults).toEqual([]);
      const byKey = (a: Recording, b: Recording) => (a.key < b.key ? -1 : 1);
      expect([...read.recordings].sort(byKey)).toEqual([...recordings].sort(byKey));
    }),
    { numRuns: 300 },
  );
});

test('A request is written as it is to be read, and comes back', () => {
  const request = {
    url: 'https://api.example/v1/chat/completions',
    shape: 'stream',
    headers: [['content-type', 'application/json']] as const,
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi\nthere' }] }, null, 2),
  };
  const withheld = { url: request.url, shape: 'json', headers: [], withheld: '/api_key holds a credential' };
  const recordings = [sampleRecording('a', { request }), sampleRecording('b', { request: withheld })];
  const text = writeCassette(recordings);
  expect(text).toContain('\n  |      "content": "Hi\\nthere"\n');
  expect(readCassette(text).recordings).toEqual(recordings);
});

test('A cassette reads like this', () => {
  expect(writeCassette([sampleRecording('a')])).toBe(`refrain cassette 1

POST https://api.example/v1/chat/completions
  key: ${'a'.repeat(64)}
  format: openai-chat
  model: m
  answer: 200 OK
  stored: 2026-01-02T03:04:05.678Z
  elapsed: 1203
  header: content-type: text/event-stream; charset=utf-8
  body: text
  |data: 1
  |
`);
});
