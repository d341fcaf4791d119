import type { Page } from '@playwright/test';
import { anthropic, gemini, openaiChat } from './answers.ts';
import { type Ask, ask, underWay } from './asking.ts';
import { entries, explain, flush, stats } from './refrain-in-page.ts';
import { askOf, expect, test, withHeaders } from './site.ts';
import type { Upstream } from './upstream.ts';

const via = ['fetch', 'xhr'] as const;

test.describe("fetch's own cache modes", () => {
  test('no-store neither reads nor writes', async ({ upstream, visitor }) => {
    const page = await visitor.open();
    const question = askOf(upstream, 'Hello');
    const noStore: Ask = { ...question, init: { cache: 'no-store' } };
    expect(await ask(page, noStore)).toBeUntouched();
    const stored = await ask(page, question);
    expect(stored).toBeMiss();
    expect(await ask(page, noStore)).toBeUntouched();
    const hit = await ask(page, question);
    expect(hit).toBeHitFrom('memory');
    expect(hit.bytes).toBe(stored.bytes);
    expect(upstream.calls).toHaveLength(3);
    expect((await stats(page)).sinceBoot.bypasses).toEqual({ 'no-store': 2 });
  });

  for (const cache of ['reload', 'no-cache'] as const) {
    test(`${cache} asks the network and stores`, async ({ upstream, visitor }) => {
      const page = await visitor.open();
      const question = askOf(upstream, 'Hello');
      const first = await ask(page, question);
      const renewed = await ask(page, { ...question, init: { cache } });
      expect(renewed.cacheStatus).toMatch(/^refrain; fwd=/);
      expect(renewed.bytes).not.toBe(first.bytes);
      const hit = await ask(page, question);
      expect(hit).toBeHitFrom('memory');
      expect(hit.bytes).toBe(renewed.bytes);
      await flush(page);
      await visitor.stopWorkers(page);
      expect((await ask(page, question)).bytes).toBe(renewed.bytes);
      expect(upstream.calls).toHaveLength(2);
      expect((await stats(page)).entries).toBe(1);
    });
  }

  test('force-cache accepts what is stale', async ({ site, upstream, visitor }) => {
    site.attributes = { 'data-ttl': '0' };
    const page = await visitor.open();
    const question = askOf(upstream, 'Hello');
    const first = await ask(page, question);
    const forced = await ask(page, { ...question, init: { cache: 'force-cache' } });
    expect(forced).toBeHitFrom('memory');
    expect(forced.bytes).toBe(first.bytes);
    expect(upstream.calls).toHaveLength(1);
  });

  test("are obeyed when the app's own accept leaves no room to carry them to the worker", async ({
    upstream,
    visitor,
  }) => {
    const page = await visitor.open();
    const question = withHeaders(askOf(upstream, 'Hello'), { accept: `application/json, text/${'x'.repeat(90)}` });
    const first = await ask(page, question);
    expect(await ask(page, question)).toBeHitFrom('memory');
    expect(await ask(page, { ...question, init: { cache: 'no-store' } })).toBeUntouched();
    const renewed = await ask(page, { ...question, init: { cache: 'reload' } });
    expect(renewed.bytes).not.toBe(first.bytes);
    expect((await ask(page, question)).bytes).toBe(renewed.bytes);
    expect(upstream.calls).toHaveLength(3);
  });

  test('are read off a Request too', async ({ upstream, visitor }) => {
    const page = await visitor.open();
    const question = askOf(upstream, 'Hello');
    await ask(page, question);
    await page.evaluate(
      async ([url, headers, body]) => {
        const request = new Request(url, { method: 'POST', headers, body, cache: 'no-store' });
        await (await fetch(request)).text();
      },
      [question.url, question.headers as Record<string, string>, question.body as string] as const,
    );
    expect(upstream.calls).toHaveLength(2);
  });
});

