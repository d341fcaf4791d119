import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { RefrainEventType } from '../src/core/report/events.ts';
import { attributeNames } from '../src/core/settings/attributes.ts';
import { providers } from './answers.ts';
import { type Ask, ask, startAsking } from './asking.ts';
import { pathOf } from './prepare.ts';
import { rowsOf } from './reference-tables.ts';
import { entries, explain, flush, forgetMemory, purge, recordEvents, stats } from './refrain-in-page.ts';
import { askOf, expect, test, withHeaders } from './site.ts';
import type { StaticOrigin } from './static-origin.ts';
import type { Upstream } from './upstream.ts';
import type { Visitor } from './visitor.ts';

/**
 * docs/reference.md and the built scripts, held against each other: every row of its tables has a proof here, and every
 * proof a row.
 */

/** A site, an LLM API and a visitor, as each proof needs them. */
class Bench {
  #asked = 0;

  constructor(
    readonly site: StaticOrigin,
    readonly upstream: Upstream,
    readonly visitor: Visitor,
  ) {}

  /** A page of the site whose tag has these attributes. */
  open(attributes: Record<string, string> = {}, path = '/'): Promise<Page> {
    this.site.attributes = attributes;
    return this.visitor.open(path);
  }

  /** A question nobody has asked yet. */
  question(stream = false): Ask {
    return askOf(this.upstream, { prompt: `Question ${++this.#asked}`, stream });
  }

  /** The answers to a question asked so often. */
  async askTimes(page: Page, question: Ask, times: number) {
    const got = [];
    for (let i = 0; i < times; i++) got.push(await ask(page, question));
    return got;
  }

  /** Status that `Cache-Status` gives the second of two identical calls. */
  async second(page: Page, question = this.question()): Promise<string | null> {
    return (await this.askTimes(page, question, 2))[1]?.cacheStatus ?? null;
  }
}

type Proofs = Record<string, (bench: Bench) => Promise<void>>;

const fromMemory = /^refrain; hit; ttl=\d+; detail=memory$/;

/** One test for a section: its rows and the proofs are the same, and each proof holds. */
function section(name: string, proofs: Proofs): void {
  test(`${name}: what the reference says, the built scripts do`, async ({ site, upstream, visitor }) => {
    test.setTimeout(90_000);
    expect(Object.keys(proofs)).toEqual(rowsOf(name));
    const bench = new Bench(site, upstream, visitor);
    for (const [row, prove] of Object.entries(proofs)) await test.step(row, () => prove(bench));
  });
}

test('Attributes of the tag: the reference names those the product knows', () => {
  expect(rowsOf('Attributes of the tag').toSorted()).toEqual(attributeNames.toSorted());
});

