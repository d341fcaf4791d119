import type { Page } from '@playwright/test';
import { answerOf, bytesOf, failure, freshAnswers, openaiChat, providers } from './answers.ts';
import { type Ask, ask, type Got, startAsking } from './asking.ts';
import { freePort } from './free-port.ts';
import { flush, stats } from './refrain-in-page.ts';
import { askOf, expect, test, withHeaders } from './site.ts';
import type { Answer, Upstream } from './upstream.ts';
import { Visitor } from './visitor.ts';

/** What an app can tell two answers apart by; `Cache-Status` is the one addition. */
function seen({ status, statusText, headers, bytes, error, url, redirected }: Got) {
  const { 'cache-status': _, ...own } = headers;
  return { status, statusText, headers: own, bytes, error: error?.name, url, redirected };
}

/** The page gets, every time, what an app without Refrain gets; nothing is kept. */
async function expectAsWithoutRefrain(
  { page, bare, upstream }: { page: Page; bare: Page; upstream: Upstream },
  question: Ask,
  answer: Answer,
) {
  upstream.answer = () => answer;
  const expected = seen(await ask(bare, question));
  const native = upstream.calls.length;
  for (const repeat of [1, 2]) {
    const got = await ask(page, question);
    expect(seen(got)).toEqual(expected);
    expect(got).not.toBeHit();
    expect(upstream.calls.length).toBe(native * (repeat + 1));
  }
  await flush(page);
  expect((await stats(page)).entries).toBe(0);
  upstream.calls.length = 0;
  return expected;
}

