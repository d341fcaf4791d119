import { answerOf, failure, openaiChat } from '../answers.ts';
import { type Ask, ask, type Got, startAsking } from '../asking.ts';
import type { Answer, Call } from '../upstream.ts';
import type { Tab } from './engine.ts';
import { askOf, expect, test } from './site.ts';

/** What an app can see of a response, but for what differs from call to call and the `type` of one made in a worker. */
function seen({ status, statusText, bytes, url, redirected, headers, error }: Got) {
  const { date: _date, 'cache-status': _cacheStatus, ...others } = headers;
  return { status, statusText, bytes, url, redirected, headers: others, error: error?.name };
}

const whole = answerOf(openaiChat, { prompt: '' }, 'As ever.');

/** By name: what the upstream answers at a path, and how the app asks. */
const oddities: Record<string, { answer: (call: Call) => Answer; init?: Ask['init'] }> = {
  'a redirect': {
    answer: ({ path }) =>
      path.endsWith('?on') ? whole : { status: 307, headers: { location: '/v1/chat/completions?on' } },
  },
  'a 204': { answer: () => ({ status: 204 }) },
  'a 304': { answer: () => ({ status: 304, headers: { 'x-request-id': 'as-before' } }) },
  'a 429 with Retry-After': { answer: () => failure(429, 'Slow down', { 'retry-after': '7' }) },
  'credentials: include': { answer: () => whole, init: { credentials: 'include' } },
  'redirect: error': {
    answer: () => ({ status: 307, headers: { location: '/v1/chat/completions?on' } }),
    init: { redirect: 'error' },
  },
};

for (const [name, { answer, init }] of Object.entries(oddities))
  test(`${name} looks as it does without Refrain, to the app and to the upstream`, async ({ upstream, visit }) => {
    upstream.answer = answer;
    const bare = await visit.openBare();
    const tab = await visit.open();
    const request = { ...askOf(upstream, 'Anything odd?'), ...(init && { init }) };
    const without = await ask(bare, request);
    const sentWithout = sentBy(upstream.calls.splice(0));
    expect(seen(await ask(tab, request))).toEqual(seen(without));
    expect(sentBy(upstream.calls)).toEqual(sentWithout);
  });

/** What reached the upstream, but for what names the page. */
function sentBy(calls: readonly Call[]) {
  return calls.map(({ method, path, headers, body }) => {
    // A request that a worker builds anew has no client hints, nor all of `sec-fetch-*`: scripts may not set them.
    const others = Object.entries(headers).filter(
      ([name]) => !/^(origin|referer|connection|sec-ch-ua.*|sec-fetch-storage-access)$/.test(name),
    );
    return { method, path, headers: Object.fromEntries(others), body: body.toString() };
  });
}

test('AbortSignal.timeout ends a call as it does without Refrain, before the headers and after', async ({
  engine,
  upstream,
  visit,
}) => {
  upstream.answer = () => answerOf(openaiChat, { prompt: '', stream: true }, 'Too late.');
  const tabs = [await visit.openBare(), await visit.open()];
  for (const pieces of [0, 2]) {
    const errors: string[] = [];
    for (const tab of tabs) {
      const made = upstream.calls.length;
      upstream.hold().release(pieces);
      errors.push(await timeOut(tab, askOf(upstream, { prompt: `After ${pieces}`, stream: true })));
      await expect.poll(() => upstream.calls[made]?.state).toBe('aborted');
    }
    console.log(`${engine.name} time-out after ${pieces} pieces: ${errors}`);
    // Firefox and WebKitGTK say AbortError to a page without a worker here and there; SDKs take either.
    for (const error of errors) expect(error).toMatch(/^(TimeoutError|AbortError)$/);
  }
});

function timeOut(tab: Tab, { url, headers, body }: Ask): Promise<string> {
  return tab.evaluate(
    async ([address, init]) => {
      try {
        const response = await fetch(address as string, {
          ...(init as RequestInit),
          signal: AbortSignal.timeout(1500),
        });
        return await response.text();
      } catch (error) {
        return (error as Error).name;
      }
    },
    [url, { method: 'POST', headers, body }] as const,
  );
}

test('A keepalive call outlives its page as it does without Refrain', async ({ upstream, visit }) => {
  upstream.answer = () => whole;
  const states: string[] = [];
  for (const open of [() => visit.openBare(), () => visit.open()]) {
    const tab = await open();
    const gate = upstream.hold();
    const before = upstream.calls.length;
    await startAsking(tab, { ...askOf(upstream, 'And another thing'), init: { keepalive: true } });
    await expect.poll(() => upstream.calls.length).toBe(before + 1);
    await tab.close();
    // Twice as long as it takes to see that a page is gone.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    gate.open();
    await expect.poll(() => upstream.calls.at(-1)?.state).not.toBe('open');
    states.push(upstream.calls.at(-1)?.state ?? '');
  }
  expect(states[1]).toBe(states[0]);
});

test('An XHR sees the progress of its upload as it does without Refrain', async ({ upstream, visit }) => {
  upstream.answer = () => whole;
  const request = askOf(upstream, { prompt: 'Long '.repeat(400_000) });
  const bare = await upload(await visit.openBare(), request);
  expect(await upload(await visit.open(), request)).toEqual(bare);
});

/** Names of the events an upload shows, each once; of the last, the bytes. */
function upload(tab: Tab, { url, headers, body }: Ask): Promise<string> {
  return tab.evaluate(
    ([address, fields, text]) =>
      new Promise<string>((resolve) => {
        const events = new Set<string>();
        const xhr = new XMLHttpRequest();
        xhr.open('POST', address as string);
        for (const [name, value] of Object.entries(fields as Record<string, string>)) xhr.setRequestHeader(name, value);
        for (const type of ['loadstart', 'progress', 'load', 'error'])
          xhr.upload.addEventListener(type, (event) => events.add(`${type} ${(event as ProgressEvent).total}`));
        xhr.onloadend = () => resolve([...events].join(', '));
        xhr.send(text as string);
      }),
    [url, headers, body] as const,
  );
}
