import { expect, test, vi } from 'vitest';
import { formats } from '../formats/index.ts';
import type { FormatName } from '../formats/paths.ts';
import { BodyReader, type ReadBody } from './body.ts';

const chatUrl = new URL('https://api.example/v1/chat/completions');
const audioUrl = new URL('https://api.example/v1/audio/transcriptions');

/** Reads a body as `fetch` would send it, its content type included. */
async function read(
  body: BodyInit,
  format: FormatName = 'openai-chat',
  url = chatUrl,
  { reader = new BodyReader(), ignore = [] as string[] } = {},
): Promise<ReadBody> {
  const request = new Request(url, { method: 'POST', body });
  const contentType = request.headers.get('content-type') ?? '';
  return reader.read(new Uint8Array(await request.arrayBuffer()), contentType, format, url, ignore);
}

function readAudio(form: FormData): Promise<ReadBody> {
  return read(form, 'openai-plain', audioUrl);
}

const question = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };
const chat = JSON.stringify(question);

test('BodyReader gives bodies that are equal but for white space and order one digest', async () => {
  const other = JSON.stringify({ messages: question.messages, model: 'm' }, null, 2);
  expect((await read(other)).digest).toBe((await read(chat)).digest);
});

test('BodyReader gives bodies that differ in an unknown member two digests', async () => {
  const other = JSON.stringify({ ...question, something_new: 1 });
  expect((await read(other)).digest).not.toBe((await read(chat)).digest);
});

test('BodyReader reads JSON sent as text/plain, which is what a bare fetch of a string sends', async () => {
  const asText = await read(chat);
  const asJson = await read(new Blob([chat], { type: 'application/json' }));
  expect(asText).toEqual(asJson);
  expect(asText.ask).toEqual({ model: 'm', stream: false });
  expect(asText.raw).toBeUndefined();
});

test('BodyReader tells what was left out', async () => {
  const body = JSON.stringify({ ...question, stream: true, prompt_cache_key: 'k' });
  expect((await read(body)).leftOut).toEqual(['/stream', '/prompt_cache_key']);
});

test('BodyReader gives the shape apart from the digest: a stream is another entry of the same question', async () => {
  const stream = await read(JSON.stringify({ ...question, stream: true }));
  const json = await read(JSON.stringify({ ...question, stream: false }));
  const withUsage = await read(JSON.stringify({ ...question, stream: true, stream_options: { include_usage: true } }));
  expect(new Set([stream, json, withUsage].map(({ digest }) => digest)).size).toBe(1);
  expect(new Set([stream, json, withUsage].map(({ shape }) => shape)).size).toBe(3);
});

test.each([
  ['no JSON', 'Hello', 'not JSON'],
  ['JSON that is cut', '{"model":"m"', 'not JSON'],
  ['a byte order mark', '\ufeff{"model":"m"}', 'not JSON'],
  ['duplicate names', '{"model":"a","model":"b","messages":[]}', 'duplicate member name'],
  ['a lone surrogate', '{"model":"\\ud800","messages":[]}', 'lone surrogate'],
])('BodyReader hashes the bytes themselves: %s', async (_name, body, why) => {
  const one = await read(body);
  expect(one.raw).toBe(why);
  expect((await read(`${body} `)).digest).not.toBe(one.digest);
});

test('BodyReader hashes the bytes themselves, where they are no UTF-8', async () => {
  const bytes = (last: number) => new Uint8Array([...new TextEncoder().encode('{"model":"'), last, 0x22, 0x7d]);
  const one = await read(bytes(0xfe));
  expect(one.raw).toBe('not JSON');
  expect((await read(bytes(0xff))).digest).not.toBe(one.digest);
});

test('BodyReader still tells what is asked, of a body that is hashed raw', async () => {
  const body = '{"model":"a","messages":[],"stream":true,"user":"x","user":"y"}';
  expect(await read(body)).toMatchObject({ raw: 'duplicate member name', ask: { model: 'a', stream: true } });
});

test.each(['', 'Hello', '[]', '"text"', '1', 'null', '{}', '{"model":1}'])(
  'BodyReader finds nothing asked in %j',
  async (body) => {
    expect((await read(body)).ask).toBeUndefined();
  },
);

test.each([
  ['9007199254740993', '9007199254740992'],
  ['1', '1.0'],
])('BodyReader keeps the seeds %s and %s apart', async (one, other) => {
  const body = (seed: string) => `{"model":"m","messages":[],"seed":${seed}}`;
  expect((await read(body(one))).digest).not.toBe((await read(body(other))).digest);
});

test('BodyReader keeps NFC and NFD apart', async () => {
  const body = (form: string) => JSON.stringify({ model: 'm', messages: [], user: 'é'.normalize(form) });
  expect((await read(body('NFC'))).digest).not.toBe((await read(body('NFD'))).digest);
});

test('BodyReader never gives raw bytes the digest of a canonical text', async () => {
  // A reader for which nothing is the envelope hashes the text as it stands, which is the same bytes as here.
  const text = '{"a":1}';
  const asJson = await read(text, 'generic');
  const asForm = await new BodyReader().read(
    new TextEncoder().encode(text),
    'multipart/form-data; boundary=x',
    'generic',
    chatUrl,
    [],
  );
  expect(asJson.digest).not.toBe(asForm.digest);
});

test('BodyReader keeps a generic body whole, in its own order', async () => {
  const one = await read('{"a":1,"stream":true}', 'generic');
  expect((await read('{"stream":true,"a":1}', 'generic')).digest).not.toBe(one.digest);
  expect((await read('{"a":1}', 'generic')).digest).not.toBe(one.digest);
  expect((await read('{ "a": 1, "stream": true }', 'generic')).digest).toBe(one.digest);
});