test.describe('What upstream answers reaches the page as it is, and is not stored:', () => {
  for (const via of ['fetch', 'xhr'] as const) {
    test(`error statuses, to ${via}`, async ({ upstream, visitor }) => {
      const [page, bare] = [await visitor.open(), await visitor.openBare()];
      const question = { ...askOf(upstream, { prompt: 'Hello', stream: true }), via };
      for (const status of [400, 401, 403, 404, 408, 413, 500, 502, 503, 504, 529]) {
        const expected = await expectAsWithoutRefrain(
          { page, bare, upstream },
          question,
          failure(status, `Failed with ${status}`),
        );
        expect(expected.status).toBe(status);
      }
      const limited = failure(429, 'Slow down', {
        'retry-after': '7',
        'x-ratelimit-remaining': '0',
        'x-request-id': 'req-1',
      });
      const expected = await expectAsWithoutRefrain({ page, bare, upstream }, question, limited);
      expect(expected.headers).toMatchObject({
        'retry-after': '7',
        'x-ratelimit-remaining': '0',
        'x-request-id': 'req-1',
      });
      expect((await stats(page)).sinceBoot.refusals).toEqual({ status: 24 });
    });

    test(`a connection that closes without an answer, and one that was never there, to ${via}`, async ({
      upstream,
      visitor,
    }) => {
      const [page, bare] = [await visitor.open(), await visitor.openBare()];
      const question = { ...askOf(upstream, 'Hello'), via };
      upstream.answer = () => 'gone';
      const lost = await ask(bare, question);
      expect(lost.error).toBeTruthy();
      for (const got of [await ask(page, question), await ask(page, question)]) expect(seen(got)).toEqual(seen(lost));

      const nobody = { ...question, url: `http://127.0.0.1:${await freePort()}/v1/chat/completions` };
      expect(seen(await ask(page, nobody))).toEqual(seen(await ask(bare, nobody)));

      upstream.answer = freshAnswers;
      expect(await ask(page, question)).toBeMiss();
      expect(visitor.pageErrors).toEqual([]);
    });

    test(`a stream that breaks after its first event, to ${via}`, async ({ upstream, visitor }) => {
      const [page, bare] = [await visitor.open(), await visitor.openBare()];
      const question = { ...askOf(upstream, { prompt: 'Hello', stream: true }), via };
      const whole = answerOf(openaiChat, { prompt: '', stream: true }, 'An answer that breaks');
      upstream.answer = () => ({ ...whole, chunks: whole.chunks?.slice(0, 2) ?? [], end: 'reset' });
      const part = bytesOf(upstream.answer({} as never));
      for (const one of [bare, page, page]) {
        const gate = upstream.hold();
        const asking = await startAsking(one, question);
        gate.release(3);
        await expect.poll(() => asking.received()).toBe(part);
        gate.open();
        const got = await asking.done();
        // Through any worker, even `respondWith(fetch(event.request))`, Chromium tells XHR of a break by `abort`, not `error`.
        expect(got.error?.name).toBe(via === 'xhr' && one === page ? 'AbortError' : 'TypeError');
        if (via === 'fetch') expect(got).toMatchObject({ status: 200, bytes: part });
      }
      expect(upstream.calls).toHaveLength(3);
      expect((await stats(page)).entries).toBe(0);
    });
  }

  test('streams that end cleanly before their terminator', async ({ site, upstream, visitor }) => {
    site.attributes = { 'data-endpoints': `${upstream.origin}/api/*` };
    const [page, bare] = [await visitor.open(), await visitor.openBare()];
    for (const provider of providers) {
      const whole = answerOf(provider, { prompt: '', stream: true }, 'An answer cut short');
      const cut = { ...whole, chunks: whole.chunks?.slice(0, -1) ?? [] };
      await expectAsWithoutRefrain(
        { page, bare, upstream },
        askOf(upstream, { prompt: 'Hello', stream: true }, provider),
        cut,
      );
    }
    expect((await stats(page)).sinceBoot.refusals).toEqual({ truncated: 2 * providers.length });
  });

  test('bodies that are no answer: cut JSON, an error in a 200, an error in a stream that ends with [DONE]', async ({
    upstream,
    visitor,
  }) => {
    const [page, bare] = [await visitor.open(), await visitor.openBare()];
    const json = { 'content-type': 'application/json' };
    const question = askOf(upstream, 'Hello');
    const whole = openaiChat.json('gpt-4o-mini', 'An answer cut short');
    await expectAsWithoutRefrain({ page, bare, upstream }, question, { headers: json, chunks: [whole.slice(0, -20)] });
    await expectAsWithoutRefrain({ page, bare, upstream }, question, {
      headers: json,
      chunks: ['{"error":{"message":"The model is overloaded"}}'],
    });
    const stream = askOf(upstream, { prompt: 'Hello', stream: true });
    const events = openaiChat.stream('gpt-4o-mini', 'An answer that fails');
    events.splice(3, 1, 'data: {"error":{"message":"The server had an error","type":"server_error"}}\n\n');
    await expectAsWithoutRefrain({ page, bare, upstream }, stream, {
      headers: { 'content-type': openaiChat.streamType },
      chunks: events,
    });
  });

  test('responses without a body', async ({ upstream, visitor }) => {
    const [page, bare] = [await visitor.open(), await visitor.openBare()];
    const question = askOf(upstream, 'Hello');
    await expectAsWithoutRefrain({ page, bare, upstream }, question, { status: 204 });
    await expectAsWithoutRefrain({ page, bare, upstream }, question, { headers: { 'content-length': '0' } });
  });

  test('redirected answers, with their final URL', async ({ upstream, visitor }) => {
    const [page, bare] = [await visitor.open(), await visitor.openBare()];
    upstream.answer = (call) =>
      call.path.startsWith('/old')
        ? { status: 307, headers: { location: call.path.replace('/old', '') } }
        : answerOf(openaiChat, { prompt: '' }, 'From the new place');
    const question = askOf({ origin: `${upstream.origin}/old` }, 'Hello');
    const expected = seen(await ask(bare, question));
    expect(expected).toMatchObject({ status: 200, redirected: true, url: `${upstream.origin}/v1/chat/completions` });
    for (const got of [await ask(page, question), await ask(page, question)]) expect(seen(got)).toEqual(expected);
    expect(upstream.calls).toHaveLength(6);
    expect((await stats(page)).entries).toBe(0);

    for (const redirect of ['error', 'manual'] as const) {
      const strict = { ...question, init: { redirect } };
      const [got, native] = [await ask(page, strict), await ask(bare, strict)];
      expect({ ...seen(got), type: got.type }).toEqual({ ...seen(native), type: native.type });
    }
  });
});

