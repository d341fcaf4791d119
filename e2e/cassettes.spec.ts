import type { Page } from '@playwright/test';
import { providers } from './answers.ts';
import { type Ask, ask } from './asking.ts';
import { flush, purge } from './refrain-in-page.ts';
import { askOf, expect, test, withHeaders } from './site.ts';
import type { StaticOrigin } from './static-origin.ts';
import type { Upstream } from './upstream.ts';
import type { Visitor } from './visitor.ts';

function exported(page: Page): Promise<string> {
  return page.evaluate(async () => (await window.refrain.exportCassette()).text());
}

/** Records what these calls are answered, in a profile of its own, and takes it all away again. */
async function recordedCassette(visitor: Visitor, site: StaticOrigin, asks: readonly Ask[]): Promise<string> {
  site.attributes = { ...site.attributes, 'data-mode': 'record' };
  const page = await visitor.open();
  for (const one of asks) expect((await ask(page, one)).cacheStatus).toMatch(/^refrain; fwd=request$/);
  const text = await exported(page);
  await purge(page);
  await page.close();
  return text;
}

/** A page that has nothing but a cassette, and may not ask upstream. */
async function replayingPage(
  visitor: Visitor,
  site: StaticOrigin,
  text: string,
  attributes: Record<string, string> = {},
): Promise<Page> {
  site.files.set('/answers.refrain', { type: 'text/plain; charset=utf-8', body: text });
  site.attributes = { ...site.attributes, 'data-mode': 'replay', 'data-cassette': '/answers.refrain', ...attributes };
  return visitor.open();
}

/** Another credential than the recording had. */
function asAnother(one: Ask): Ask {
  return withHeaders(one, { authorization: 'Bearer sk-somebody-else', 'x-api-key': 'sk-somebody-else' });
}

function questions(upstream: Upstream): Ask[] {
  return providers
    .filter(({ endpoints }) => !endpoints)
    .flatMap((provider) =>
      [false, true].map((stream) => askOf(upstream, { prompt: stream ? 'Tell me more' : 'Hello', stream }, provider)),
    );
}

test('A cassette answers another credential what every provider was recorded to say, byte for byte', async ({
  site,
  upstream,
  visitor,
}) => {
  const asks = questions(upstream);
  const text = await recordedCassette(visitor, site, asks);
  const recorded = upstream.calls.length;
  const page = await replayingPage(visitor, site, text);
  for (const [index, one] of asks.entries()) {
    const got = await ask(page, asAnother(one));
    expect(got.cacheStatus).toBe('refrain; hit; detail=cassette');
    expect(got.bytes).toBe(await bytesRecorded(upstream, index));
    expect(got.headers.age).toMatch(/^\d+$/);
  }
  expect(recorded).toBe(asks.length);
  expect(upstream.calls).toHaveLength(recorded);
});

async function bytesRecorded(upstream: Upstream, index: number): Promise<string> {
  const answer = upstream.answer(upstream.calls[index] as (typeof upstream.calls)[number]);
  if (answer === 'gone') throw new Error('Cannot compare: the upstream gave no answer');
  return Buffer.concat((answer.chunks ?? []).map((chunk) => Buffer.from(chunk))).toString('latin1');
}

test('A cassette is the same text whatever the order, and holds neither credential nor partition', async ({
  site,
  upstream,
  visitor,
}) => {
  const asks = questions(upstream);
  const withoutTimes = (text: string) => text.replace(/^ +(stored|elapsed|arrivals): .*\n/gm, '');
  upstream.answer = (
    (give) => (call) =>
      give({ ...call, number: 1 })
  )(upstream.answer);
  const first = await recordedCassette(visitor, site, asks);
  const second = await recordedCassette(visitor, site, asks.toReversed());
  expect(withoutTimes(second)).toBe(withoutTimes(first));
  expect(first).toMatch(/^refrain cassette 1\n/);
  expect(first).toContain('Tell me more');
  expect(first).not.toMatch(/sk-|partition|authorization/);
});