test('BodyReader leaves out what data-ignore names, and only with it', async () => {
  const body = (id: number) => JSON.stringify({ id, messages: [{ id, text: 'Hi' }] });
  const digestOf = async (id: number, ignore: string[]) =>
    (await read(body(id), 'generic', chatUrl, { ignore })).digest;
  const ignore = ['/id', '/messages/*/id'];
  expect(await digestOf(1, ignore)).toBe(await digestOf(2, ignore));
  expect(await digestOf(1, [])).not.toBe(await digestOf(2, []));
  expect(await digestOf(1, ['/id'])).not.toBe(await digestOf(2, ['/id']));
});

test('BodyReader answers a repeat with what it read before, and never parses it again', async () => {
  const describe = vi.spyOn(formats['openai-chat'], 'describe');
  const reader = new BodyReader();
  const first = await read(chat, 'openai-chat', chatUrl, { reader });
  expect(await read(chat, 'openai-chat', chatUrl, { reader })).toBe(first);
  expect(describe).toHaveBeenCalledTimes(1);
  describe.mockRestore();
});

test('BodyReader reads the same bytes anew for another format, path, form or data-ignore', async () => {
  const reader = new BodyReader();
  const contents = JSON.stringify({ contents: [], messages: [], id: 1 });
  const modelAt = async (path: string) =>
    (await read(contents, 'gemini', new URL(`https://g.example${path}`), { reader })).ask?.model;
  expect(await modelAt('/v1beta/models/a:generateContent')).toBe('a');
  expect(await modelAt('/v1beta/models/b:generateContent')).toBe('b');
  const asChat = await read(contents, 'openai-chat', chatUrl, { reader });
  const asGeneric = await read(contents, 'generic', chatUrl, { reader });
  const ignoring = await read(contents, 'generic', chatUrl, { reader, ignore: ['/id'] });
  expect(new Set([asChat, asGeneric, ignoring].map(({ digest }) => digest)).size).toBe(3);
});

const wav = (content: string, type = 'audio/wav') => new Blob([content], { type });

function formOf(...parts: [name: string, value: string | Blob, fileName?: string][]): FormData {
  const form = new FormData();
  for (const [name, value, fileName] of parts)
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, fileName);
  return form;
}

const speech = () => formOf(['file', wav('RIFF'), 'voice.wav'], ['model', 'whisper-1']);

test('BodyReader gives a form one digest, whatever its boundary', async () => {
  const boundaries = [speech(), speech()].map((body) => new Response(body).headers.get('content-type'));
  expect(boundaries[0]).not.toBe(boundaries[1]);
  const [one, other] = [await readAudio(speech()), await readAudio(speech())];
  expect(one.digest).toBe(other.digest);
  expect(one.raw).toBeUndefined();
  expect(one.ask).toEqual({ model: 'whisper-1', stream: false });
});

test.each<[string, FormData]>([
  ['content', formOf(['file', wav('RIFX'), 'voice.wav'], ['model', 'whisper-1'])],
  ['part name', formOf(['audio', wav('RIFF'), 'voice.wav'], ['model', 'whisper-1'])],
  ['part type', formOf(['file', wav('RIFF', 'audio/mp3'), 'voice.wav'], ['model', 'whisper-1'])],
  ['extension', formOf(['file', wav('RIFF'), 'voice.mp3'], ['model', 'whisper-1'])],
  ['field', formOf(['file', wav('RIFF'), 'voice.wav'], ['model', 'whisper-2'])],
  ['field name', formOf(['file', wav('RIFF'), 'voice.wav'], ['modell', 'whisper-1'])],
  ['missing field', formOf(['file', wav('RIFF'), 'voice.wav'])],
  ['further field', formOf(['file', wav('RIFF'), 'voice.wav'], ['model', 'whisper-1'], ['language', 'de'])],
  ['repeated field', formOf(['file', wav('RIFF'), 'voice.wav'], ['model', 'whisper-1'], ['model', 'whisper-1'])],
  ['text instead of a file', formOf(['file', 'RIFF'], ['model', 'whisper-1'])],
])('BodyReader gives forms that differ two digests: %s', async (_what, other) => {
  expect((await readAudio(other)).digest).not.toBe((await readAudio(speech())).digest);
});

test('BodyReader takes no notice of a file’s own name: it is the user’s', async () => {
  const other = formOf(['file', wav('RIFF'), 'Other Name.WAV'], ['model', 'whisper-1']);
  expect((await readAudio(other)).digest).toBe((await readAudio(speech())).digest);
});

test('BodyReader keeps a form’s binary content to the byte', async () => {
  const form = (bytes: number[]) => formOf(['file', new Blob([new Uint8Array(bytes)]), 'a.wav'], ['model', 'w']);
  expect((await readAudio(form([0xff, 0x0d, 0x0a]))).digest).not.toBe(
    (await readAudio(form([0xfe, 0x0d, 0x0a]))).digest,
  );
  expect((await readAudio(form([0x0d, 0x0a]))).digest).not.toBe((await readAudio(form([0x0a]))).digest);
});

test('BodyReader tells that a form asks for a stream', async () => {
  const form = speech();
  form.append('stream', 'true');
  expect((await readAudio(form)).ask).toEqual({ model: 'whisper-1', stream: true });
});

test('BodyReader hashes the bytes of a form that is none', async () => {
  const reader = new BodyReader();
  const readForm = (text: string) =>
    reader.read(new TextEncoder().encode(text), 'multipart/form-data; boundary=b', 'openai-plain', audioUrl, []);
  const one = await readForm('no form');
  expect(one).toMatchObject({ raw: 'not a form', ask: { stream: false } });
  expect((await readForm('no form!')).digest).not.toBe(one.digest);
});