test.describe('An abort closes the upstream connection within a second:', () => {
  for (const via of ['fetch', 'xhr'] as const) {
    test(`before headers, by ${via}`, async ({ upstream, visitor }) => {
      const page = await visitor.open();
      upstream.hold();
      const asking = await startAsking(page, { ...askOf(upstream, { prompt: 'Hello', stream: true }), via });
      await expect.poll(() => upstream.calls.length).toBe(1);
      await asking.abort();
      await expectAborted(upstream, 1000);
      expect((await asking.done()).error?.name).toBe('AbortError');
      await expectNothingKept(page, upstream, via);
    });

    test(`after headers, by ${via}`, async ({ upstream, visitor }) => {
      const page = await visitor.open();
      const gate = upstream.hold();
      const asking = await startAsking(page, { ...askOf(upstream, { prompt: 'Hello', stream: true }), via });
      gate.release(2);
      await expect.poll(() => asking.received()).not.toBe('');
      await asking.abort();
      await expectAborted(upstream, 1000);
      expect((await asking.done()).error?.name).toBe('AbortError');
      await expectNothingKept(page, upstream, via);
    });

    test(`but not while another tab follows the flight, by ${via}`, async ({ upstream, visitor }) => {
      const [one, two] = [await visitor.open(), await visitor.open()];
      const gate = upstream.hold();
      const question = { ...askOf(upstream, { prompt: 'Hello', stream: true }), via };
      const leaver = await startAsking(one, question);
      await expect.poll(() => upstream.calls.length).toBe(1);
      const stayer = await startAsking(two, question);
      await expect.poll(async () => (await stats(one)).sinceBoot.collapsed).toBe(1);
      await leaver.abort();
      expect((await leaver.done()).error?.name).toBe('AbortError');

      gate.release(2);
      await expect.poll(() => stayer.received()).not.toBe('');
      expect(upstream.last.state).toBe('open');
      gate.open();
      const got = await stayer.done();
      expect(got.error).toBe(undefined);
      expect(got.bytes).toBe(bytesOf(freshAnswers(upstream.last)));
      expect(upstream.last.state).toBe('completed');
      expect(await ask(one, question)).toBeHitFrom('memory');
      expect(upstream.calls).toHaveLength(1);
    });
  }

  test('once the last of several has left', async ({ upstream, visitor }) => {
    const page = await visitor.open();
    upstream.hold();
    const question = askOf(upstream, { prompt: 'Hello', stream: true });
    const [one, two] = [await startAsking(page, question), await startAsking(page, question)];
    await expect.poll(async () => (await stats(page)).sinceBoot.collapsed).toBe(1);
    await one.abort();
    await one.done();
    expect(upstream.last.state).toBe('open');
    await two.abort();
    await expectAborted(upstream, 1000);
  });

  for (const step of ['before', 'after'] as const) {
    test(`a navigation ${step} headers`, async ({ site, upstream, visitor }) => {
      const page = await visitor.open();
      await underWayUntil(step, page, upstream);
      await page.goto(`${site.origin}/next.html`);
      await expectAborted(upstream, 2000);
    });

    test(`a closed tab ${step} headers`, async ({ upstream, visitor }) => {
      const [page, other] = [await visitor.open(), await visitor.open()];
      await underWayUntil(step, page, upstream);
      await page.close();
      await expectAborted(upstream, 2000);
      await expectNothingKept(other, upstream, 'fetch');
    });
  }

  async function underWayUntil(step: 'before' | 'after', page: Page, upstream: Upstream): Promise<void> {
    const gate = upstream.hold();
    const asking = await startAsking(page, askOf(upstream, { prompt: 'Hello', stream: true }));
    await expect.poll(() => upstream.calls.length).toBe(1);
    if (step === 'before') return;
    gate.release(2);
    await expect.poll(() => asking.received()).not.toBe('');
  }

  async function expectNothingKept(page: Page, upstream: Upstream, via: 'fetch' | 'xhr'): Promise<void> {
    upstream.hold().open();
    const count = upstream.calls.length;
    const got = await ask(page, { ...askOf(upstream, { prompt: 'Hello', stream: true }), via });
    expect(got).toBeMiss();
    expect(got.bytes).toBe(bytesOf(freshAnswers(upstream.last)));
    expect(upstream.calls).toHaveLength(count + 1);
  }
});

