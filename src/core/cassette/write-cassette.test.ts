import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCassette } from './read-cassette.ts';
import type { RecordedAnswer, Recording } from './recording.ts';
import { answerSaying, recordingOf } from './sample-recordings.ts';
import { writeCassette } from './write-cassette.ts';

const awkward = [
  ...[
    '',
    '\n',
    '\r',
    '\r\n',
    'a',
    'a\n',
    'a\r\n',
    'a\r\nb',
    'a\r\nb\r\n',
    'a\rb',
    'a\nb\r\n',
    '\n\n',
    'a\n\n',
    '\r\n\r\n',
  ],
  ...['\u2028', '\u2029', '\u0085', '\0', '\u007f', '\ufeff', '\ufeffdata: 1\n', '\t', ' ', '  |a', '|', '#', 'POST a'],
  ...['refrain cassette 1', '<<<<<<< HEAD', '  key: 1\n', 'data: {"a":"\\n"}\n\n', '😀\n', '"', '\\'],
];
const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary' }).map(bytes),
  fc
    .array(fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'grapheme' })), { maxLength: 6 })
    .map((parts) => bytes(parts.join(''))),
);
const text = fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'grapheme' }));
const headerName = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const headerValue = fc.stringMatching(/^([!-~\xa0-\xff]([\t -~\xa0-\xff]*[!-~\xa0-\xff])?)?$/);
const headers = fc.array(fc.tuple(headerName, headerValue), { maxLength: 3 });
const natural = fc.nat({ max: 10 ** 12 });
const json = fc.json({ noUnicodeString: false }).map((one) => JSON.stringify(JSON.parse(one), null, 2));

const answer: fc.Arbitrary<RecordedAnswer> = fc.record(
  {
    storedAt: natural,
    elapsed: natural,
    statusText: fc.stringMatching(/^[\t -~\xa0-\xff]*$/),
    headers,
    servedBy: text,
    tokens: fc.record({ input: natural, output: natural, cachedInput: natural }, { requiredKeys: ['input', 'output'] }),
    arrivals: fc.array(fc.tuple(natural, natural), { maxLength: 4 }),
    body,
  },
  { requiredKeys: ['storedAt', 'elapsed', 'statusText', 'headers', 'body'] },
) as fc.Arbitrary<RecordedAnswer>;

const url = fc.webUrl({ withQueryParameters: true });
const asked = fc
  .record({ shape: text, headers, body: json, withheld: text }, { requiredKeys: ['shape', 'headers'] })
  .map(({ body, withheld, ...request }) => ({
    ...request,
    ...(body === undefined ? (withheld === undefined ? {} : { withheld }) : { body }),
  }));
const recording: fc.Arbitrary<Recording> = fc
  .record(
    {
      key: fc.stringMatching(/^[0-9a-f]{64}$/),
      format: fc.constantFrom('openai-chat', 'generic'),
      method: fc.constant('POST'),
      url,
      model: text,
      modelVersion: text,
      tag: text,
      request: asked,
      answers: fc.array(answer, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['key', 'format', 'method', 'url', 'answers'] },
  )
  .map(
    ({ request, ...rest }) =>
      ({ ...rest, ...(request ? { request: { url: rest.url, ...request } } : {}) }) as Recording,
  );
const recordings = fc.uniqueArray(recording, { maxLength: 4, selector: ({ key }) => key });

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** What a file holds, which is UTF-8. */
function kept(text: string): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes(text));
}

function byKey(all: readonly Recording[]): Recording[] {
  return [...all].sort((a, b) => (a.key < b.key ? -1 : 1));
}

test('What is written is read as it was, whatever the bodies, headers and names', () => {
  fc.assert(
    fc.property(recordings, (written) => {
      const { recordings: read, faults } = readCassette(kept(writeCassette(written)));
      expect(faults).toEqual([]);
      expect(byKey(read)).toEqual(byKey(written));
    }),
    { numRuns: 500 },
  );
});

test('Any order of the same recordings gives the same bytes', () => {
  const shuffled = recordings.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })),
  );
  fc.assert(fc.property(shuffled, ([one, other]) => writeCassette(other) === writeCassette(one)));
});

test('A checkout that turns every line end into CRLF reads equal', () => {
  fc.assert(
    fc.property(recordings, (written) => {
      const read = readCassette(writeCassette(written).replaceAll('\n', '\r\n'));
      expect(read.faults).toEqual([]);
      expect(byKey(read.recordings)).toEqual(byKey(written));
    }),
  );
});

test('A stream stands in the file as the lines it came in, and what is no text as Base64', () => {
  const text = writeCassette([
    recordingOf('a', {
      tag: 'greeting',
      request: { url: 'https://api.example/v1/chat/completions', shape: 'stream', headers: [], body: '{\n  "a": 1\n}' },
      answers: [
        { ...answerSaying(''), body: bytes('data: {"a":1}\n\ndata: [DONE]\n\n') },
        { storedAt: 0, elapsed: 1, statusText: '', headers: [], body: new Uint8Array([0, 255]) },
      ],
    }),
  ]);
  expect(text).toBe(`refrain cassette 1

POST https://api.example/v1/chat/completions
  key: ${'a'.repeat(64)}
  format: openai-chat
  model: m-1
  tag: greeting
  shape: stream
  request:
  |{
  |  "a": 1
  |}
  answer: 200 OK
  stored: 2025-11-22T16:00:00.000Z
  elapsed: 1840
  served-by: m-1
  tokens: {"input":5,"output":2}
  header: content-type: text/event-stream; charset=utf-8
  arrivals: [[120,40]]
  body: text
  |data: {"a":1}
  |
  |data: [DONE]
  |
  answer: 200
  stored: 1970-01-01T00:00:00.000Z
  elapsed: 1
  body: base64 2
  |AP8=
`);
});

test.each([
  ['text', 'a\nb\n'],
  ['text open', 'a\nb'],
  ['text open', ''],
  ['text crlf', 'a\r\nb\r\n'],
  ['text crlf open', 'a\r\nb'],
  ['text', '\ufeffa\u2028b\n'],
  ['base64 3', 'a\rb'],
  ['base64 4', 'a\nb\r'],
  ['base64 1', '\0'],
  ['base64 2', '\u0085'],
])('A body is %s: %j', (kind, said) => {
  const text = writeCassette([recordingOf('a', { answers: [{ ...answerSaying(''), body: bytes(said) }] })]);
  expect(text).toContain(`\n  body: ${kind}\n`);
});
