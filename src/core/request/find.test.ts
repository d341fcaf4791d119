import { expect, test } from 'vitest';
import { noCassettes } from '../cassette/no-cassettes.ts';
import type { FormatName } from '../formats/paths.ts';
import { dataEvents } from '../formats/sample-answers.ts';
import { keyOf, materialOf } from '../key/key.ts';
import { defaultPageSettings } from '../settings/options.ts';
import type { Entry, EntryMeta } from '../store/entry.ts';
import { MemoryTier } from '../store/memory-tier.ts';
import { Store } from '../store/store.ts';
import { sampleEntry } from '../store/tier-contract.ts';
import { find, storedShapes } from './find.ts';
import type { Question } from './question.ts';

const chat = 'https://api.example/v1/chat/completions';
const now = 1_000_000;
const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
const head = { id: 'c', created: 1, model: 'm-1' };
const chunk = (choices: object[], more: object = {}) => ({
  ...head,
  object: 'chat.completion.chunk',
  choices,
  ...more,
});
const chunks = [
  chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
  chunk([{ index: 0, delta: { content: 'Té' }, finish_reason: null }]),
  chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
];
const stream = dataEvents(...chunks, '[DONE]');
const streamWithUsage = dataEvents(...chunks, chunk([], { usage }), '[DONE]');
const message = { role: 'assistant', content: 'Té', refusal: null };
const completion = {
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message, finish_reason: 'stop' }],
  usage,
};
/** With white space, which no conversion writes. */
const json = JSON.stringify(completion, null, 2);

interface Asked {
  url?: string;
  format?: FormatName;
  partition?: string;
  ttl?: number | null;
}

async function questionFor(shape: string, { ttl = null, ...asked }: Asked = {}): Promise<Question> {
  const { url = chat, format = 'openai-chat', partition = 'none' } = asked;
  const at = new URL(url);
  const material = materialOf({
    format,
    method: 'POST',
    url: at,
    headers: new Headers(),
    partition,
    modelVersion: undefined,
    variant: undefined,
    digest: 'json 00',
  });
  const read = { digest: 'json 00', shape, ask: undefined, leftOut: [] };
  // The parts of a question that finding its answer takes.
  return {
    format,
    material,
    read,
    ttl,
    key: await keyOf(material, shape),
    call: { url: at },
    page: defaultPageSettings,
  } as unknown as Question;
}

const typeOf = (text: string) => (text.startsWith('data:') ? 'text/event-stream; charset=utf-8' : 'application/json');

/** A store over one tier in memory that holds these answers to one question, by shape. */
class Shelf {
  readonly tier = new MemoryTier(10_000_000, () => {});
  readonly looks: string[] = [];
  readonly store = new Store([this.tier], () => now);

  constructor() {
    const get = this.tier.get.bind(this.tier);
    this.tier.get = (key) => {
      this.looks.push(key);
      return get(key);
    };
  }

  async put(shape: string, text: string, more: Partial<EntryMeta> = {}, asked: Asked = {}): Promise<Entry> {
    const { key } = await questionFor(shape, asked);
    const headers = [['content-type', typeOf(text)]] as const;
    const entry = sampleEntry('', text, { key, headers, storedAt: now, ttl: 100, ...more });
    await this.store.put(entry);
    return entry;
  }

  async find(shape: string, asked?: Asked) {
    const found = await find({ store: this.store, cassettes: noCassettes }, await questionFor(shape, asked));
    return found && { ...found, meta: found.entry.meta, text: await new Response(found.entry.body).text() };
  }
}

/** Stored longer ago than it lives. */
const stale = { storedAt: now - 200_000 };

test('find gives an answer in the shape it is asked for as it was stored, whatever else is there', async () => {
  const shelf = new Shelf();
  await shelf.put('stream+usage', streamWithUsage);
  await shelf.put('stream', stream);
  const entry = await shelf.put('json', json);
  const found = await shelf.find('json');
  expect(found).toMatchObject({ tier: 'memory', left: 100, text: json });
  expect(found?.entry).toBe(entry);
  expect(shelf.looks).toHaveLength(1);
});