test('While an answer is on its way, the worker asks its pages for signs of life, which keep it alive', async ({
  upstream,
  visitor,
}) => {
  // Before the page script, which keeps its messages from other listeners.
  await visitor.context.addInitScript(() =>
    navigator.serviceWorker?.addEventListener('message', ({ data }) => {
      if (data?.refrain === 'beat') document.title = 'asked';
    }),
  );
  const page = await visitor.open();
  const gate = upstream.hold();
  const asking = await startAsking(page, askOf(upstream, { prompt: 'Hello', stream: true }));
  await expect.poll(() => page.title(), { timeout: 12_000 }).toBe('asked');
  gate.open();
  expect((await asking.done()).bytes).toBe(bytesOf(freshAnswers(upstream.last)));
});

test('A page put aside for the back/forward cache before its headers comes back to a call that went on', async ({
  site,
  upstream,
}) => {
  const visitor = new Visitor(site, { pageCache: true });
  await visitor.arrive();
  try {
    const page = await visitor.open();
    const gate = upstream.hold();
    const asking = await startAsking(page, askOf(upstream, { prompt: 'Hello', stream: true }));
    await expect.poll(() => upstream.calls.length).toBe(1);
    const left = Date.now();
    await page.goto(`${site.origin}/next.html`);
    // Long enough for the worker to have looked for the page, which it cannot find meanwhile.
    await expect.poll(() => Date.now() - left).toBeGreaterThan(1500);
    expect(upstream.last.state).toBe('open');
    await page.goBack({ waitUntil: 'commit' });
    gate.open();
    const got = await asking.done();
    expect(got.error).toBe(undefined);
    expect(got.bytes).toBe(bytesOf(freshAnswers(upstream.last)));
  } finally {
    await visitor.leave();
  }
});

async function expectAborted(upstream: Upstream, within: number): Promise<void> {
  await expect
    .poll(() => upstream.calls.map(({ state }) => state), { timeout: within, intervals: [20] })
    .toEqual(upstream.calls.map(() => 'aborted'));
}

test('An asker that leaves right after the last event has still got a complete answer, which is stored', async ({
  upstream,
  visitor,
}) => {
  const page = await visitor.open();
  const gate = upstream.hold();
  const question = askOf(upstream, { prompt: 'Hello', stream: true });
  const asking = await startAsking(page, question);
  await expect.poll(() => upstream.calls.length).toBe(1);
  const answer = bytesOf(freshAnswers(upstream.last));
  gate.release(1 + openaiChat.stream('', '').length);
  await expect.poll(() => asking.received()).toBe(answer);
  await asking.abort();
  gate.open();
  const second = await ask(page, question);
  expect(second).toBeHitFrom('memory');
  expect(second.bytes).toBe(answer);
  expect(upstream.calls).toHaveLength(1);
});

test('A signal that aborts after its call has ended starts no stopped worker', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const asking = await startAsking(page, askOf(upstream, { prompt: 'Hello', stream: true }));
  await asking.done();
  await page.evaluate(() => {
    const { prototype } = ServiceWorker;
    const { postMessage } = prototype;
    const told: unknown[] = [];
    Object.assign(window, { told });
    prototype.postMessage = function (this: ServiceWorker, ...args: [unknown]) {
      told.push(args[0]);
      postMessage.apply(this, args);
    };
  });
  await asking.abort();
  expect(await page.evaluate(() => (window as unknown as { told: unknown[] }).told)).toEqual([]);
});

test('With data-on-abort="finish" an aborted answer is finished and stored', async ({ site, upstream, visitor }) => {
  site.attributes = { 'data-on-abort': 'finish' };
  const page = await visitor.open();
  const gate = upstream.hold();
  const question = askOf(upstream, { prompt: 'Hello', stream: true });
  const asking = await startAsking(page, question);
  gate.release(2);
  await expect.poll(() => asking.received()).not.toBe('');
  await asking.abort();
  gate.open();
  await expect.poll(() => upstream.last.state).toBe('completed');
  await expect.poll(async () => (await stats(page)).entries).toBe(1);
  const second = await ask(page, question);
  expect(second).toBeHitFrom('memory');
  expect(second.bytes).toBe(bytesOf(freshAnswers(upstream.last)));
});

