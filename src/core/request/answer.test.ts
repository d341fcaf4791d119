import { expect, test, vi } from 'vitest';
import { formats } from '../formats/index.ts';
import { dataEvents } from '../formats/sample-answers.ts';
import { Partitioner } from '../key/partition.ts';
import { MemoryTier } from '../store/memory-tier.ts';
import { answer } from './answer.ts';
import { type Asked, Bench, chat, eventStream, question, stream } from './answer-bench.ts';

test('answer asks upstream once, and answers from memory then, byte for byte', async () => {
  const bench = new Bench();
  const first = await bench.ask();
  bench.now += 5000;
  const second = await bench.ask();
  expect([first.text, second.text]).toEqual([stream, stream]);
  expect(bench.sent).toHaveLength(1);
  expect(first.cached).toBe('refrain; fwd=miss');
  expect(second.cached).toBe('refrain; hit; ttl=2591995; detail=memory');
  expect(second.response.headers.get('age')).toBe('5');
  expect(second.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(bench.types()).toEqual(['entry-miss miss', 'entry-store', 'entry-hit']);
});

test('answer sends the request as the app made it', async () => {
  const bench = new Bench();
  const body = JSON.stringify(question, null, 3);
  await bench.ask({ body, headers: { authorization: 'Bearer k', 'content-type': 'application/json', 'x-own': '1' } });
  const [sent] = bench.sent as [Request];
  expect(await sent.text()).toBe(body);
  expect([sent.url, sent.method]).toEqual([chat, 'POST']);
  expect([...sent.headers]).toEqual([
    ['authorization', 'Bearer k'],
    ['content-type', 'application/json'],
    ['x-own', '1'],
  ]);
});

test('answer reports what a hit saved, and never a credential', async () => {
  const bench = new Bench();
  bench.respond = () => {
    bench.now += 1200;
    return new Response(stream, eventStream);
  };
  const asked = { url: `${chat}?key=SECRET`, headers: { authorization: 'Bearer SECRET' } };
  await bench.ask(asked);
  await bench.ask(asked);
  expect(bench.events.at(-1)).toMatchObject({
    type: 'entry-hit',
    saved: { ms: 1200, input: 5, output: 2 },
    model: 'm',
  });
  expect(JSON.stringify([bench.events, await bench.engine.store.list()])).not.toContain('SECRET');
});

test('answer makes one upstream call of many at once, and gives each the whole answer', async () => {
  const bench = new Bench();
  bench.respond = async () => {
    await expect.poll(() => bench.types().filter((type) => type === 'flight-join')).toHaveLength(9);
    return new Response(stream, eventStream);
  };
  const answers = await Promise.all(Array.from({ length: 10 }, () => bench.ask()));
  expect(answers.map(({ text }) => text)).toEqual(Array(10).fill(stream));
  expect(bench.sent).toHaveLength(1);
  expect(answers.filter(({ cached }) => cached === 'refrain; fwd=miss; collapsed')).toHaveLength(9);
});

test('answer makes no second upstream call, when the first lands while the second still looks on disk', async () => {
  const bench = new Bench();
  let look = () => {};
  let slow = false;
  let looks = 0;
  const looked = new Promise<void>((resolve) => {
    look = resolve;
  });
  // A disk that is slow for the second asker.
  const disk = new MemoryTier(10_000_000, () => {});
  const get = disk.get.bind(disk);
  disk.get = async (key) => {
    const found = await get(key);
    if (slow) {
      looks++;
      await looked;
    }
    return found;
  };
  bench.addTier(disk);
  let send = (_response: Response) => {};
  bench.respond = () =>
    new Promise((resolve) => {
      send = resolve;
    });
  const first = bench.ask();
  await expect.poll(() => bench.sent.length).toBe(1);
  slow = true;
  const second = bench.ask();
  await expect.poll(() => looks).toBe(1);
  send(new Response(stream, eventStream));
  expect((await first).text).toBe(stream);
  bench.respond = () => new Response(stream, eventStream);
  look();
  expect((await second).text).toBe(stream);
  expect(bench.sent).toHaveLength(1);
});

test.each<[string, Asked, Asked]>([
  ['credential', { headers: { authorization: 'Bearer a' } }, { headers: { authorization: 'Bearer b' } }],
  ['partition', { page: { partition: 'a' } }, { page: { partition: 'b' } }],
  ['body', {}, { body: JSON.stringify({ ...question, seed: 1 }) }],
  ['shape', {}, { body: JSON.stringify({ ...question, stream: false }) }],
  ['variant', { wishes: 'variant=1' }, { wishes: 'variant=2' }],
  ['model version', { page: { models: { m: '1' } } }, { page: { models: { m: '2' } } }],
  ['unknown header', {}, { headers: { 'x-new': '1' } }],
  ['URL', {}, { url: 'https://other.example/v1/chat/completions' }],
])('answer asks anew, when requests differ in their %s', async (_what, one, other) => {
  const bench = new Bench();
  await bench.ask(one);
  await bench.ask(other);
  expect(bench.sent).toHaveLength(2);
  await bench.ask(one);
  await bench.ask(other);
  expect(bench.sent).toHaveLength(2);
});

test('answer keeps nothing of a catalog’s old version for the new one, and takes other models’ versions for nothing', async () => {
  const bench = new Bench();
  await bench.ask({ page: { models: { m: '1', other: '1' } } });
  await bench.ask({ page: { models: { m: '1', other: '2' } } });
  expect(bench.sent).toHaveLength(1);
  await bench.ask({ page: { models: { m: '2' } } });
  expect(bench.sent).toHaveLength(2);
});

test.each<[string, Response, string]>([
  ['an upstream error', new Response('{"error":"slow down"}', { status: 429 }), 'status'],
  ['a server error', new Response('oops', { status: 500 }), 'status'],
  ['a created resource', new Response(stream, { ...eventStream, status: 201 }), 'status'],
  ['no body', new Response(null, eventStream), 'no-body'],
  ['another content type', new Response('<html>', { headers: { 'content-type': 'text/html' } }), 'unproven'],
  ['no content type', new Response(new TextEncoder().encode(stream)), 'unproven'],
  ['a cut stream', new Response(stream.slice(0, -20), eventStream), 'truncated'],
  ['an error in the stream', new Response(dataEvents({ error: 'x' }) + stream, eventStream), 'error'],
  ['a filtered answer', new Response(stream.replace('"stop"', '"content_filter"'), eventStream), 'filtered'],
])('answer passes on as it is, and does not keep, %s', async (_what, response, reason) => {
  const bench = new Bench();
  const body = await response.clone().text();
  bench.respond = () => response.clone();
  for (let i = 0; i < 2; i++) {
    const given = await bench.ask();
    expect([given.text, given.status]).toEqual([body, response.status]);
  }
  expect(bench.sent).toHaveLength(2);
  expect(bench.events).toContainEqual(expect.objectContaining({ type: 'entry-skip', reason }));
  expect(await bench.engine.store.list()).toEqual([]);
});

test('answer rejects as the network does, and keeps nothing', async () => {
  const bench = new Bench();
  const failure = new TypeError('Failed to fetch');
  bench.respond = () => Promise.reject(failure);
  await expect(bench.ask()).rejects.toBe(failure);
  bench.respond = () => new Response(stream, eventStream);
  expect((await bench.ask()).cached).toBe('refrain; fwd=miss');
});

test.each<[string, Asked, string]>([
  ['the page is off', { page: { mode: 'off' } }, 'off'],
  ['fetch says no-store', { cache: 'no-store' }, 'no-store'],
  ['x-refrain says no-store', { wishes: 'no-store' }, 'no-store'],
  ['cache-control says no-store', { headers: { 'cache-control': 'no-store' } }, 'no-store'],
  ['the body is none of the format', { body: '{"a":1}' }, 'not-understood'],
  ['the body is no JSON', { body: 'Hello' }, 'not-understood'],
  ['the answer depends on the web', { body: JSON.stringify({ ...question, web_search_options: {} }) }, 'live'],
  ['the answer depends on state', { body: JSON.stringify({ ...question, store: true }) }, 'stateful'],
  ['the browser may add a cookie', { sameOrigin: true }, 'ambient-credential'],
])('answer goes past the cache, when %s', async (_when, asked, reason) => {
  const bench = new Bench();
  await bench.ask();
  bench.events.length = 0;
  const given = await bench.ask(asked);
  expect([given.text, given.cached]).toEqual([stream, null]);
  expect(bench.sent).toHaveLength(2);
  expect(await bench.sent[1]?.text()).toBe(asked.body ?? JSON.stringify(question));
  expect(bench.events).toContainEqual(expect.objectContaining({ type: 'bypass', reason }));
  expect(await bench.engine.store.list()).toHaveLength(1);
});

test('answer goes past the cache, when a client did not say which page it is', async () => {
  const bench = new Bench();
  const response = await answer(bench.engine, { ...bench.call({}), page: undefined });
  expect(await response.text()).toBe(stream);
  expect(bench.types()).toEqual(['bypass unknown-client']);
});

test('answer goes past the cache, when something of its own fails', async () => {
  const bench = new Bench();
  const partitions = new Partitioner(() => Promise.reject(new Error('no secret')));
  const call = bench.call({ headers: { authorization: 'Bearer k' } });
  const response = await answer({ ...bench.engine, partitions }, call);
  expect(await response.text()).toBe(stream);
  expect(bench.types()).toEqual(['problem', 'bypass failed']);
});

test('answer goes past the cache, when the body is larger than is read for a key', async () => {
  const bench = new Bench();
  const body = JSON.stringify({ ...question, pad: 'x'.repeat(32_000_000) });
  expect((await bench.ask({ body })).text).toBe(stream);
  expect(bench.types()).toEqual(['bypass request-too-large']);
  expect((await bench.sent[0]?.arrayBuffer())?.byteLength).toBe(body.length);
});

test('answer shares one partition among users, when the app says so', async () => {
  const bench = new Bench();
  const page = { partition: 'shared' };
  await bench.ask({ page, sameOrigin: true });
  await bench.ask({ page, headers: { authorization: 'Bearer a' } });
  expect(bench.sent).toHaveLength(1);
});

test.each<[string, Asked]>([
  ['x-refrain: reload', { wishes: 'reload' }],
  ['cache: reload', { cache: 'reload' }],
  ['cache: no-cache', { cache: 'no-cache' }],
  ['cache-control: no-cache', { headers: { 'cache-control': 'no-cache' } }],
  ['data-mode: record', { page: { mode: 'record' } }],
])('answer asks upstream anew and stores, with %s', async (_with, asked) => {
  const bench = new Bench();
  await bench.ask();
  bench.respond = () => new Response(stream.replace('Té', 'new'), eventStream);
  expect(await bench.ask(asked)).toMatchObject({
    text: expect.stringContaining('new'),
    cached: 'refrain; fwd=request',
  });
  expect(await bench.ask()).toMatchObject({
    text: expect.stringContaining('new'),
    cached: expect.stringContaining('hit'),
  });
});

test.each<[string, Asked]>([
  ['x-refrain: only-if-cached', { wishes: 'only-if-cached' }],
  ['cache: only-if-cached', { cache: 'only-if-cached' }],
  ['data-mode: replay', { page: { mode: 'replay' } }],
])('answer never asks upstream, with %s', async (_with, asked) => {
  const bench = new Bench();
  expect(await bench.ask(asked)).toMatchObject({ status: 504 });
  expect(bench.sent).toHaveLength(0);
  await bench.ask();
  expect(await bench.ask(asked)).toMatchObject({ status: 200, text: stream });
  expect(bench.sent).toHaveLength(1);
});

test('answer never asks upstream for what cannot be stored either, in mode replay', async () => {
  const bench = new Bench();
  expect(await bench.ask({ page: { mode: 'replay' }, sameOrigin: true })).toMatchObject({ status: 504 });
  expect(bench.sent).toHaveLength(0);
  expect(bench.events).toMatchObject([
    { type: 'problem' },
    { type: 'not-stored', why: expect.stringContaining('ambient-credential') },
  ]);
});

test('answer asks upstream, when the stored answer is stale, and says so', async () => {
  const bench = new Bench();
  await bench.ask({ wishes: 'ttl=60s' });
  bench.now += 60_000;
  expect((await bench.ask()).cached).toBe('refrain; fwd=stale');
  expect(bench.sent).toHaveLength(2);
});

test('answer takes the asker’s own lifetime, where it is shorter', async () => {
  const bench = new Bench();
  await bench.ask();
  bench.now += 10_000;
  expect((await bench.ask({ page: { ttl: 5 } })).cached).toBe('refrain; fwd=stale');
});

test('answer gives what is stale, with force-cache', async () => {
  const bench = new Bench();
  await bench.ask({ wishes: 'ttl=60s' });
  bench.now += 70_000;
  expect((await bench.ask({ cache: 'force-cache' })).cached).toBe('refrain; hit; ttl=-10; detail=memory');
  expect(bench.sent).toHaveLength(1);
});

test('answer gives what is stored and renews it behind, in mode refresh', async () => {
  const bench = new Bench();
  await bench.ask();
  bench.respond = () => new Response(stream.replace('Té', 'new'), eventStream);
  expect((await bench.ask({ page: { mode: 'refresh' } })).text).toBe(stream);
  expect(bench.sent).toHaveLength(2);
  expect((await bench.ask()).text).toContain('new');
});

test('answer honours no-store of the app’s own endpoints, and not of providers, who always say it', async () => {
  const bench = new Bench();
  const noStore = { headers: { ...eventStream.headers, 'cache-control': 'private, no-store' } };
  bench.respond = () => new Response(stream, noStore);
  await bench.ask();
  await bench.ask();
  expect(bench.sent).toHaveLength(1);
  const own = { url: 'https://llm.example/v1/chat/completions', named: true };
  await bench.ask(own);
  await bench.ask(own);
  expect(bench.sent).toHaveLength(3);
});

test('answer leaves members out for data-ignore, on endpoints the app named and on no other', async () => {
  const bench = new Bench();
  const body = (id: number) => JSON.stringify({ ...question, id });
  const page = { ignore: ['/id'] };
  for (const named of [true, false]) for (const id of [1, 2]) await bench.ask({ body: body(id), page, named });
  expect(bench.sent).toHaveLength(3);
});

const chatOfApp = { url: 'https://app.example/api/chat', named: true, page: { partition: 'user' } };
const uiStream = dataEvents({ type: 'start' }, { type: 'text-delta', delta: 'Hi' }, { type: 'finish' }, '[DONE]');

test.each([
  ['names no model', { id: 'c1', messages: [{ role: 'user', parts: [] }], trigger: 'submit-message' }],
  ['names a model', { model: 'm', messages: [{ role: 'user', parts: [] }] }],
])('answer keeps what the app’s own /api/chat streams, when the body %s', async (_what, body) => {
  const bench = new Bench();
  bench.respond = () => new Response(uiStream, eventStream);
  for (let i = 0; i < 2; i++)
    expect((await bench.ask({ ...chatOfApp, body: JSON.stringify(body) })).text).toBe(uiStream);
  expect(bench.sent).toHaveLength(1);
});

/** The same question for a body, with its answer. */
const forBody: Asked = { body: JSON.stringify({ ...question, stream: false }) };
const bodyThatSays = (content: string) =>
  Response.json({
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
  });

test.each([
  ['has no usage, which a body must have', chat],
  ['is of a host whose streams count otherwise', 'https://api.groq.com/openai/v1/chat/completions'],
])('answer forgets what the app wants no more in another shape, when the new answer %s', async (_why, url) => {
  const bench = new Bench();
  const [old, renewed] = url === chat ? [forBody, {}] : [{}, forBody];
  const respond = (content: string) => async (request: Request) => {
    const { stream: streams } = await request.json();
    return streams ? new Response(stream.replace('Té', content), eventStream) : bodyThatSays(content);
  };
  bench.respond = respond('old');
  await bench.ask({ url, ...old });
  bench.respond = respond('new');
  await bench.ask({ url, ...renewed, cache: 'reload' });
  expect((await bench.ask({ url, ...old })).text).toContain('new');
  expect(bench.sent).toHaveLength(3);
});

test('answer brings no other shape back that was purged by its key, while it was asked for anew', async () => {
  const bench = new Bench();
  await bench.ask();
  const [stored] = await bench.engine.store.list();
  bench.respond = async () => {
    const accepts = ({ key }: { key: string }) => key === stored?.meta.key;
    bench.flights.purge(accepts);
    await bench.engine.store.remove(accepts, 'purge');
    return bodyThatSays('new');
  };
  await bench.ask({ ...forBody, cache: 'reload' });
  const keys = (await bench.engine.store.list()).map(({ meta }) => meta.key);
  expect(keys).toHaveLength(1);
  expect(keys).not.toContain(stored?.meta.key);
});

test('answer stores nothing that was purged while it was on its way', async () => {
  const bench = new Bench();
  let send = (_response: Response) => {};
  bench.respond = () =>
    new Promise((resolve) => {
      send = resolve;
    });
  const asking = bench.ask();
  await expect.poll(() => bench.sent.length).toBe(1);
  bench.flights.purge(() => true);
  send(new Response(stream, eventStream));
  expect((await asking).text).toBe(stream);
  expect(await bench.engine.store.list()).toEqual([]);
});

test('answer closes upstream, when the app aborts before the headers', async () => {
  const bench = new Bench();
  bench.respond = ({ signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const call = bench.call({});
  const asking = answer(bench.engine, call);
  await expect.poll(() => bench.sent.length).toBe(1);
  bench.departures.aborted(call.mark?.call ?? '');
  await expect(asking).rejects.toThrow(/abort/i);
  expect(bench.sent[0]?.signal.aborted).toBe(true);
});

test('answer asks upstream for itself, when it wants a new answer while another is on its way', async () => {
  const bench = new Bench();
  const sends: ((response: Response) => void)[] = [];
  bench.respond = () => new Promise((resolve) => sends.push(resolve));
  const first = bench.ask();
  await expect.poll(() => sends.length).toBe(1);
  const second = bench.ask({ wishes: 'reload' });
  await expect.poll(() => sends.length).toBe(2);
  for (const send of sends) send(new Response(stream, eventStream));
  expect((await first).cached).toBe('refrain; fwd=miss');
  expect((await second).cached).toBe('refrain; fwd=request');
});

test('answer goes on for the other asker, when one aborts before the headers', async () => {
  const bench = new Bench();
  let send = (_response: Response) => {};
  bench.respond = () =>
    new Promise((resolve) => {
      send = resolve;
    });
  const leaving = bench.call({});
  const first = answer(bench.engine, { ...leaving, mark: { call: 'leaving', cache: 'default', streamBody: false } });
  const second = bench.ask();
  await expect.poll(() => bench.types()).toContain('flight-join');
  bench.departures.aborted('leaving');
  send(new Response(stream, eventStream));
  await first;
  expect((await second).text).toBe(stream);
  expect(bench.sent).toHaveLength(1);
});

const uiUrl = 'https://app.example/api/chat';
const uiBody = (text: string, more: object = {}) =>
  JSON.stringify({
    id: crypto.randomUUID(),
    messages: [{ id: crypto.randomUUID(), role: 'user', parts: [{ type: 'text', text }] }],
    trigger: 'submit-message',
    ...more,
  });
const uiHeaders = { 'content-type': 'text/event-stream', 'x-vercel-ai-ui-message-stream': 'v1' };

test('answer knows a question of the AI SDK’s again by all but the ids drawn for it', async () => {
  const bench = new Bench();
  bench.respond = () =>
    new Response(dataEvents({ type: 'start' }, { type: 'finish' }, '[DONE]'), { headers: uiHeaders });
  const ask = (body: string) => bench.ask({ url: uiUrl, named: true, body });
  await ask(uiBody('Hi'));
  const again = await ask(uiBody('Hi', { messageId: 'm-2' }));
  expect(again.cached).toMatch(/^refrain; hit/);
  expect(again.response.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1');
  expect((await ask(uiBody('Ho'))).cached).toBe('refrain; fwd=miss');
  expect((await ask(uiBody('Hi', { model: 'm' }))).cached).toBe('refrain; fwd=miss');
});

test('answer takes a regeneration for a reload, whose answer is given from then on', async () => {
  const bench = new Bench();
  let count = 0;
  bench.respond = () =>
    new Response(dataEvents({ type: 'text-delta', delta: ++count }, { type: 'finish' }, '[DONE]'), {
      headers: uiHeaders,
    });
  const ask = async (more?: object) => (await bench.ask({ url: uiUrl, named: true, body: uiBody('Hi', more) })).text;
  const first = await ask();
  expect(await ask()).toBe(first);
  const second = await ask({ trigger: 'regenerate-message', messageId: 'm-1' });
  expect(second).not.toBe(first);
  expect(await ask()).toBe(second);
});

test('answer keeps what depends on the web for endpoints the app named, and never what depends on state', async () => {
  const bench = new Bench();
  const live = JSON.stringify({ ...question, web_search_options: {} });
  await bench.ask({ named: true, body: live });
  expect((await bench.ask({ named: true, body: live })).cached).toMatch(/^refrain; hit/);
  await bench.ask({ named: true, body: JSON.stringify({ ...question, store: true }) });
  expect(bench.types().at(-1)).toBe('bypass stateful');
});

test('answer lets an answer pass that a format fails at, and says so once', async () => {
  const bench = new Bench();
  const { onEvent } = formats['openai-chat'];
  Object.assign(formats['openai-chat'], {
    onEvent() {
      throw new Error('oops');
    },
  });
  try {
    for (let i = 0; i < 2; i++) expect((await bench.ask()).text).toBe(stream);
  } finally {
    Object.assign(formats['openai-chat'], { onEvent });
  }
  expect(bench.types()).toEqual([
    'entry-miss miss',
    'problem',
    'entry-skip failed',
    'entry-miss miss',
    'entry-skip failed',
  ]);
});

/** Counts what a call costs, whatever the machine: digests, parses of JSON, looks into tiers, events. */
async function workOf(bench: Bench, work: () => Promise<unknown>) {
  const digest = vi.spyOn(crypto.subtle, 'digest');
  const parse = vi.spyOn(JSON, 'parse');
  const get = vi.spyOn(MemoryTier.prototype, 'get');
  const events = bench.events.length;
  await work();
  const counts = {
    digests: digest.mock.calls.length,
    parses: parse.mock.calls.length,
    looks: get.mock.calls.length,
    events: bench.events.length - events,
  };
  vi.restoreAllMocks();
  return counts;
}

test('answer does no more work than this', async () => {
  const bench = new Bench();
  const events = stream.split('data: {').length - 1;
  // Digests of the body's bytes, of its canonical form, for the key and for those of its two other shapes, each looked for
  // twice, the key again, and the key for cassettes while upstream works. Parsed are the body, each name in it and each event of the answer.
  expect(await workOf(bench, () => bench.ask())).toEqual({ digests: 6, parses: 6 + events, looks: 8, events: 2 });
  expect(await workOf(bench, () => bench.ask())).toEqual({ digests: 2, parses: 0, looks: 1, events: 1 });
  const others = () => Promise.all(Array.from({ length: 64 }, () => bench.ask()));
  expect(await workOf(bench, others)).toEqual({ digests: 128, parses: 0, looks: 64, events: 64 });
});