section('Attributes of the tag', {
  'data-worker': async (bench) => {
    const page = await bench.open({ 'data-worker': '/elsewhere/refrain-sw.js' }, '/elsewhere/');
    expect(await controller(page)).toBe(`${bench.site.origin}/elsewhere/refrain-sw.js`);
  },
  'data-worker-type': async (bench) => {
    // Only as a module does this parse.
    const body = `export {};\n${readFileSync(pathOf('refrain-sw.js'), 'utf8')}`;
    bench.site.files.set('/module/sw.js', { type: 'text/javascript', body });
    bench.site.attributes = { 'data-worker': '/module/sw.js', 'data-worker-type': 'module' };
    const page = await bench.visitor.openUncontrolled('/module/');
    await expect
      .poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.scriptURL))
      .toBe(`${bench.site.origin}/module/sw.js`);
  },
  'data-scope': async (bench) => {
    const page = await bench.open({ 'data-scope': '/inner/' }, '/inner/');
    expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).scope)).toMatch(/\/inner\/$/);
  },
  'data-endpoints': async (bench) => {
    const { endpoints } = providers.find((one) => one.endpoints) ?? {};
    const provider = providers.find((one) => one.endpoints);
    const question = askOf(bench.upstream, 'Named by the app', provider);
    expect(await bench.second(await bench.open(), question)).toBeNull();
    expect(
      await bench.second(await bench.open({ 'data-endpoints': bench.upstream.origin + endpoints }), question),
    ).toMatch(fromMemory);
  },
  'data-exclude': async (bench) => {
    const page = await bench.open({ 'data-exclude': 'http://never.example/v1/*' }, '/');
    const question = { ...bench.question(), url: 'http://never.example/v1/chat/completions' };
    expect((await explain(page, question)).outcome).toBe('not-matched');
  },
  'data-mode': async (bench) => {
    expect(await bench.second(await bench.open({ 'data-mode': 'record' }))).toBe('refrain; fwd=request');
  },
  'data-ttl': async (bench) => {
    expect(await bench.second(await bench.open({ 'data-ttl': '2m' }))).toMatch(/ttl=1(19|20);/);
  },
  'data-memory': async (bench) => {
    expect((await stats(await bench.open({ 'data-memory': '3MB' }))).memory.budget).toBe(3_000_000);
  },
  'data-disk': async (bench) => {
    expect((await stats(await bench.open({ 'data-disk': '7MB' }))).opfs.budget).toBe(7_000_000);
  },
  'data-models': async (bench) => {
    const question = bench.question();
    await ask(await bench.open({ 'data-models': '{"gpt-4o-mini":"1"}' }), question);
    expect(await ask(await bench.open({ 'data-models': '{"gpt-4o-mini":"2"}' }), question)).toBeMiss();
  },
  'data-partition': async (bench) => {
    const page = await bench.open({ 'data-partition': 'ann' });
    const question = bench.question();
    await ask(page, question);
    expect(await ask(page, withHeaders(question, { authorization: 'Bearer another' }))).toBeHitFrom('memory');
  },
  'data-ignore': async (bench) => {
    const page = await bench.open({ 'data-endpoints': `${bench.upstream.origin}/*`, 'data-ignore': '/trace' });
    const question = bench.question();
    const traced = (trace: string) => ({
      ...question,
      body: JSON.stringify({ ...JSON.parse(question.body ?? ''), trace }),
    });
    await ask(page, traced('a'));
    expect(await ask(page, traced('b'))).toBeHitFrom('memory');
  },
  'data-on-abort': async (bench) => {
    const page = await bench.open({ 'data-on-abort': 'finish' });
    const question = bench.question(true);
    const gate = bench.upstream.hold();
    const asking = await startAsking(page, question);
    await expect.poll(() => bench.upstream.last.body.toString()).toBe(question.body);
    await asking.abort();
    gate.open();
    await expect.poll(() => bench.upstream.last.state).toBe('completed');
    await expect.poll(async () => (await explain(page, question)).outcome).toBe('hit');
  },
  'data-pace': async (bench) => {
    const page = await bench.open({ 'data-pace': '200' });
    const question = bench.question(true);
    await ask(page, question);
    const hit = await ask(page, question);
    expect(hit).toBeHitFrom('memory');
    expect(hit.elapsed).toBeGreaterThan(400);
  },
  'data-variants': async (bench) => {
    const page = await bench.open({ 'data-variants': '2' });
    const before = bench.upstream.calls.length;
    await bench.askTimes(page, bench.question(), 2);
    await expect.poll(() => bench.upstream.calls.length).toBe(before + 2);
  },
  'data-cassette': async (bench) => {
    const question = bench.question();
    await recordInto(bench, '/reference.refrain', question);
    const page = await bench.open({ 'data-cassette': '/reference.refrain' });
    expect((await ask(page, question)).cacheStatus).toBe('refrain; hit; detail=cassette');
  },
  'data-session': async (bench) => {
    const question = bench.question();
    await recordInto(bench, '/twice.refrain', question, question);
    const attributes = { 'data-cassette': '/twice.refrain', 'data-session': 'one' };
    const first = await ask(await bench.open(attributes), question);
    expect((await ask(await bench.open(attributes), question)).bytes).not.toBe(first.bytes);
    expect((await ask(await bench.open({ ...attributes, 'data-session': 'two' }), question)).bytes).toBe(first.bytes);
  },
  'data-persist': async (bench) => {
    bench.site.inline = '';
    await bench.visitor.context.addInitScript(() => {
      const { storage } = navigator;
      const persist = storage.persist.bind(storage);
      storage.persist = () => {
        document.documentElement.dataset.asked = 'yes';
        return persist();
      };
    });
    const page = await bench.open({ 'data-persist': '' });
    await expect(page.locator('html')).toHaveAttribute('data-asked', 'yes');
  },
});