test.describe('Cookies tell users apart that nothing else tells apart:', () => {
  const byCookie: Upstream['answer'] = (call) => {
    const user = /^\/login\/(\w+)$/.exec(call.path)?.[1];
    if (user) return { status: 204, headers: { 'set-cookie': `user=${user}; Path=/` } };
    return answerOf(openaiChat, { prompt: '' }, `For ${call.headers.cookie}, call ${call.number}`);
  };

  test('a call with credentials "include" is left to the network', async ({ site, upstream, visitor }) => {
    upstream.answer = byCookie;
    const page = await visitor.open('/', site.remoteOrigin);
    const logIn = (user: string) =>
      ask(page, { method: 'GET', url: `${upstream.remoteOrigin}/login/${user}`, init: { credentials: 'include' } });
    for (const via of ['fetch', 'xhr'] as const) {
      const { url, body } = askOf({ origin: upstream.remoteOrigin }, 'Who am I?');
      const question: Ask = {
        url,
        via,
        headers: { 'content-type': 'application/json' },
        body: body ?? '',
        init: { credentials: 'include' },
      };
      for (const user of ['alice', 'bob', 'alice']) {
        await logIn(user);
        const got = await ask(page, question);
        expect(got).toBeUntouched();
        expect(got.bytes).toContain(`For user=${user}, call ${upstream.last.number}`);
      }
    }
    expect((await stats(page)).sinceBoot.bypasses['ambient-credential']).toBe(6);
    expect((await stats(page)).entries).toBe(0);
  });

  test('the same with data-partition is answered from the cache, for that user', async ({
    site,
    upstream,
    visitor,
  }) => {
    upstream.answer = byCookie;
    const { url, body } = askOf({ origin: upstream.remoteOrigin }, 'Who am I?');
    const question: Ask = {
      url,
      headers: { 'content-type': 'application/json' },
      body: body ?? '',
      init: { credentials: 'include' },
    };
    for (const user of ['alice', 'bob']) {
      site.attributes = { 'data-partition': user };
      const page = await visitor.open('/', site.remoteOrigin);
      await ask(page, {
        method: 'GET',
        url: `${upstream.remoteOrigin}/login/${user}`,
        init: { credentials: 'include' },
      });
      const first = await ask(page, question);
      expect(first).toBeMiss();
      expect(first.bytes).toContain(`For user=${user}`);
      const second = await ask(page, question);
      expect(second).toBeHitFrom('memory');
      expect(second.bytes).toBe(first.bytes);
    }
  });

  test("the app's own API is left to the network, unless it is asked without cookies", async ({ site, visitor }) => {
    site.attributes = { 'data-endpoints': '/api/ask' };
    let answers = 0;
    site.api = (request) => {
      if (request.url !== '/api/ask') return undefined;
      const body = JSON.stringify({ for: request.headers.cookie ?? 'nobody', number: ++answers });
      return { headers: { 'content-type': 'application/json', 'content-length': String(body.length) }, body };
    };
    const page = await visitor.open('/', site.remoteOrigin);
    const question: Ask = {
      url: '/api/ask',
      headers: { 'content-type': 'application/json' },
      body: '{"question":"Who am I?"}',
    };
    for (const user of ['alice', 'bob']) {
      await page.evaluate((one) => {
        // biome-ignore lint/suspicious/noDocumentCookie: an app's log-in does no more
        document.cookie = `user=${one}`;
      }, user);
      const got = await ask(page, question);
      expect(got).toBeUntouched();
      expect(got.bytes).toContain(`user=${user}`);
    }
    const without = { ...question, init: { credentials: 'omit' as const } };
    const first = await ask(page, without);
    expect(first).toBeMiss();
    expect(first.bytes).toContain('nobody');
    expect((await ask(page, without)).bytes).toBe(first.bytes);
    expect(answers).toBe(3);
  });
});