for (const how of via) {
  test.describe(`x-refrain by ${how}`, () => {
    const asking = (upstream: Upstream, directives?: string, prompt = 'Hello') => {
      const question = { ...askOf(upstream, prompt), via: how };
      return directives ? withHeaders(question, { 'x-refrain': directives }) : question;
    };

    test('obeys no-store, reload, only-if-cached, ttl, variant and tag', async ({ upstream, visitor }) => {
      const page = await visitor.open();
      expect(await ask(page, asking(upstream, 'no-store'))).toBeUntouched();
      const absent = await ask(page, asking(upstream, 'only-if-cached'));
      expect(absent.status).toBe(504);
      expect(absent.headers['x-should-retry']).toBe('false');
      expect(upstream.calls).toHaveLength(1);

      const first = await ask(page, asking(upstream, 'ttl=60s, tag=greeting'));
      expect(first).toBeMiss();
      const hit = await ask(page, asking(upstream, 'only-if-cached'));
      expect(hit).toBeHitFrom('memory');
      expect(Number(/ttl=(\d+)/.exec(hit.cacheStatus ?? '')?.[1])).toBeLessThanOrEqual(60);
      expect((await entries(page, { tag: 'greeting' })).map(({ ttl }) => ttl)).toEqual([60]);

      const renewed = await ask(page, asking(upstream, 'reload'));
      expect(renewed.cacheStatus).toMatch(/^refrain; fwd=/);
      expect(renewed.bytes).not.toBe(first.bytes);
      expect((await ask(page, asking(upstream))).bytes).toBe(renewed.bytes);

      expect(await ask(page, asking(upstream, 'variant=3'))).toBeMiss();
      expect(await ask(page, asking(upstream, 'variant=3'))).toBeHitFrom('memory');
      expect((await ask(page, asking(upstream))).bytes).toBe(renewed.bytes);
      expect(upstream.calls).toHaveLength(4);
    });

    test('never reaches the upstream, nor its preflight', async ({ site, upstream, visitor }) => {
      const first = asking(upstream, 'tag=greeting', 'The first visit');
      site.inline = `asking.start('first', ${JSON.stringify(first)})`;
      const page = await visitor.open();
      expect(await underWay(page, 'first').done()).toBeMiss();
      for (const directives of ['no-store', 'reload', 'ttl=1h', 'variant=2', 'tag=a']) {
        expect((await ask(page, asking(upstream, directives))).status).toBe(200);
      }
      const url = `${upstream.origin}/v1/files`;
      expect((await ask(page, { ...asking(upstream, 'tag=not-taken'), url })).status).toBe(404);
      expect(
        (await ask(page, { ...asking(upstream, 'tag=get'), method: 'GET', url, body: undefined as never })).status,
      ).toBe(404);
      expectNothingOfOurs(upstream);
    });

    test('with a directive it does not know is reported once, and otherwise ignored', async ({ upstream, visitor }) => {
      const page = await visitor.open();
      const first = await ask(page, asking(upstream, 'sparkle, tag=greeting'));
      expect(first).toBeMiss();
      expect(await ask(page, asking(upstream, 'sparkle'))).toBeHitFrom('memory');
      expect(await ask(page, asking(upstream))).toBeHitFrom('memory');
      await expect.poll(() => visitor.consoleOf(page)).toHaveLength(1);
      expect(visitor.consoleOf(page)[0]).toContain('sparkle');
      expect(upstream.calls).toHaveLength(1);
    });
  });
}

function expectNothingOfOurs(upstream: Upstream): void {
  for (const { headers } of upstream.calls) {
    expect(headers).not.toHaveProperty('x-refrain');
    expect(JSON.stringify(headers)).not.toContain('refrain/');
  }
  for (const headers of upstream.preflights) {
    expect(headers['access-control-request-headers'] ?? '').not.toContain('refrain');
    expect(JSON.stringify(headers)).not.toContain('refrain/');
  }
}

