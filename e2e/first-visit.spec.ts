import type { Page } from '@playwright/test';
import { ask, startAsking, underWay } from './asking.ts';
import { flush, readiness } from './refrain-in-page.ts';
import { askOf, expect, test, withHeaders } from './site.ts';

/** A call held back for a worker waits up to 3 s; one that goes straight out is done long before. */
const atOnce = 1500;

for (const via of ['fetch', 'xhr'] as const) {
  test(`The very first ${via} of the very first visit is intercepted, and its repeat is a hit`, async ({
    site,
    upstream,
    visitor,
  }) => {
    const question = { ...askOf(upstream, { prompt: 'Hello', stream: true }), via };
    site.inline = `asking.start('first', ${JSON.stringify(question)})`;
    const page = await visitor.openUncontrolled();
    const first = await underWay(page, 'first').done();
    expect(first).toBeMiss();
    expect(first.status).toBe(200);
    const second = await ask(page, question);
    expect(second).toBeHitFrom('memory');
    expect(second.bytes).toBe(first.bytes);
    expect(upstream.calls).toHaveLength(1);
    expect(await readiness(page)).toBe('ready');
    expect(site.count('/')).toBe(1);
  });

  test(`An aborted first ${via} of the first visit never reaches the upstream`, async ({ site, upstream, visitor }) => {
    const gate = site.hold('/refrain-sw.js');
    const question = { ...askOf(upstream, 'Hello'), via };
    site.inline = `asking.start('first', ${JSON.stringify(question)}); asking.underWay.first.abort();`;
    const page = await visitor.openUncontrolled();
    expect((await underWay(page, 'first').done()).error?.name).toBe('AbortError');
    gate.open();
    expect(await readiness(page)).toBe('ready');
    expect(upstream.calls).toHaveLength(0);
  });
}

test('On the first visit, calls to other URLs do not wait for the worker', async ({ site, upstream, visitor }) => {
  const gate = site.hold('/refrain-sw.js');
  site.files.set('/data.json', { type: 'application/json', body: '{}' });
  const page = await visitor.openUncontrolled();
  const held = await startAsking(page, askOf(upstream, 'Hello'));
  const other = await ask(page, { method: 'GET', url: `${site.origin}/data.json` });
  expect(other).toMatchObject({ status: 200, bytes: '{}' });
  expect(await held.status()).toBe(undefined);
  expect(upstream.calls).toHaveLength(0);
  gate.open();
  expect(await held.done()).toBeMiss();
});

test('A call waits 3 s for a worker that never comes, then goes out', async ({ site, upstream, visitor }) => {
  site.hold('/refrain-sw.js');
  const page = await visitor.openUncontrolled();
  const got = await ask(page, askOf(upstream, 'Hello'));
  expect(got).toBeUntouched();
  expect(got.status).toBe(200);
  expect(got.elapsed).toBeGreaterThan(2500);
  expect(got.elapsed).toBeLessThan(6000);
  expect(upstream.calls).toHaveLength(1);
});

test('After a hard reload the page comes under control again without another reload, and its first call is a hit', async ({
  site,
  upstream,
  visitor,
}) => {
  const question = askOf(upstream, { prompt: 'Hello', stream: true });
  const page = await visitor.open();
  const stored = await ask(page, question);
  await flush(page);

  site.inline = `window.controlledAtFirst = navigator.serviceWorker.controller !== null;
    asking.start('first', ${JSON.stringify(question)})`;
  const requests = site.count('/');
  const session = await visitor.context.newCDPSession(page);
  const loaded = page.waitForEvent('load');
  await session.send('Page.reload', { ignoreCache: true });
  await loaded;
  await session.detach();
  expect(await page.evaluate('controlledAtFirst')).toBe(false);

  const first = await underWay(page, 'first').done();
  expect(first).toBeHit();
  expect(first.bytes).toBe(stored.bytes);
  expect(await readiness(page)).toBe('ready');
  expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  expect(site.count('/')).toBe(requests + 1);
  expect(upstream.calls).toHaveLength(1);
});

test('A second visit is controlled from the start', async ({ site, upstream, visitor }) => {
  const question = askOf(upstream, 'Hello');
  const page = await visitor.open();
  await ask(page, question);
  await flush(page);
  await visitor.restart();
  site.inline = `asking.start('first', ${JSON.stringify(question)})`;
  const next = await visitor.openUncontrolled();
  expect(await underWay(next, 'first').done()).toBeHitFrom('opfs');
  expect(upstream.calls).toHaveLength(1);
});