section('Modes', {
  auto: async (bench) => {
    expect(await bench.second(await bench.open({ 'data-mode': 'auto' }))).toMatch(fromMemory);
  },
  record: async (bench) => {
    const page = await bench.open({ 'data-mode': 'record' });
    expect(await bench.second(page)).toBe('refrain; fwd=request');
  },
  replay: async (bench) => {
    const question = bench.question();
    await ask(await bench.open(), question);
    const page = await bench.open({ 'data-mode': 'replay' });
    expect(await ask(page, question)).toBeHitFrom('memory');
    const calls = bench.upstream.calls.length;
    const missing = await ask(page, bench.question());
    expect(missing.status).toBe(504);
    expect(missing.headers['x-should-retry']).toBe('false');
    expect(bench.upstream.calls).toHaveLength(calls);
  },
  refresh: async (bench) => {
    const page = await bench.open({ 'data-mode': 'refresh' });
    const calls = bench.upstream.calls.length;
    expect(await bench.second(page)).toMatch(fromMemory);
    await expect.poll(() => bench.upstream.calls.length).toBe(calls + 2);
  },
  off: async (bench) => {
    bench.site.attributes = { 'data-mode': 'off' };
    expect(await bench.second(await bench.visitor.openUncontrolled())).toBeNull();
  },
});

/** What the second of two identical calls is answered, when it is made with this `init` or these headers. */
async function secondWith(bench: Bench, init: Ask['init'], headers: Record<string, string> = {}) {
  const page = await bench.open();
  const question = bench.question();
  await ask(page, question);
  return ask(page, withHeaders({ ...question, ...(init ? { init } : {}) }, headers));
}

const directives: Proofs = {
  'no-store, reload, only-if-cached': async (bench) => {
    expect(await secondWith(bench, undefined, { 'x-refrain': 'no-store' })).toBeUntouched();
    expect((await secondWith(bench, undefined, { 'x-refrain': 'reload' })).cacheStatus).toBe('refrain; fwd=request');
    const page = await bench.open();
    expect((await ask(page, withHeaders(bench.question(), { 'x-refrain': 'only-if-cached' }))).status).toBe(504);
  },
  'ttl=60s': async (bench) => {
    expect((await secondWith(bench, undefined, { 'x-refrain': 'ttl=60s' })).cacheStatus).toMatch(/ttl=(59|60);/);
  },
  'variant=3': async (bench) => {
    expect(await secondWith(bench, undefined, { 'x-refrain': 'variant=3' })).toBeMiss();
  },
  'tag=greeting': async (bench) => {
    const page = await bench.open();
    await ask(page, withHeaders(bench.question(), { 'x-refrain': 'tag=greeting' }));
    expect(await purge(page, { tag: 'greeting' })).toBe(1);
  },
};

section('Per request', {
  "fetch cache: 'no-store'": async (bench) => {
    expect(await secondWith(bench, { cache: 'no-store' })).toBeUntouched();
  },
  "cache: 'reload' or 'no-cache'": async (bench) => {
    for (const cache of ['reload', 'no-cache'] as const)
      expect((await secondWith(bench, { cache })).cacheStatus).toBe('refrain; fwd=request');
  },
  "cache: 'force-cache'": async (bench) => {
    const page = await bench.open({ 'data-ttl': '0' });
    const question = bench.question();
    await ask(page, question);
    expect((await ask(page, { ...question, init: { cache: 'force-cache' } })).cacheStatus).toContain('refrain; hit');
  },
  "cache: 'only-if-cached' (same origin only, says fetch)": async (bench) => {
    const page = await bench.open({ 'data-partition': 'shared' });
    const question = { ...bench.question(), url: `${bench.site.origin}/v1/chat/completions` };
    const init = { cache: 'only-if-cached', mode: 'same-origin' } as const;
    expect((await ask(page, { ...question, init })).status).toBe(504);
  },
  'header cache-control or pragma with no-store, no-cache': async (bench) => {
    expect(await secondWith(bench, undefined, { 'cache-control': 'no-store' })).toBeUntouched();
    expect((await secondWith(bench, undefined, { pragma: 'no-cache' })).cacheStatus).toBe('refrain; fwd=request');
  },
  'header x-refrain': async (bench) => {
    await secondWith(bench, undefined, { 'x-refrain': 'reload, tag=one' });
    expect(bench.upstream.last.headers['x-refrain']).toBeUndefined();
  },
  ...directives,
});