test('A request reaches the upstream with the headers it has without Refrain', async ({ upstream, visitor }) => {
  const [bare, page] = [await visitor.openBare(), await visitor.open()];
  const accepts: Record<string, string>[] = [
    {},
    { accept: 'text/event-stream' },
    { accept: `application/json, text/${'x'.repeat(90)}` },
  ];
  const headersOf = async (one: Page, question: Ask) => {
    expect((await ask(one, question)).error).toBe(undefined);
    const { origin, referer, connection, ...headers } = upstream.last.headers;
    // `origin` and `referer` name the page, and the two pages differ. The browser adds client hints to a page's request,
    // and none to one that a worker builds anew: scripts may not set headers that begin with `sec-`.
    return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('sec-ch-ua')));
  };
  for (const how of via) {
    for (const [index, accept] of accepts.entries()) {
      for (const [kind, change] of Object.entries({
        taken: {},
        'no-store': { init: { cache: 'no-store' as const } },
        'not matched': { url: `${upstream.origin}/v1/files` },
      })) {
        const question = withHeaders({ ...askOf(upstream, `${how} ${index}`), via: how, ...change }, accept);
        expect(await headersOf(page, question), `${kind}, ${how}, accept ${accept.accept}`).toEqual(
          await headersOf(bare, question),
        );
      }
    }
  }
  expectNothingOfOurs(upstream);
});

test('With data-mode="replay" no call goes past the worker, not even one that is to outlive its page or shows its upload', async ({
  site,
  upstream,
  visitor,
}) => {
  const page = await visitor.open();
  const question = askOf(upstream, 'Stay in');
  const keepalive = { ...question, init: { keepalive: true } };
  expect(await ask(page, keepalive)).toBeUntouched();
  expect(await uploadStatus(page, question)).toBe('200, null');
  const first = await ask(page, question);
  await flush(page);
  site.attributes = { 'data-mode': 'replay' };
  const replaying = await visitor.open();
  const replayed = await ask(replaying, keepalive);
  expect(replayed).toBeHit();
  expect(replayed.bytes).toBe(first.bytes);
  expect(await uploadStatus(replaying, question)).toMatch(/^200, refrain; hit/);
  const never = { ...askOf(upstream, 'Never asked'), init: { keepalive: true } };
  expect((await ask(replaying, never)).status).toBe(504);
  const onlyIfCached = { 'x-refrain': 'only-if-cached' };
  expect((await ask(page, withHeaders(never, onlyIfCached))).status).toBe(504);
  expect(await uploadStatus(page, withHeaders(question, onlyIfCached))).toMatch(/^200, refrain; hit/);
  expect(upstream.calls).toHaveLength(3);
});

/** Status and `Cache-Status` of an XHR whose app listens to its upload. */
function uploadStatus(page: Page, { url, headers, body }: Ask): Promise<string> {
  return page.evaluate(
    ([address, fields, text]) =>
      new Promise<string>((resolve) => {
        const xhr = new XMLHttpRequest();
        xhr.upload.onprogress = () => {};
        xhr.open('POST', address as string);
        for (const [name, value] of Object.entries(fields as object)) xhr.setRequestHeader(name, value);
        xhr.onloadend = () => resolve(`${xhr.status}, ${xhr.getResponseHeader('cache-status')}`);
        xhr.send(text as string);
      }),
    [url, headers, body] as const,
  );
}

test('Hits carry Cache-Status and Age, and the headers of the answer', async ({ upstream, visitor }) => {
  upstream.answer = (call) => ({
    headers: { 'content-type': 'application/json', 'x-request-id': 'req-1', 'content-language': 'de' },
    chunks: [openaiChat.json('gpt-4o-mini', `Answer ${call.number}`)],
  });
  const page = await visitor.open();
  const question = askOf(upstream, 'Hello');
  const first = await ask(page, question);
  expect(first.headers).toMatchObject({ 'cache-status': 'refrain; fwd=miss', 'x-request-id': 'req-1' });
  expect(first.headers).not.toHaveProperty('age');
  const hit = await ask(page, question);
  expect(hit.headers).toMatchObject({
    'content-type': 'application/json',
    'content-language': 'de',
    'cache-status': expect.stringMatching(
      /^refrain; hit; ttl=2591\d{3}; detail=memory$|^refrain; hit; ttl=2592000; detail=memory$/,
    ),
  });
  expect(Number(hit.headers.age)).toBeLessThan(30);
  expect(hit.headers).not.toHaveProperty('x-request-id');
  expect(hit).toMatchObject({ status: 200, statusText: 'OK', url: question.url });
});

