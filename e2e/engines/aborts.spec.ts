import { answerOf, openaiChat } from '../answers.ts';
import { ask, startAsking } from '../asking.ts';
import type { Call, Upstream } from '../upstream.ts';
import type { Tab } from './engine.ts';
import { askOf, expect, test, withHeaders } from './site.ts';

const question = { prompt: 'Never mind', stream: true };
const answer = answerOf(openaiChat, question, 'An answer nobody waits for.');

/** Milliseconds from now until the upstream sees that nobody listens any more; fails after five seconds. */
async function untilAborted(call: Call | undefined): Promise<number> {
  const begin = performance.now();
  await expect.poll(() => call?.state, { intervals: [10] }).toBe('aborted');
  return Math.round(performance.now() - begin);
}

/** A call that waits for its headers, or has had its first pieces. */
async function callAt(moment: 'before' | 'after', tab: Tab, upstream: Upstream) {
  upstream.answer = () => answer;
  const gate = upstream.hold();
  const asking = await startAsking(tab, askOf(upstream, question));
  await expect.poll(() => upstream.calls.length).toBe(1);
  if (moment === 'before') return { asking, gate };
  gate.release(2);
  await expect.poll(async () => (await asking.received()).length).toBeGreaterThan(0);
  return { asking, gate };
}

for (const moment of ['before', 'after'] as const)
  for (const act of ['abort', 'navigation', 'closed tab'] as const)
    for (const withScript of [true, false]) {
      if (!withScript && act === 'abort') continue;
      const who = withScript ? '' : ' without the page script';
      test(`${moment} the headers, a page's ${act}${who} closes the upstream connection within a second`, async ({
        engine,
        site,
        upstream,
        visit,
      }) => {
        const first = await visit.open();
        if (!withScript) site.attributes = null;
        const tab = withScript ? first : await visit.openUncontrolled();
        const { asking } = await callAt(moment, tab, upstream);
        const gone =
          act === 'abort' ? asking.abort() : act === 'closed tab' ? tab.close() : tab.goto(`${site.bareOrigin}/`);
        const took = await untilAborted(upstream.calls[0]);
        await gone;
        console.log(`${engine.name} ${moment} headers, ${act}${who}: ${took} ms`);
        expect(took).toBeLessThan(1000);
      });
    }

test('An abort leaves the upstream to the one that joined', async ({ upstream, visit }) => {
  const tab = await visit.open();
  const { asking, gate } = await callAt('after', tab, upstream);
  const joiner = await startAsking(tab, askOf(upstream, question));
  await expect.poll(() => joiner.status()).toBe(200);
  await asking.abort();
  gate.open();
  expect((await joiner.done()).error).toBeUndefined();
  expect(upstream.calls.map(({ state }) => state)).toEqual(['completed']);
});

for (const moment of ['before', 'after'] as const)
  test(`With data-on-abort="finish", a tab closed ${moment} the headers leaves an answer that is finished and stored`, async ({
    site,
    upstream,
    visit,
  }) => {
    site.attributes = { 'data-on-abort': 'finish' };
    const tab = await visit.open();
    const other = await visit.open();
    const { gate } = await callAt(moment, tab, upstream);
    await tab.close();
    gate.open();
    await expect.poll(() => upstream.calls[0]?.state).toBe('completed');
    await expect.poll(async () => (await ask(other, askOf(upstream, question))).cacheStatus).toMatch(/^refrain; hit/);
    expect(upstream.calls).toHaveLength(1);
  });

for (const onAbort of ['cancel', 'finish'])
  test(`With data-on-abort="${onAbort}", an SDK's retry after its time-out never has two upstream calls open`, async ({
    site,
    upstream,
    visit,
  }) => {
    site.attributes = { 'data-on-abort': onAbort };
    const tab = await visit.open();
    const open = () => upstream.calls.filter(({ state }) => state === 'open').length;
    let most = 0;
    upstream.answer = () => {
      most = Math.max(most, open());
      return answer;
    };
    const gate = upstream.hold();
    const attempt = (count: number) =>
      withHeaders(askOf(upstream, question), { 'x-stainless-retry-count': String(count) });
    const first = await startAsking(tab, attempt(0));
    await expect.poll(() => upstream.calls.length).toBe(1);
    await first.abort();
    const second = await startAsking(tab, attempt(1));
    if (onAbort === 'cancel') await expect.poll(() => upstream.calls[0]?.state).toBe('aborted');
    await expect.poll(open).toBe(1);
    gate.open();
    const got = await second.done();
    expect(got.error).toBeUndefined();
    expect(most).toBe(1);
    expect(upstream.calls.map(({ state }) => state)).toEqual(
      onAbort === 'cancel' ? ['aborted', 'completed'] : ['completed'],
    );
  });

test('The time-out of an XHR that waits for its headers closes the upstream connection within a second', async ({
  engine,
  upstream,
  visit,
}) => {
  upstream.answer = () => answer;
  upstream.hold();
  const tab = await visit.open();
  const { url, headers, body } = askOf(upstream, question);
  const ended = await tab.evaluate(
    async ([address, names, text]) => {
      const xhr = new XMLHttpRequest();
      xhr.open('POST', address as string);
      for (const [name, value] of Object.entries(names as Record<string, string>)) xhr.setRequestHeader(name, value);
      xhr.timeout = 500;
      const end = new Promise<string>((resolve) => {
        xhr.onloadend = () => resolve(`status ${xhr.status}`);
        xhr.ontimeout = () => resolve('timeout');
      });
      xhr.send(text as string);
      return end;
    },
    [url, headers, body] as const,
  );
  expect(ended).toBe('timeout');
  const took = await untilAborted(upstream.calls[0]);
  console.log(`${engine.name} XHR time-out: ${took} ms`);
  expect(took).toBeLessThan(1000);
});

test('An app that cancels the body it reads closes the upstream connection within a second', async ({
  engine,
  upstream,
  visit,
}) => {
  test.fail(
    engine.name === 'Firefox',
    'nobody is told that a native body is cancelled; the answer is finished and stored',
  );
  upstream.answer = () => answer;
  const gate = upstream.hold();
  const tab = await visit.open();
  const { url, headers, body } = askOf(upstream, question);
  const reading = tab.evaluate(
    async ([address, init]) => {
      const reader = (await fetch(address as string, init as RequestInit)).body?.getReader();
      await reader?.read();
      await reader?.cancel();
    },
    [url, { method: 'POST', headers, body }] as const,
  );
  await expect.poll(() => upstream.calls.length).toBe(1);
  gate.release(3);
  await reading;
  const took = await untilAborted(upstream.calls[0]);
  console.log(`${engine.name} reader.cancel(): ${took} ms`);
  expect(took).toBeLessThan(1000);
});