test.describe('Where there can be no worker, calls go straight out and ready says why:', () => {
  async function expectStraightOut(
    page: Page,
    upstream: Parameters<typeof askOf>[0] & { calls: unknown[] },
    code: string,
  ) {
    for (const via of ['fetch', 'xhr'] as const) {
      const question = withHeaders({ ...askOf(upstream, 'Hello'), via }, { 'x-refrain': 'tag=greeting' });
      const got = await ask(page, question);
      expect(got).toBeUntouched();
      expect(got.status).toBe(200);
      expect(got.elapsed).toBeLessThan(atOnce);
    }
    expect(upstream.calls).toHaveLength(2);
    const reason = await readiness(page);
    expect(reason).toMatchObject({ name: 'RefrainError', code });
    return reason as Exclude<typeof reason, 'ready'>;
  }

  test('an insecure context', async ({ site, upstream, visitor }) => {
    const page = await visitor.openUncontrolled('/', site.insecureOrigin);
    await expectStraightOut(page, upstream, 'insecure-context');
    expect(visitor.pageErrors).toEqual([]);
  });

  test('a browser without service workers', async ({ upstream, visitor }) => {
    await visitor.context.addInitScript(() => {
      delete (Navigator.prototype as { serviceWorker?: unknown }).serviceWorker;
    });
    const page = await visitor.openUncontrolled();
    await expectStraightOut(page, upstream, 'no-service-workers');
    expect(visitor.pageErrors).toEqual([]);
  });

  test('a worker that is not there', async ({ site, upstream, visitor }) => {
    site.worker = () => null;
    const page = await visitor.openUncontrolled();
    const { message } = await expectStraightOut(page, upstream, 'registration-failed');
    expect(message).toContain('refrain-sw.js');
    expect(visitor.pageErrors).toEqual([]);
  });

  test('a worker that is no script', async ({ site, upstream, visitor }) => {
    site.headers.set('/refrain-sw.js', { 'content-type': 'text/html' });
    const page = await visitor.openUncontrolled();
    await expectStraightOut(page, upstream, 'registration-failed');
  });

  test('a worker that throws as it starts', async ({ site, upstream, visitor }) => {
    site.worker = () => 'throw new Error("broken build")';
    const page = await visitor.openUncontrolled();
    await expectStraightOut(page, upstream, 'registration-failed');
  });

  test('a page outside the scope', async ({ site, upstream, visitor }) => {
    site.attributes = { 'data-scope': '/app/' };
    const page = await visitor.openUncontrolled('/elsewhere.html');
    const { message } = await expectStraightOut(page, upstream, 'wrong-scope');
    expect(message).toContain('/app/');
    expect(message).toContain('/elsewhere.html');
  });

  test('data-mode="off"', async ({ site, upstream, visitor }) => {
    site.attributes = { 'data-mode': 'off' };
    const page = await visitor.openUncontrolled();
    await expectStraightOut(page, upstream, 'off');
  });

  test.describe(() => {
    test.use({ serviceWorkers: 'block' });

    test('register() that resolves with nothing', async ({ upstream, visitor }) => {
      const page = await visitor.openUncontrolled();
      await expectStraightOut(page, upstream, 'registration-failed');
      expect(visitor.pageErrors).toEqual([]);
    });
  });

  test("another project's worker, which is never replaced", async ({ site, upstream, visitor }) => {
    site.files.set('/foreign-sw.js', { type: 'text/javascript', body: 'self.foreign = true;' });
    site.attributes = null;
    const before = await visitor.openUncontrolled();
    await before.evaluate(async () => {
      await navigator.serviceWorker.register('/foreign-sw.js');
      await navigator.serviceWorker.ready;
    });
    site.attributes = {};
    const page = await visitor.openUncontrolled();
    const { message } = await expectStraightOut(page, upstream, 'foreign-worker');
    expect(message).toContain('foreign-sw.js');
    expect(message).toContain('importScripts');
    const active = await page.evaluate(
      async () => (await navigator.serviceWorker.getRegistration())?.active?.scriptURL,
    );
    expect(active).toBe(`${site.origin}/foreign-sw.js`);
    expect(site.count('/refrain-sw.js')).toBe(0);
    expect(visitor.pageErrors).toEqual([]);
  });
});

test("A worker in a folder of its own controls that folder's pages", async ({ site, upstream, visitor }) => {
  site.attributes = { 'data-worker': '/app/refrain-sw.js' };
  const page = await visitor.open('/app/index.html');
  await ask(page, askOf(upstream, 'Hello'));
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeHitFrom('memory');
  const outside = await visitor.openUncontrolled('/other.html');
  expect(await readiness(outside)).toMatchObject({ code: 'wrong-scope' });
});

test('?refrain=off switches Refrain off for one page load, also in a page the worker controls', async ({
  upstream,
  visitor,
}) => {
  const page = await visitor.open();
  const question = askOf(upstream, 'Hello');
  await ask(page, question);

  const off = await visitor.openUncontrolled('/?refrain=off');
  const marked = withHeaders(question, { 'x-refrain': 'tag=greeting' });
  for (const via of ['fetch', 'xhr'] as const) expect(await ask(off, { ...marked, via })).toBeUntouched();
  expect(await readiness(off)).toMatchObject({ name: 'RefrainError', code: 'off' });
  expect(upstream.calls).toHaveLength(3);
  for (const call of upstream.calls) expect(call.headers).not.toHaveProperty('x-refrain');

  expect(await ask(page, question)).toBeHitFrom('memory');
  await off.goto(off.url().replace('?refrain=off', ''));
  expect(await ask(off, question)).toBeHitFrom('memory');
  expect(visitor.pageErrors).toEqual([]);
});

test('With data-mode="off" in a page, others of its scope go on', async ({ site, upstream, visitor }) => {
  const page = await visitor.open();
  const question = askOf(upstream, 'Hello');
  await ask(page, question);
  site.attributes = { 'data-mode': 'off' };
  const off = await visitor.openUncontrolled();
  expect(await ask(off, question)).toBeUntouched();
  expect(await ask(page, question)).toBeHitFrom('memory');
  expect(upstream.calls).toHaveLength(2);
});