test.describe('What is not an LLM call goes as without Refrain:', () => {
  test('no-cors requests', async ({ upstream, visitor }) => {
    const page = await visitor.open();
    const { url, body } = askOf(upstream, 'Hello');
    const question: Ask = { url, body: body ?? '', init: { mode: 'no-cors' } };
    for (const got of [await ask(page, question), await ask(page, question)]) {
      expect(got).toMatchObject({ type: 'opaque', status: 0, bytes: '' });
      expect(got.error).toBe(undefined);
    }
    expect(upstream.calls.map((call) => call.body.toString())).toEqual([body, body]);
  });

  test('GET, PUT and DELETE on LLM URLs', async ({ upstream, visitor }) => {
    const [page, bare] = [await visitor.open(), await visitor.openBare()];
    upstream.answer = (call) => ({
      headers: { 'content-type': 'application/json' },
      chunks: [`{"path":"${call.path}"}`],
    });
    const headers = { authorization: 'Bearer sk-end-to-end' };
    for (const path of [
      '/v1/models',
      '/v1/chat/completions',
      '/v1/chat/completions/c1',
      '/v1/responses/r1?stream=true',
    ]) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const question = { method, url: upstream.origin + path, headers };
        const expected = seen(await ask(bare, question));
        for (const got of [await ask(page, question), await ask(page, question)]) {
          expect(got).toBeUntouched();
          expect(seen(got)).toEqual(expected);
        }
      }
    }
    expect(upstream.calls).toHaveLength(36);
    expect((await stats(page)).sinceBoot).toMatchObject({ misses: 0, bypasses: {} });
  });

  test('POSTs that only look like LLM calls', async ({ upstream, visitor }) => {
    const page = await visitor.open();
    upstream.answer = () => ({ headers: { 'content-type': 'application/json' }, chunks: ['{}'] });
    const paths = [
      '/v1/files',
      '/v1/threads/t1/messages',
      '/v1/messages/batches',
      '/v1/responses/r1/cancel',
      '/api/chat',
    ];
    for (const path of paths) {
      const question = { ...askOf(upstream, 'Hello'), url: upstream.origin + path };
      for (const got of [await ask(page, question), await ask(page, question)]) expect(got).toBeUntouched();
    }
    expect(upstream.calls).toHaveLength(2 * paths.length);
  });
});

test.describe('Bodies reach the upstream as the app wrote them:', () => {
  test('JSON that is malformed', async ({ upstream, visitor }) => {
    const page = await visitor.open();
    const body = '{"model": "gpt-4o-mini", "messages": [';
    const question = { ...askOf(upstream, ''), body };
    for (const got of [await ask(page, question), await ask(page, question)]) {
      expect(got.status).toBe(400);
      expect(got).not.toBeHit();
    }
    expect(upstream.calls.map((call) => call.body.toString())).toEqual([body, body]);
    expect(visitor.pageErrors).toEqual([]);
  });

  test('50 MB', async ({ upstream, visitor }) => {
    test.slow();
    const page = await visitor.open();
    const { url, headers } = askOf(upstream, '');
    const send = () =>
      page.evaluate(
        async ([to, head]) => {
          const messages = [{ role: 'user', content: 'x'.repeat(50_000_000) }];
          const response = await fetch(to, {
            method: 'POST',
            headers: head,
            body: JSON.stringify({ model: 'gpt-4o-mini', messages }),
          });
          return { status: response.status, text: await response.text() };
        },
        [url, headers as Record<string, string>] as const,
      );
    const whole = Buffer.from(
      JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'x'.repeat(50_000_000) }] }),
    );
    for (const got of [await send(), await send()]) {
      expect(got.status).toBe(200);
      expect(got.text).toContain('Ünïque answer');
    }
    for (const call of upstream.calls) expect(call.body.equals(whole)).toBe(true);
    expect(await ask(page, askOf(upstream, 'Afterwards'))).toBeMiss();
  });

  test('every kind of body fetch takes', async ({ upstream, visitor }) => {
    const [page, bare] = [await visitor.open(), await visitor.openBare()];
    const { url, headers, body } = askOf(upstream, 'Grüße 🎵');
    const kinds = ['string', 'bytes', 'buffer', 'blob', 'Request', 'Request with init', 'URL'];
    for (const one of [bare, page]) {
      for (const kind of kinds) {
        const status = await one.evaluate(
          async ([how, to, head, text]) => {
            const bytes = new TextEncoder().encode(text);
            const init = { method: 'POST', headers: head };
            const calls: Record<string, () => Promise<Response>> = {
              string: () => fetch(to, { ...init, body: text }),
              bytes: () => fetch(to, { ...init, body: bytes }),
              buffer: () => fetch(to, { ...init, body: bytes.buffer }),
              blob: () => fetch(to, { ...init, body: new Blob([bytes], { type: 'application/json' }) }),
              Request: () => fetch(new Request(to, { ...init, body: text })),
              'Request with init': () =>
                fetch(new Request(to, { method: 'POST', body: 'other' }), { headers: head, body: text }),
              URL: () => fetch(new URL(to), { ...init, body: text }),
            };
            return (await calls[how]?.())?.status;
          },
          [kind, url, headers as Record<string, string>, body as string] as const,
        );
        expect(status).toBe(200);
      }
    }
    // Without Refrain one call each; with it they are one question, asked once.
    expect(upstream.calls).toHaveLength(kinds.length + 1);
    for (const call of upstream.calls) expect(call.body.toString()).toBe(body);
  });

  test('a stream, which HTTP/1.1 refuses, fails as without Refrain', async ({ upstream, visitor }) => {
    const [page, bare] = [await visitor.open(), await visitor.openBare()];
    const send = (one: Page) =>
      one.evaluate(
        async ([to, head, text]) => {
          const body = new Blob([text]).stream();
          try {
            const response = await fetch(to, { method: 'POST', headers: head, body, duplex: 'half' } as RequestInit);
            return `status ${response.status}`;
          } catch (error) {
            return String(error);
          }
        },
        [...partsOf(askOf(upstream, 'Hello'))] as const,
      );
    const expected = await send(bare);
    expect(expected).toMatch(/^TypeError/);
    expect(await send(page)).toBe(expected);
    expect(upstream.calls).toHaveLength(0);
  });

  function partsOf({ url, headers, body }: Ask): [string, Record<string, string>, string] {
    return [url, headers as Record<string, string>, body as string];
  }
});