test('A miss in replay is a 504 that says which recorded request is closest and how it differs', async ({
  site,
  upstream,
  visitor,
}) => {
  const text = await recordedCassette(visitor, site, [askOf(upstream, 'Count to three'), askOf(upstream, 'Sing')]);
  const page = await replayingPage(visitor, site, text);
  const got = await ask(page, askOf(upstream, 'Count to four'));
  expect(got.status).toBe(504);
  expect(got.headers['x-should-retry']).toBe('false');
  const { error, closest } = JSON.parse(got.bytes);
  expect(error.message).toContain('/messages/0/content: recorded "Count to three", asked "Count to four"');
  expect(closest.differences).toHaveLength(1);
  expect(upstream.calls).toHaveLength(2);
});

test('In auto, what the cassette lacks is asked upstream, and a page without the attribute has no cassette', async ({
  site,
  upstream,
  visitor,
}) => {
  const text = await recordedCassette(visitor, site, [askOf(upstream, 'Hello')]);
  const page = await replayingPage(visitor, site, text, { 'data-mode': 'auto' });
  expect((await ask(page, askOf(upstream, 'Hello'))).cacheStatus).toBe('refrain; hit; detail=cassette');
  expect(await ask(page, askOf(upstream, 'Goodbye'))).toBeMiss();
  site.attributes = {};
  expect(await ask(await visitor.open(), askOf(upstream, 'Hello'))).toBeMiss();
});

test('A cassette that is not there is told once, and calls go upstream', async ({ site, upstream, visitor }) => {
  site.attributes = { 'data-cassette': '/missing.refrain' };
  const page = await visitor.open();
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
  expect(await ask(page, askOf(upstream, 'Goodbye'))).toBeMiss();
  const told = visitor.consoleOf(page).filter((line) => line.includes('Cannot read the cassette'));
  expect(told).toEqual([
    `warning: Refrain: Cannot read the cassette ${site.origin}/missing.refrain: the server answers 404, a file of that name is needed`,
  ]);
});

test('importCassette() serves its page from what it took in, also after the worker was stopped', async ({
  site,
  upstream,
  visitor,
}) => {
  const text = await recordedCassette(visitor, site, [askOf(upstream, 'Hello')]);
  site.attributes = {};
  const page = await visitor.open();
  const taken = await page.evaluate((one) => window.refrain.importCassette(new Blob([one])), text);
  expect(taken).toMatchObject({ recordings: 1, answers: 1, faults: [] });
  await visitor.stopWorkers(page);
  // The new worker hears from the page what holds for it, however busy the machine is.
  await page.evaluate(() => window.refrain.configure({}));
  expect((await ask(page, askOf(upstream, 'Hello'))).cacheStatus).toBe('refrain; hit; detail=cassette');
  const other = await visitor.open();
  expect(await ask(other, askOf(upstream, 'Hello'))).toBeMiss();
  site.attributes = { 'data-cassette': taken.name, 'data-partition': 'nobody' };
  const named = await visitor.open();
  expect((await ask(named, askOf(upstream, 'Hello'))).cacheStatus).toBe('refrain; hit; detail=cassette');
  await purge(named);
  expect(await ask(named, askOf(upstream, 'Hello'))).toBeMiss();
});

test('importCassette() refuses a damaged cassette with block and line, and takes what is sound if asked', async ({
  site,
  upstream,
  visitor,
}) => {
  const text = await recordedCassette(visitor, site, [
    askOf(upstream, 'Hello'),
    askOf(upstream, { prompt: 'More', stream: true }),
  ]);
  const lines = text.split('\n');
  const cut = lines.findIndex((line) => line.includes('data: [DONE]'));
  const damaged = lines.toSpliced(cut, 1).join('\n');
  site.attributes = {};
  const page = await visitor.open();
  const attempt = (one: string, partial: boolean) =>
    page.evaluate(
      ([given, options]) => window.refrain.importCassette(given, options).catch((error: Error) => error.message),
      [one, { partial }] as const,
    );
  expect(await attempt(damaged, false)).toMatch(
    /^Cannot import the cassette: line \d+, in POST http:\/\/.*\/v1\/chat\/completions: the answer is not whole/,
  );
  expect(await attempt('{"log":{}}', false)).toBe(
    'Cannot import the cassette: line 1, in the file: it begins with "{"log":{}}", "refrain cassette 1" is needed; with { partial: true } what is sound is taken',
  );
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
  expect(await attempt(damaged, true)).toMatchObject({ recordings: 1, faults: [{ line: expect.any(Number) }] });
});

