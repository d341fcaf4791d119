import { expect, test } from 'vitest';
import { createMatcher } from '../formats/endpoints.ts';
import { answer as answered } from '../request/answer.ts';
import { Bench } from '../request/answer-bench.ts';
import type { Store } from '../store/store.ts';
import { ExchangeRecorder, type Recorded, sequences } from './exchange.ts';
import { exportRecordings } from './export-recordings.ts';
import { readHar, recordHarCall } from './read-har.ts';
import { chatQuestion, chatStream, chatUrl, type HarSample, har, harEntry } from './sample-har.ts';
import { writeCassette } from './write-cassette.ts';

const recorder = new ExchangeRecorder(createMatcher([], []), []);

async function imported(...samples: HarSample[]): Promise<(Recorded | string)[]> {
  const calls = readHar(har(...samples.map(harEntry)), (method, url) => recorder.takes(method, url));
  return Promise.all(calls.map((call) => recordHarCall(recorder, call)));
}

async function one(sample: HarSample): Promise<Recorded> {
  const [recorded] = await imported(sample);
  if (recorded === undefined || typeof recorded === 'string') throw new Error(`It is no recording: ${recorded}`);
  return recorded;
}

/** What a page's worker would record of the same call. */
async function recordedByWorker(headers: Record<string, string>) {
  const bench = new Bench();
  const body = JSON.stringify(chatQuestion);
  const call = bench.call({ url: chatUrl, body, headers, page: { mode: 'record' } });
  await (await answered(bench.engine, call)).text();
  await bench.flights.whenIdle();
  const store = bench.engine.store as Store;
  const metas = (await store.list()).map(({ meta }) => meta);
  return (await exportRecordings(store, metas)).recordings[0];
}

test('A recording from a HAR has the key, the request and the answer that a worker records', async () => {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-1', 'openai-beta': 'a=1' };
  const recorded = await one({ headers: { ...headers, authorization: 'Bearer sk-2' } });
  const byWorker = await recordedByWorker(headers);
  const { answers, ...head } = recorded;
  const { answers: [answer] = [], ...expected } = byWorker ?? {};
  expect(head).toEqual(expected);
  expect(answers[0]).toMatchObject({ body: answer?.body, tokens: answer?.tokens, servedBy: answer?.servedBy });
  expect(answers[0].headers).toEqual([['content-type', 'text/event-stream; charset=utf-8']]);
  expect(answers[0]).toMatchObject({ storedAt: Date.parse('2025-11-22T16:00:01.840Z'), elapsed: 1840 });
});

test('No credential of a HAR reaches the cassette', async () => {
  const recorded = await one({
    url: `${chatUrl.replace('//', '//user:sk-secret@')}?key=sk-secret`,
    headers: { authorization: 'Bearer sk-secret', cookie: 'sk-secret', 'x-api-key': 'sk-secret', 'x-own': 'sk-secret' },
    responseHeaders: { 'set-cookie': 'sk-secret', 'x-request-id': 'sk-secret' },
  });
  expect(writeCassette([recorded])).not.toContain('sk-secret');
});

test('Headers an app sets count, headers its browser adds do not', async () => {
  const { key } = await one({});
  expect((await one({ headers: { 'accept-language': 'de', 'sec-gpc': '1', dnt: '1' } })).key).toBe(key);
  expect((await one({ headers: { 'openai-beta': 'b' } })).key).not.toBe(key);
});

test.each<[string, HarSample, RegExp]>([
  ['of another status', { status: 429 }, /^its status is 429$/],
  ['whose text is missing', { content: { size: 400, mimeType: 'text/event-stream' } }, /does not have its answer/],
  ['without what was sent', { postData: null }, /does not have what was sent/],
  [
    'that was cut',
    { content: { mimeType: 'text/event-stream', text: chatStream.slice(0, -20) } },
    /^the answer is not whole/,
  ],
  [
    'of fewer bytes than came',
    { content: { size: 10_000, text: chatStream } },
    /^its text has \d+ bytes, 10000 were sent$/,
  ],
  ['in no Base64', { content: { encoding: 'base64', text: '?' } }, /^its text is no Base64$/],
  ['in another encoding', { content: { encoding: 'br', text: 'abc' } }, /^its encoding is "br"/],
  ['of no time', { startedDateTime: 'yesterday' }, /^its time is "yesterday"$/],
  ['longer than any time', { time: 1e300 }, /^it took 1e\+300 ms$/],
  ['to a form', { postData: { mimeType: 'multipart/form-data; boundary=a', text: '--a' } }, /is a form/],
  ['to what the API does not take', { asked: 'Hi' }, /^its body is not what this API takes$/],
  ['that was not to be stored', { headers: { 'x-refrain': 'no-store' } }, /^it asked not to be stored$/],
  ['with a credential', { content: { text: chatStream.replace('"m-1"', '"m-1","api_key":"a"') } }, /"api_key"/],
  ['with damaged headers', { postData: { text: 5 } }, /./],
])('An answer %s is left out with its reason', async (_what, sample, reason) => {
  expect(await imported(sample)).toEqual([expect.stringMatching(reason)]);
});