test.describe('A wrong attribute is said once in the console, with its value and what is accepted:', () => {
  const wrong: Record<string, [value: string, accepted: string]> = {
    'data-ttl': ['soon', '30d'],
    'data-memory': ['lots', '64MB'],
    'data-disk': ['-1', '1GB'],
    'data-mode': ['sometimes', 'refresh'],
    'data-models': ['{gpt-4o:1}', 'JSON'],
    'data-partition': ['', 'shared'],
    'data-ignore': ['id', 'JSON Pointer'],
    'data-on-abort': ['perhaps', 'finish'],
    'data-endpoints': ['https://[', 'URLPattern'],
    'data-exclude': ['https://[', 'URLPattern'],
    'data-tll': ['30d', 'data-ttl'],
  };

  test('each by itself', async ({ site, upstream, visitor }) => {
    for (const [name, [value, accepted]] of Object.entries(wrong)) {
      site.attributes = { [name]: value };
      const page = await visitor.open();
      await ask(page, askOf(upstream, `Hello ${name}`));
      expect(await ask(page, askOf(upstream, `Hello ${name}`)), name).toBeHitFrom('memory');
      const said = visitor.consoleOf(page);
      expect(said, name).toHaveLength(1);
      expect(said[0]).toContain(name);
      expect(said[0]).toContain(value);
      expect(said[0]).toContain(accepted);
      await page.close();
    }
  });

  test('right attributes say nothing', async ({ site, upstream, visitor }) => {
    site.attributes = {
      'data-ttl': '12h',
      'data-memory': '16MB',
      'data-disk': '200MB',
      'data-mode': 'auto',
      'data-models': '{"gpt-4o":"2024-08-06"}',
      'data-partition': 'shared',
      'data-ignore': '/id /messages/*/id',
      'data-on-abort': 'cancel',
      'data-endpoints': '/api/ask https://llm.example/*',
      'data-exclude': 'https://other.example/*',
      'data-worker': '/refrain-sw.js',
      'data-scope': '/',
    };
    const page = await visitor.open();
    await ask(page, withHeaders(askOf(upstream, 'Hello'), { 'x-refrain': 'tag=greeting, ttl=60s' }));
    expect(visitor.consoleOf(page)).toEqual([]);
  });
});