test('The n-th identical call of a session gets the n-th recorded answer', async ({ site, upstream, visitor }) => {
  const again = askOf(upstream, 'Surprise me');
  const text = await recordedCassette(visitor, site, [again, again, again]);
  const page = await replayingPage(visitor, site, text, { 'data-session': 'one' });
  const first = (await ask(page, again)).bytes;
  await page.reload();
  await page.evaluate(() => window.refrain.ready);
  const later = [(await ask(page, again)).bytes, (await ask(page, again)).bytes, (await ask(page, again)).bytes];
  const recorded = await Promise.all([0, 1, 2, 2].map((index) => bytesRecorded(upstream, index)));
  expect([first, ...later]).toEqual(recorded);
});

test('data-variants collects answers behind hits, and serves them in turn', async ({ site, upstream, visitor }) => {
  site.attributes = { 'data-variants': '2' };
  const page = await visitor.open();
  const question = askOf(upstream, 'A poem');
  const first = await ask(page, question);
  expect(first).toBeMiss();
  expect((await ask(page, question)).bytes).toBe(first.bytes);
  await expect.poll(() => upstream.calls.length).toBe(2);
  await flush(page);
  const inTurn = [
    (await ask(page, question)).bytes,
    (await ask(page, question)).bytes,
    (await ask(page, question)).bytes,
  ];
  expect(new Set(inTurn).size).toBe(2);
  expect(inTurn[2]).toBe(inTurn[0]);
  const reloaded = await ask(page, withHeaders(question, { 'x-refrain': 'reload' }));
  expect(inTurn).not.toContain(reloaded.bytes);
  expect(upstream.calls).toHaveLength(3);
});

for (const pace of ['recorded', '200']) {
  test(`data-pace="${pace}" gives a hit piece by piece, and all of it`, async ({ site, upstream, visitor }) => {
    site.attributes = { 'data-pace': pace };
    const page = await visitor.open();
    const question = askOf(upstream, { prompt: 'Slowly', stream: true });
    const gate = upstream.hold();
    const asking = ask(page, question);
    await expect.poll(() => upstream.calls.length).toBe(1);
    // The wait is the recording's, not the test's: what is replayed must take as long.
    const paused = performance.now();
    while (performance.now() - paused < 400) await page.evaluate(() => new Promise(requestAnimationFrame));
    gate.open();
    const first = await asking;
    expect(first).toBeMiss();
    const hit = await ask(page, question);
    expect(hit).toBeHitFrom('memory');
    expect(hit.bytes).toBe(first.bytes);
    expect(hit.elapsed).toBeGreaterThan(pace === 'recorded' ? 380 : 90);
  });
}

test('window.refrainOverrides wins over the attributes of the tag', async ({ site, upstream, visitor }) => {
  site.attributes = { 'data-mode': 'off' };
  await visitor.context.addInitScript(() => {
    window.refrainOverrides = { mode: 'auto', ttl: '60s' };
  });
  const page = await visitor.open();
  await ask(page, askOf(upstream, 'Hello'));
  expect((await ask(page, askOf(upstream, 'Hello'))).cacheStatus).toMatch(/ttl=(59|60); detail=memory/);
});

test('self.refrainNormalize in the worker takes out what must not count', async ({ site, upstream, visitor }) => {
  site.worker = (built) =>
    `self.refrainNormalize = (request) => { request.body.messages[0].content = request.body.messages[0].content.replace(/\\d+/, 'N'); };\n${built}`;
  const page = await visitor.open();
  expect(await ask(page, askOf(upstream, 'It is 12 past'))).toBeMiss();
  expect(await ask(page, askOf(upstream, 'It is 13 past'))).toBeHitFrom('memory');
  expect(upstream.last.body.toString()).toContain('It is 12 past');
});