test('Two credentials never meet', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const question = (authorization: string) => withHeaders(askOf(upstream, 'Hello'), { authorization });
  const first = await ask(page, question('Bearer one'));
  const other = await ask(page, question('Bearer two'));
  expect(other).toBeMiss();
  expect(other.bytes).not.toBe(first.bytes);
  expect((await ask(page, question('Bearer one'))).bytes).toBe(first.bytes);
  expect((await ask(page, question('Bearer two'))).bytes).toBe(other.bytes);
  expect(upstream.calls).toHaveLength(2);
});

test('data-partition takes the place of the credential', async ({ site, upstream, visitor }) => {
  const question = (authorization: string) => withHeaders(askOf(upstream, 'Hello'), { authorization });
  site.attributes = { 'data-partition': 'user-1' };
  const page = await visitor.open();
  const first = await ask(page, question('Bearer one'));
  const renewedToken = await ask(page, question('Bearer two'));
  expect(renewedToken).toBeHitFrom('memory');
  expect(renewedToken.bytes).toBe(first.bytes);
  site.attributes = { 'data-partition': 'user-2' };
  const other = await visitor.open();
  expect(await ask(other, question('Bearer one'))).toBeMiss();
  expect(await ask(page, question('Bearer three'))).toBeHitFrom('memory');
  expect(upstream.calls).toHaveLength(2);
});

test('An asker of JSON gets JSON, an asker of the stream gets the stream', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const [streaming, whole] = [
    askOf(upstream, { prompt: 'Hello', stream: true }),
    askOf(upstream, { prompt: 'Hello', stream: false }),
  ];
  const stream = await ask(page, streaming);
  // This stream counted no tokens, which a body must have: it cannot be made of it.
  const json = await ask(page, whole);
  expect(json).toBeMiss();
  expect(stream.headers['content-type']).toContain('text/event-stream');
  expect(json.headers['content-type']).toContain('application/json');
  expect(JSON.parse(json.bytes).usage.total_tokens).toBe(12);
  for (const [question, got] of [
    [streaming, stream],
    [whole, json],
  ] as const) {
    const again = await ask(page, question);
    expect(again).toBeHitFrom('memory');
    expect(again.bytes).toBe(got.bytes);
  }
  expect(upstream.calls).toHaveLength(2);
});

test('The headers SDKs vary do not matter, those that change the answer do', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const question = askOf(upstream, 'Hello', anthropic);
  const first = await ask(page, withHeaders(question, { 'x-stainless-retry-count': '0', 'x-stainless-os': 'Linux' }));
  const retried = await ask(page, withHeaders(question, { 'x-stainless-retry-count': '1', 'x-stainless-os': 'MacOS' }));
  expect(retried).toBeHitFrom('memory');
  expect(retried.bytes).toBe(first.bytes);
  for (const headers of [
    { 'anthropic-beta': 'output-128k-2025-02-19' },
    { 'anthropic-version': '2026-10-21' },
    { 'x-app-flavour': 'vanilla' },
  ]) {
    expect(await ask(page, withHeaders(question, headers as Record<string, string>))).toBeMiss();
    expect(await ask(page, withHeaders(question, headers as Record<string, string>))).toBeHitFrom('memory');
  }
  expect(upstream.calls).toHaveLength(4);
});

test("Gemini's model in the path counts, its key in the query tells who asks", async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const question = (model: string, key: string): Ask => {
    const { url, body } = askOf(upstream, { prompt: 'Hello', model }, gemini);
    return { url: `${url}?key=${key}`, headers: { 'content-type': 'application/json' }, body: body ?? '' };
  };
  const first = await ask(page, question('gemini-2.5-flash', 'one'));
  expect(await ask(page, question('gemini-2.5-pro', 'one'))).toBeMiss();
  expect(await ask(page, question('gemini-2.5-flash', 'two'))).toBeMiss();
  const again = await ask(page, question('gemini-2.5-flash', 'one'));
  expect(again).toBeHitFrom('memory');
  expect(again.bytes).toBe(first.bytes);
  expect(upstream.calls.map(({ path }) => path)).toContain('/v1beta/models/gemini-2.5-flash:generateContent?key=two');
  const listed = JSON.stringify(await entries(page));
  expect(listed).not.toContain('key=');
  const explained = await explain(page, question('gemini-2.5-flash', 'the-secret'));
  expect(JSON.stringify(explained)).not.toContain('the-secret');
});