test('find makes a body of a stream, and says what it is', async () => {
  const shelf = new Shelf();
  const headers = [
    ['content-language', 'de'],
    ['content-type', 'text/event-stream; charset=utf-8'],
    ['x-generation-id', 'gen-1'],
  ] as const;
  const more = { headers, tag: 'greeting', servedBy: 'm-1', storedAt: now - 5000, elapsed: 7, statusText: 'OK then' };
  const entry = await shelf.put('stream+usage', streamWithUsage, more);
  const found = await shelf.find('json');
  expect(JSON.parse(found?.text ?? '')).toEqual(completion);
  expect(found).toMatchObject({ tier: 'memory', left: 95 });
  expect(found?.meta).toEqual({
    ...entry.meta,
    key: (await questionFor('json')).key,
    headers: [
      ['content-language', 'de'],
      ['content-type', 'application/json'],
      ['x-generation-id', 'gen-1'],
    ],
    bytes: new TextEncoder().encode(found?.text).byteLength,
  });
  expect(found?.entry.body).toHaveProperty('byteLength', found?.meta.bytes);
});

test('find makes a stream of a body, with usage or without, as it is asked for', async () => {
  const shelf = new Shelf();
  await shelf.put('json', json);
  const counted = await shelf.find('stream+usage');
  const plain = await shelf.find('stream');
  for (const found of [counted, plain]) {
    expect(found?.meta.headers).toEqual([['content-type', 'text/event-stream']]);
    expect(found?.text).toMatch(/^data: \{.*"Té".*\n\ndata: \[DONE\]\n\n$/s);
  }
  expect(counted?.text).toContain('"prompt_tokens":5');
  expect(plain?.text).not.toContain('usage');
});

test('find stores nothing: what was made is made again', async () => {
  const shelf = new Shelf();
  const { meta } = await shelf.put('json', json);
  await shelf.find('stream');
  expect((await shelf.store.list()).map((listed) => listed.meta)).toEqual([meta]);
});

test('find takes the most telling shape first', async () => {
  const shelf = new Shelf();
  await shelf.put('json', json, { tag: 'body' });
  await shelf.put('stream', stream, { tag: 'stream' });
  await shelf.put('stream+usage', streamWithUsage, { tag: 'counted' });
  expect((await shelf.find('stream'))?.meta.tag).toBe('stream');
  await shelf.store.remove(({ tag }) => tag === 'stream', 'purge');
  expect((await shelf.find('stream'))?.meta.tag).toBe('body');
  await shelf.store.remove(({ tag }) => tag === 'body', 'purge');
  expect((await shelf.find('stream'))?.meta.tag).toBe('counted');
});

test('find prefers what is fresh and made to what is stale and stored', async () => {
  const shelf = new Shelf();
  await shelf.put('json', json, stale);
  await shelf.put('stream+usage', streamWithUsage);
  const found = await shelf.find('json');
  expect(found?.left).toBe(100);
  expect(found?.text).toBe(JSON.stringify(JSON.parse(found?.text ?? '')));
});

test('find prefers a fresh answer of a later shape to a stale one of an earlier', async () => {
  const shelf = new Shelf();
  await shelf.put('json', json, stale);
  await shelf.put('stream+usage', streamWithUsage);
  expect((await shelf.find('stream'))?.left).toBe(100);
});

test('find prefers what is stored to what is made, where both are stale', async () => {
  const shelf = new Shelf();
  await shelf.put('stream+usage', streamWithUsage, { storedAt: now - 150_000 });
  await shelf.put('json', json, stale);
  const found = await shelf.find('json');
  expect(found).toMatchObject({ left: -100, text: json });
});

test('find gives what is stale and made, where there is nothing better', async () => {
  const shelf = new Shelf();
  await shelf.put('stream+usage', streamWithUsage, stale);
  const found = await shelf.find('json');
  expect(found?.left).toBe(-100);
  expect(JSON.parse(found?.text ?? '')).toEqual(completion);
});

test('find takes the asker’s own lifetime for what it makes, too', async () => {
  const shelf = new Shelf();
  await shelf.put('stream+usage', streamWithUsage, { storedAt: now - 50_000 });
  expect((await shelf.find('json', { ttl: 60 }))?.left).toBe(10);
  expect((await shelf.find('json', { ttl: 40 }))?.left).toBe(-10);
});

test.each([
  ['a stream that counts no tokens', 'stream', stream],
  ['a stream that is none', 'stream+usage', 'data: {\n\n'],
  ['an empty answer', 'stream+usage', ''],
])('find misses where a body could only be made by invention: of %s', async (_what, shape, text) => {
  const shelf = new Shelf();
  await shelf.put(shape, text);
  expect(await shelf.find('json')).toBeUndefined();
});

test('find gives what is stale where what is fresh cannot be converted', async () => {
  const shelf = new Shelf();
  await shelf.put('stream', stream);
  await shelf.put('json', json, stale);
  expect(await shelf.find('json')).toMatchObject({ left: -100, text: json });
});

test('find converts another fresh answer where the first cannot be converted', async () => {
  const shelf = new Shelf();
  await shelf.put('stream+usage', 'data: {\n\n');
  await shelf.put('json', json);
  expect((await shelf.find('stream'))?.text).toContain('"Té"');
});

test.each<[string, Asked]>([
  ['a format without other shapes', { format: 'generic' }],
  ['a host whose streams count otherwise', { url: 'https://api.groq.com/openai/v1/chat/completions' }],
])('find converts nothing for %s', async (_what, asked) => {
  const shelf = new Shelf();
  await shelf.put('json', json, {}, asked);
  expect(await shelf.find('stream', asked)).toBeUndefined();
  expect(shelf.looks).not.toContain((await questionFor('json', asked)).key);
});

test('find never gives the answer to another question, in any shape', async () => {
  const shelf = new Shelf();
  for (const shape of ['json', 'stream', 'stream+usage']) await shelf.put(shape, json, {}, { partition: 'another' });
  for (const shape of ['json', 'stream', 'stream+usage', 'array']) expect(await shelf.find(shape)).toBeUndefined();
});

test('find gives an answer that lands while it looks for other shapes', async () => {
  const shelf = new Shelf();
  const { key: last } = await questionFor('stream');
  const get = shelf.tier.get;
  shelf.tier.get = async (key) => {
    const entry = await get(key);
    if (key === last) await shelf.put('json', json);
    return entry;
  };
  expect(await shelf.find('json')).toMatchObject({ left: 100, text: json });
});

test('find misses where nothing is stored', async () => {
  expect(await new Shelf().find('json')).toBeUndefined();
});

test('storedShapes gives the other shapes in which an answer is stored, stale ones too, with their keys', async () => {
  const shelf = new Shelf();
  await shelf.put('json', json, stale);
  await shelf.put('stream', stream);
  const { key } = await questionFor('json');
  expect(await storedShapes(shelf.store, await questionFor('stream'))).toEqual([['json', key]]);
  expect(await storedShapes(shelf.store, await questionFor('["/v1/chat/completions",true,{}]'))).toEqual([]);
});

test('storedShapes gives no shape that the new answer may not be made into, but its key', async () => {
  const shelf = new Shelf();
  const at = { url: 'https://api.groq.com/openai/v1/chat/completions' };
  await shelf.put('stream', stream, {}, at);
  const { key } = await questionFor('stream', at);
  expect(await storedShapes(shelf.store, await questionFor('json', at))).toEqual([[undefined, key]]);
});