test('Calls of other addresses and methods are passed over', async () => {
  expect(await imported({ url: 'https://api.example/v1/files' }, { method: 'GET' }, { url: 'nowhere' })).toEqual([]);
});

test('Base64, and text whose every byte became a character, are read as the bytes they were', async () => {
  const bytes = new TextEncoder().encode(chatStream);
  const characters = String.fromCharCode(...bytes);
  const base64 = await one({ content: { encoding: 'base64', text: btoa(characters), size: bytes.length } });
  const single = await one({ content: { text: characters, size: bytes.length } });
  const windows = chatStream.replace('Té😀', 'TÃ©ðŸ˜€');
  for (const size of [-1, 0, bytes.length])
    expect((await one({ content: { text: windows, size } })).answers[0].body).toEqual(bytes);
  expect(base64.answers[0].body).toEqual(bytes);
  expect(single.answers[0].body).toEqual(bytes);
  const asked = JSON.stringify({ ...chatQuestion, model: 'é' });
  const asBytes = String.fromCharCode(...new TextEncoder().encode(asked));
  expect((await one({ asked: asBytes, bodySize: asBytes.length })).key).toBe((await one({ asked })).key);
});

test('A stream that names no charset was decoded as another, whatever size its tool made of it', async () => {
  const text = chatStream.replace('Té😀', 'TÃ©ðŸ˜€');
  const size = new TextEncoder().encode(text).length;
  const guessed = { responseHeaders: { 'content-type': 'text/event-stream' }, content: { text, size } };
  const compressed = await one({ ...guessed, sent: 120 });
  expect(new TextDecoder().decode(compressed.answers[0].body)).toBe(chatStream);
  expect(new TextDecoder().decode((await one({ ...guessed, sent: size })).answers[0].body)).toBe(text);
});

test('A text that only looks so is left as it is where its size says so', async () => {
  const text = chatStream.replace('Té😀', 'Ã©');
  const size = new TextEncoder().encode(text).length;
  expect(new TextDecoder().decode((await one({ content: { text, size } })).answers[0].body)).toBe(text);
  const accents = chatStream.replace('Té😀', 'Tée');
  expect(new TextDecoder().decode((await one({ content: { text: accents } })).answers[0].body)).toBe(accents);
});

test.each([
  ['', /no JSON/],
  ['{', /no JSON/],
  ['{"fixtures":[]}', /no "log.entries"/],
  ['null', /no "log.entries"/],
])('%j is told to be no HAR file', (text, reason) => {
  expect(() => readHar(text, () => true)).toThrow(reason);
});

const saying = (text: string, seconds: number, time = 500): HarSample => ({
  startedDateTime: new Date(Date.UTC(2025, 0, 1, 0, 0, seconds)).toISOString(),
  time,
  content: { text: chatStream.replace('Té😀', text) },
});

async function saidIn(samples: HarSample[]): Promise<(string | undefined)[]> {
  const recordings = sequences((await imported(...samples)) as Recorded[]);
  expect(recordings).toHaveLength(1);
  return recordings[0]?.answers.map(({ body }) => /"content":"(\w)"/.exec(new TextDecoder().decode(body))?.[1]) ?? [];
}

test('The n-th identical call gives the n-th answer, in the order of time; a repeat at the end is left out', async () => {
  expect(await saidIn([saying('b', 10), saying('a', 0), saying('a', 20)])).toEqual(['a', 'b', 'a']);
  expect(await saidIn([saying('a', 0), saying('b', 10), saying('b', 20)])).toEqual(['a', 'b']);
  expect(await saidIn([saying('a', 0), saying('a', 10)])).toEqual(['a']);
});

test('A call seen in the page and again in its worker is one call', async () => {
  expect(await saidIn([saying('a', 0, 5000), saying('a', 1), saying('b', 10, 5000), saying('b', 11)])).toEqual([
    'a',
    'b',
  ]);
  expect(await saidIn([saying('a', 0), saying('a', 1), saying('b', 10)])).toEqual(['a', 'a', 'b']);
  expect(await saidIn([saying('a', 0, 0), saying('a', 0, 0), saying('b', 1)])).toEqual(['a', 'a', 'b']);
});