section('On the response', {
  'refrain; hit; ttl=2591990; detail=memory': async (bench) => {
    const page = await bench.open();
    const question = bench.question();
    await ask(page, question);
    expect(await ask(page, question)).toBeHitFrom('memory');
    await flush(page);
    await forgetMemory(page);
    expect(await ask(page, question)).toBeHitFrom('opfs');
  },
  'refrain; fwd=miss': async (bench) => {
    expect(await ask(await bench.open(), bench.question())).toBeMiss();
  },
  'refrain; fwd=stale': async (bench) => {
    expect(await bench.second(await bench.open({ 'data-ttl': '0' }))).toBe('refrain; fwd=stale');
  },
  'refrain; fwd=request': async (bench) => {
    expect(await bench.second(await bench.open({ 'data-mode': 'record' }))).toBe('refrain; fwd=request');
  },
  '…; collapsed': async (bench) => {
    const page = await bench.open();
    const question = bench.question();
    const calls = bench.upstream.calls.length;
    const gate = bench.upstream.hold();
    const first = await startAsking(page, question);
    await expect.poll(() => bench.upstream.calls.length).toBe(calls + 1);
    const second = await startAsking(page, question);
    await expect.poll(async () => (await stats(page)).sinceBoot.collapsed).toBeGreaterThan(0);
    gate.open();
    expect(await first.done()).toBeMiss();
    expect((await second.done()).cacheStatus).toBe('refrain; fwd=miss; collapsed');
  },
  'refrain; fwd=miss; detail=not-stored': async (bench) => {
    const page = await bench.open({ 'data-mode': 'replay' });
    expect((await ask(page, bench.question())).cacheStatus).toBe('refrain; fwd=miss; detail=not-stored');
  },
  none: async (bench) => {
    const page = await bench.open();
    expect(await ask(page, { ...bench.question(), url: `${bench.upstream.origin}/v1/files` })).toBeUntouched();
  },
});

/** A call of each member of `window.refrain`, by the row's name. */
const members: Proofs = {
  ready: async (bench) => {
    expect(await (await bench.open()).evaluate(() => window.refrain.ready)).toBeUndefined();
  },
  'stats()': async (bench) => {
    const page = await bench.open();
    await bench.second(page);
    expect(await stats(page)).toMatchObject({ storage: 'opfs', sinceBoot: { hits: { memory: 1 }, misses: 1 } });
  },
  'entries(filter?)': async (bench) => {
    const page = await bench.open();
    await ask(page, withHeaders(bench.question(), { 'x-refrain': 'tag=listed' }));
    expect(await entries(page, { tag: 'listed' })).toMatchObject([{ model: 'gpt-4o-mini', tag: 'listed' }]);
  },
  'purge(filter?)': async (bench) => {
    const page = await bench.open();
    const question = bench.question();
    await ask(page, question);
    expect(await purge(page)).toBeGreaterThan(0);
    expect(await ask(page, question)).toBeMiss();
  },
  'explain(input, init?)': async (bench) => {
    const calls = bench.upstream.calls.length;
    expect((await explain(await bench.open(), bench.question())).outcome).toBe('miss');
    expect(bench.upstream.calls).toHaveLength(calls);
  },
  'exportCassette(filter?)': async (bench) => {
    const page = await bench.open();
    await ask(page, withHeaders(bench.question(), { 'x-refrain': 'tag=exported' }));
    const text = await page.evaluate(async () => (await window.refrain.exportCassette({ tag: 'exported' })).text());
    expect(text.match(/^POST /gm)).toHaveLength(1);
  },
  'importCassette(cassette, { partial? })': async (bench) => {
    const question = bench.question();
    const text = await recordInto(bench, '/imported.refrain', question);
    const page = await bench.open();
    expect(await page.evaluate((one) => window.refrain.importCassette(one), text)).toMatchObject({ answers: 1 });
    expect((await ask(page, question)).cacheStatus).toBe('refrain; hit; detail=cassette');
  },
  'flush()': async (bench) => {
    const page = await bench.open();
    const question = bench.question();
    await ask(page, question);
    await flush(page);
    await bench.visitor.stopWorkers(page);
    expect(await ask(page, question)).toBeHitFrom('opfs');
  },
  'verify()': async (bench) => {
    const page = await bench.open();
    expect(await page.evaluate(() => window.refrain.verify())).toMatchObject({ damaged: 0 });
  },
  'configure(options)': async (bench) => {
    const page = await bench.open();
    await page.evaluate(() => window.refrain.configure({ ttl: '60s' }));
    expect(await bench.second(page)).toMatch(/ttl=(59|60);/);
  },
  'persist()': async (bench) => {
    expect(typeof (await (await bench.open()).evaluate(() => window.refrain.persist()))).toBe('boolean');
  },
  'forgetMemory()': async (bench) => {
    const page = await bench.open();
    const question = bench.question();
    await ask(page, question);
    await forgetMemory(page);
    expect(await ask(page, question)).toBeHitFrom('opfs');
  },
  'unregister({ purge? })': async (bench) => {
    const page = await bench.open();
    await page.evaluate(() => window.refrain.unregister({ purge: true }));
    expect(await bench.second(page)).toBeNull();
  },
  'addEventListener(type, …)': async (bench) => {
    const page = await bench.open();
    await recordEvents(page);
    await ask(page, bench.question());
    await expect.poll(() => page.evaluate(() => window.reported.map(({ type }) => type))).toContain('entry-store');
  },
};