test.describe('explain()', () => {
  test('says how a call would be answered, without making it', async ({ upstream, visitor }) => {
    const page = await visitor.open();
    const question = askOf(upstream, 'Hello');
    expect(await explain(page, question)).toMatchObject({
      matched: true,
      outcome: 'miss',
      format: 'openai-chat',
      model: 'gpt-4o-mini',
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(upstream.calls).toHaveLength(0);
    await ask(page, question);
    const hit = await explain(page, question);
    expect(hit).toMatchObject({ outcome: 'hit', tier: 'memory' });
    expect((await entries(page)).map(({ key }) => key)).toEqual([hit.key]);
    expect(JSON.stringify(hit)).not.toContain('sk-end-to-end');
    expect(await explain(page, { ...question, init: { cache: 'no-store' } })).toMatchObject({
      outcome: 'bypass',
      reason: 'no-store',
    });
    expect(await explain(page, { method: 'GET', url: question.url })).toMatchObject({
      matched: false,
      outcome: 'not-matched',
    });
    expect(await explain(page, { ...question, url: `${upstream.origin}/v1/files` })).toMatchObject({
      outcome: 'not-matched',
    });
    expect((await stats(page)).sinceBoot).toMatchObject({ misses: 1, hits: { memory: 0, opfs: 0 } });
  });

  /** Pairs of bodies: is it the same question? */
  const same: Record<string, [string, string]> = {
    'white space': ['{"model":"m","messages":[]}', '{ "model" : "m",\n\t"messages" : [ ] }'],
    'member order in the envelope': [
      '{"model":"m","temperature":0,"messages":[]}',
      '{"messages":[],"temperature":0,"model":"m"}',
    ],
    'member order in a message': [
      '{"model":"m","messages":[{"role":"user","content":"x"}]}',
      '{"model":"m","messages":[{"content":"x","role":"user"}]}',
    ],
    'escapes of the same string': [
      '{"model":"m","messages":[],"user":"é"}',
      '{"model":"m","messages":[],"user":"\\u00e9"}',
    ],
    prompt_cache_key: ['{"model":"m","messages":[]}', '{"model":"m","messages":[],"prompt_cache_key":"k"}'],
  };
  const different: Record<string, [string, string]> = {
    'an unknown member': ['{"model":"m","messages":[]}', '{"model":"m","messages":[],"new_parameter":1}'],
    user: ['{"model":"m","messages":[],"user":"a"}', '{"model":"m","messages":[],"user":"b"}'],
    'message order': [
      '{"model":"m","messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}',
      '{"model":"m","messages":[{"role":"user","content":"b"},{"role":"user","content":"a"}]}',
    ],
    'property order in a schema': [
      '{"model":"m","messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"a":{},"b":{}}}}}}',
      '{"model":"m","messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"b":{},"a":{}}}}}}',
    ],
    'property order in a tool': [
      '{"model":"m","messages":[],"tools":[{"type":"function","function":{"name":"n","parameters":{"properties":{"a":{},"b":{}}}}}]}',
      '{"model":"m","messages":[],"tools":[{"type":"function","function":{"name":"n","parameters":{"properties":{"b":{},"a":{}}}}}]}',
    ],
    'integers beyond 2^53': [
      '{"model":"m","messages":[],"seed":9007199254740993}',
      '{"model":"m","messages":[],"seed":9007199254740992}',
    ],
    'duplicate members': ['{"model":"m","messages":[],"seed":1,"seed":2}', '{"model":"m","messages":[],"seed":2}'],
    'lone surrogates': ['{"model":"m","messages":[],"user":"\\ud800"}', '{"model":"m","messages":[],"user":"\\ud801"}'],
    'NFC and NFD': ['{"model":"m","messages":[],"user":"é"}', '{"model":"m","messages":[],"user":"e\u0301"}'],
    'white space inside a string': [
      '{"model":"m","messages":[],"user":"a b"}',
      '{"model":"m","messages":[],"user":"a  b"}',
    ],
    'null and absent': ['{"model":"m","messages":[],"seed":null}', '{"model":"m","messages":[]}'],
    'number and string': ['{"model":"m","messages":[],"seed":1}', '{"model":"m","messages":[],"seed":"1"}'],
  };

  test('gives equal keys to equal questions, and different keys to all others', async ({ upstream, visitor }) => {
    const page = await visitor.open();
    const question = askOf(upstream, '');
    const keyOf = async (change: Partial<Ask>) => {
      const { key, outcome } = await explain(page, { ...question, ...change });
      expect(outcome).toBe('miss');
      return key;
    };
    for (const [what, [one, two]] of Object.entries(same)) {
      expect(await keyOf({ body: one }), what).toBe(await keyOf({ body: two }));
    }
    for (const [what, [one, two]] of Object.entries(different)) {
      expect(await keyOf({ body: one }), what).not.toBe(await keyOf({ body: two }));
    }
    const { url, headers } = question;
    const keys = [
      await keyOf({}),
      await keyOf({ url: `${url}?api-version=1` }),
      await keyOf({ url: `${url}?api-version=2` }),
      await keyOf({ url: url.replace('/v1/', '/v2/') }),
      await keyOf({ url: url.replace(upstream.origin, upstream.remoteOrigin) }),
      await keyOf({ headers: { ...headers, 'x-app-flavour': 'vanilla' } }),
      await keyOf({ headers: { ...headers, authorization: 'Bearer other' } }),
      await keyOf({ headers: { ...headers, 'openai-organization': 'org' } }),
      await keyOf({ headers: { ...headers, 'x-refrain': 'variant=2' } }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(await keyOf({ headers: { ...headers, accept: 'text/event-stream', 'x-stainless-os': 'Linux' } })).toBe(
      keys[0],
    );
    expect(await keyOf({ url: `${url}#fragment` })).toBe(keys[0]);
  });

  test('shows the same key after a stop of the worker and a restart of the browser', async ({ upstream, visitor }) => {
    const page = await visitor.open();
    const question = askOf(upstream, 'Hello');
    const { key } = await explain(page, question);
    await visitor.stopWorkers(page);
    expect((await explain(page, question)).key).toBe(key);
    await visitor.restart();
    expect((await explain(await visitor.open(), question)).key).toBe(key);
  });
});

test("A form's boundary does not count, its files do", async ({ upstream, visitor }) => {
  upstream.answer = (call) => ({
    headers: { 'content-type': 'application/json' },
    chunks: [`{"text":"Transcript ${call.number}"}`],
  });
  const page = await visitor.open();
  const send = (content: string) =>
    page.evaluate(
      async ([url, text]) => {
        const form = new FormData();
        form.set('model', 'whisper-1');
        form.set('file', new File([text], 'speech.wav', { type: 'audio/wav' }));
        const response = await fetch(url, {
          method: 'POST',
          headers: { authorization: 'Bearer sk-end-to-end' },
          body: form,
        });
        return { text: await response.text(), cacheStatus: response.headers.get('cache-status') };
      },
      [`${upstream.origin}/v1/audio/transcriptions`, content] as const,
    );
  const first = await send('one');
  expect(first.cacheStatus).toBe('refrain; fwd=miss');
  const second = await send('one');
  expect(second.cacheStatus).toMatch(/^refrain; hit;/);
  expect(second.text).toBe(first.text);
  expect((await send('two')).text).not.toBe(first.text);
  expect(upstream.calls).toHaveLength(2);
  const boundaries = upstream.calls.map(({ headers }) => /boundary=(.*)$/.exec(headers['content-type'] ?? '')?.[1]);
  for (const [index, boundary] of boundaries.entries()) {
    expect(upstream.calls[index]?.body.toString()).toContain(`--${boundary}--`);
  }
});