section('window.refrain', members);

test('window.refrain: the reference names the members there are', async ({ visitor }) => {
  const page = await visitor.open();
  const own = await page.evaluate(() => Object.getOwnPropertyNames(Object.getPrototypeOf(window.refrain)));
  const named = rowsOf('window.refrain').map((row) => row.replace(/\(.*/, ''));
  const inherited = ['constructor', 'ready', 'addEventListener'];
  expect(named.filter((name) => !inherited.includes(name)).toSorted()).toEqual(
    own.filter((name) => !inherited.includes(name)).toSorted(),
  );
});

/** Every type there is: the compiler misses none. */
const eventTypes: Record<RefrainEventType, true> = {
  'entry-hit': true,
  'entry-miss': true,
  'flight-join': true,
  'entry-store': true,
  'entry-skip': true,
  bypass: true,
  'not-stored': true,
  'entry-remove': true,
  'verify-progress': true,
  problem: true,
};

test('Events: every event the reference names comes when it says', async ({ site, upstream, visitor }) => {
  expect(rowsOf('Events')).toEqual(Object.keys(eventTypes));
  const bench = new Bench(site, upstream, visitor);
  const page = await bench.open();
  await recordEvents(page);
  await bench.second(page);
  const question = bench.question();
  const gate = upstream.hold();
  const both = [await startAsking(page, question), await startAsking(page, question)];
  await expect.poll(async () => (await stats(page)).sinceBoot.collapsed).toBe(1);
  gate.open();
  for (const one of both) await one.done();
  await ask(page, withHeaders(bench.question(), { 'x-refrain': 'no-store' }));
  await ask(page, withHeaders(bench.question(), { 'x-refrain': 'only-if-cached' }));
  await ask(page, withHeaders(bench.question(), { 'x-refrain': 'unknown-wish' }));
  upstream.answer = () => ({ status: 500 });
  await ask(page, bench.question());
  await page.evaluate(() => window.refrain.verify());
  await purge(page);
  const types = () => page.evaluate(() => [...new Set(window.reported.map(({ type }) => type))].sort());
  await expect.poll(types).toEqual(Object.keys(eventTypes).sort());
});

async function controller(page: Page): Promise<string | undefined> {
  return page.evaluate(() => navigator.serviceWorker.controller?.scriptURL);
}

/** Records these calls' answers, serves them as a cassette at this path, and forgets them otherwise. */
async function recordInto(bench: Bench, path: string, ...asks: Ask[]): Promise<string> {
  const page = await bench.open({ 'data-mode': 'record' });
  await purge(page);
  for (const one of asks) await ask(page, one);
  const text = await page.evaluate(async () => (await window.refrain.exportCassette()).text());
  await purge(page);
  bench.site.files.set(path, { type: 'text/plain; charset=utf-8', body: text });
  return text;
}
