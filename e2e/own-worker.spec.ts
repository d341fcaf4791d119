import type { Page } from '@playwright/test';
import { ask } from './asking.ts';
import { buildExample, copyExample, putPackage } from './example-apps.ts';
import { readiness, stats } from './refrain-in-page.ts';
import { askOf, expect, test } from './site.ts';
import type { StaticOrigin } from './static-origin.ts';

/** Asks as a user of an example does, and gives what it shows: the answer and where it came from. */
async function chat(page: Page, prompt: string): Promise<string> {
  await page.getByLabel('Prompt').fill(prompt);
  await page.getByRole('button', { name: 'Ask' }).click();
  await expect(page.locator('form + output')).toContainText('(');
  return page.locator('form + output').innerText();
}

/** Resolves when the page's worker controls it, or for `activated` when there is an active one at all. */
function workerIs(page: Page, state: 'activated' | 'in control'): Promise<void> {
  return page.evaluate(async (wanted) => {
    const { active } = await navigator.serviceWorker.ready;
    if (active?.state !== 'activated') await new Promise((resolve) => active?.addEventListener('statechange', resolve));
    if (wanted === 'in control' && !navigator.serviceWorker.controller)
      await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
  }, state);
}

function controller(page: Page): Promise<string | undefined> {
  return page.evaluate(() => navigator.serviceWorker.controller?.scriptURL);
}

function putWorker(site: StaticOrigin, body: string, path = '/sw.js'): void {
  site.files.set(path, { type: 'text/javascript', body });
}

function register(page: Page, options: RegistrationOptions = {}): Promise<void> {
  return page.evaluate(async (one) => void (await navigator.serviceWorker.register('/sw.js', one)), options);
}

const claims = "addEventListener('activate', (event) => event.waitUntil(clients.claim()));";

test.describe('examples', () => {
  test('pwa: opens offline from its precache, answers offline what was asked before, and claims no page by itself', async ({
    site,
    upstream,
    visitor,
  }) => {
    await buildExample('pwa', site);
    const page = await visitor.openUncontrolled(`/#api=${upstream.origin}`);
    await workerIs(page, 'activated');
    expect(await controller(page)).toBeUndefined();
    await page.reload();
    expect(await controller(page)).toBe(`${site.origin}/sw.js`);

    expect(await chat(page, 'Hello')).toContain('(refrain; fwd=miss)');
    expect(await chat(page, 'Hello')).toMatch(/\(refrain; hit; ttl=60\d{4}; detail=memory\)$/);
    expect(upstream.calls).toHaveLength(1);

    await visitor.offline();
    const requests = site.requests.length;
    await page.reload();
    expect(await chat(page, 'Hello')).toContain('(refrain; hit;');
    expect(site.requests).toHaveLength(requests);
    expect(upstream.calls).toHaveLength(1);
    expect(visitor.pageErrors).toEqual([]);
  });

  test('push: shows what is pushed, and Refrain answers beside it', async ({ site, upstream, visitor }) => {
    copyExample('push', site);
    await visitor.context.grantPermissions(['notifications'], { origin: site.origin });
    const page = await visitor.open(`/#api=${upstream.origin}`);
    expect(await controller(page)).toBe(`${site.origin}/sw.js`);

    const session = await visitor.context.newCDPSession(page);
    const registered = new Promise<string>((resolve) =>
      session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [one] }) => {
        if (one) resolve(one.registrationId);
      }),
    );
    await session.send('ServiceWorker.enable');
    const registrationId = await registered;
    const data = JSON.stringify({ title: 'News', body: 'There is a new model' });
    // One sent as soon as the worker is active may be lost.
    const shown = async () => {
      await session.send('ServiceWorker.deliverPushMessage', { origin: site.origin, registrationId, data });
      return page.evaluate(async () =>
        (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body }) => `${title}: ${body}`),
      );
    };
    await expect.poll(shown).toEqual(['News: There is a new model']);

    expect(await chat(page, 'Hello')).toContain('(refrain; fwd=miss)');
    expect(await chat(page, 'Hello')).toContain('(refrain; hit;');
    expect(upstream.calls).toHaveLength(1);
  });

  test("serwist: a route of the app's hands calls to the Strategy, other routes go on", async ({
    site,
    upstream,
    visitor,
  }) => {
    await buildExample('serwist', site);
    const page = await visitor.openUncontrolled(`/#api=${upstream.origin}`);
    await workerIs(page, 'in control');
    expect(await chat(page, 'Hello')).toContain('(refrain; fwd=miss)');
    expect(await chat(page, 'Hello')).toMatch(/\(refrain; hit; ttl=60\d{4}; detail=memory\)$/);
    expect(upstream.calls).toHaveLength(1);
    await page.reload();
    await visitor.offline();
    await page.reload();
    expect(await chat(page, 'Hello')).toContain('(refrain; hit;');
  });

  for (const [what, worker] of [
    [
      'install() beside Serwist',
      `import { install } from 'refrain/sw'; import { Serwist } from 'serwist';
      install(); new Serwist({ clientsClaim: true }).addEventListeners();`,
    ],
    [
      "the Strategy on a route of Workbox's",
      `import { Strategy } from 'refrain/sw'; import { registerRoute } from 'workbox-routing';
      registerRoute(({ url }) => url.pathname.startsWith('/v1/'), new Strategy(), 'POST'); ${claims}`,
    ],
  ] as const) {
    test(`another worker: ${what} answers a repeat`, async ({ site, upstream, visitor }) => {
      await buildExample('serwist', site, worker);
      const page = await visitor.openUncontrolled(`/#api=${upstream.origin}`);
      await workerIs(page, 'in control');
      expect(await chat(page, 'Hello')).toContain('(refrain; fwd=miss)');
      expect(await chat(page, 'Hello')).toContain('(refrain; hit;');
      expect(upstream.calls).toHaveLength(1);
    });
  }

  test("web-llm: WebLLM's engine and Refrain answer their own messages in one module worker", async ({
    site,
    upstream,
    visitor,
  }) => {
    await buildExample('web-llm', site);
    const html = `${site.files.get('/')?.body}`;
    const tag = '<script src="/refrain.js" data-worker="/sw.js" data-worker-type="module"></script>';
    site.files.set('/', { type: 'text/html', body: html.replace('<link', `${tag}<link`) });
    const page = await visitor.open(`/#api=${upstream.origin}`);

    const heartbeat = await page.evaluate(
      () =>
        new Promise((resolve) => {
          navigator.serviceWorker.addEventListener('message', ({ data }) => resolve(data));
          navigator.serviceWorker.controller?.postMessage({ kind: 'keepAlive', uuid: 'one' });
        }),
    );
    expect(heartbeat).toEqual({ kind: 'heartbeat', uuid: 'one' });
    const models: (string | undefined)[] = [];
    await visitor.context.route(/huggingface/, (route) => {
      models.push(route.request().serviceWorker()?.url());
      return route.abort();
    });
    await page.getByRole('button', { name: 'Load' }).click();
    await expect(page.locator('#progress')).toHaveText('TypeError: Failed to fetch');
    expect(new Set(models)).toEqual(new Set([`${site.origin}/sw.js`]));

    expect(await chat(page, 'Hello')).toContain('(refrain; fwd=miss)');
    expect(await chat(page, 'Hello')).toContain('(refrain; hit;');
    expect(upstream.calls).toHaveLength(1);
    expect((await stats(page)).sinceBoot).toMatchObject({ misses: 1 });
  });
});

test('install() takes what its options name, with their settings, and is a module as it stands', async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = null;
  putPackage(site);
  putWorker(
    site,
    `import { install } from '/package/sw.js'; install({ endpoints: '/api/ask', ttl: '1h', partition: 'one' }); ${claims}`,
  );
  let asked = 0;
  site.api = ({ method }) =>
    method === 'POST' ? { headers: { 'content-type': 'application/json' }, body: `{"answer":${++asked}}` } : undefined;
  const page = await visitor.openUncontrolled();
  await register(page, { type: 'module' });
  await workerIs(page, 'in control');
  const own = {
    url: `${site.origin}/api/ask`,
    headers: { 'content-type': 'application/json' },
    body: '{"question":"Hello"}',
  };
  expect(await ask(page, own)).toBeMiss();
  const hit = await ask(page, own);
  expect(hit).toBeHitFrom('memory');
  expect(hit.cacheStatus).toMatch(/ttl=3[56]\d\d;/);
  expect(await ask(page, { ...own, url: `${site.origin}/api/other` })).toBeUntouched();
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
  expect(asked).toBe(2);
});

test("install() with an option that is not understood fails the worker's registration, and so does a second one", async ({
  site,
  visitor,
}) => {
  site.attributes = null;
  putPackage(site);
  const page = await visitor.openUncontrolled();
  const failureOf = async (options: string) => {
    putWorker(
      site,
      `import { install } from '/package/sw.js';
      try { ${options} } catch (error) { new BroadcastChannel('failed').postMessage(String(error)); throw error; }`,
    );
    return page.evaluate(async () => {
      const told = new Promise((resolve) => {
        new BroadcastChannel('failed').onmessage = ({ data }) => resolve(data);
      });
      const registered = await navigator.serviceWorker.register('/sw.js', { type: 'module' }).then(
        () => 'registered',
        () => 'not registered',
      );
      return `${registered}: ${await told}`;
    });
  };
  expect(await failureOf("install({ ttl: '3 days', onAbort: 'finish' })")).toBe(
    'not registered: RangeError: Cannot use the option ttl "3 days": 30d, 12h, 5m, 90s, none or 0 is accepted',
  );
  expect(await failureOf("install({ onAbort: 'stop' })")).toContain('option onAbort "stop"');
  expect(await failureOf('install(); install()')).toContain('TypeError: Cannot install Refrain');
});

test('The first listener that responds has the call: one before install() hides it from Refrain, one after it is not asked', async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = null;
  const everything =
    "addEventListener('fetch', (event) => { if (event.request.method === 'POST') event.respondWith(new Response('mine')); });";
  const refrain = "importScripts('/refrain-sw.js');";
  for (const [order, body, path] of [
    ['Refrain first', refrain + everything + claims, '/first/sw.js'],
    ['Refrain last', everything + refrain + claims, '/last/sw.js'],
  ] as const) {
    putWorker(site, body, path);
    const page = await visitor.openUncontrolled(path.replace('sw.js', ''));
    await page.evaluate(async (script) => void (await navigator.serviceWorker.register(script)), path);
    await workerIs(page, 'in control');
    const got = await ask(page, askOf(upstream, 'Hello'));
    if (order === 'Refrain first') expect(got).toBeMiss();
    else expect(got.bytes).toBe('mine');
    const other = await ask(page, { url: `${site.origin}/api/other`, body: '{}' });
    expect(other.bytes).toBe('mine');
  }
  expect(upstream.calls).toHaveLength(1);
});

test("Messages of Refrain's pages do not reach the worker's own listener, nor the page's, and other messages do", async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = { 'data-worker': '/sw.js' };
  site.inline = `window.heard = [];
    navigator.serviceWorker.addEventListener('message', ({ data }) => heard.push(data));`;
  putWorker(
    site,
    `importScripts('/refrain-sw.js'); ${claims}
    addEventListener('message', (event) => event.source.postMessage({ heard: event.data }));`,
  );
  const page = await visitor.open();
  await stats(page);
  await visitor.stopWorkers(page);
  const foreign = [{ type: 'SKIP_WAITING' }, { kind: 'keepAlive', uuid: '1' }, { refrain: 7 }, 'text', null];
  await page.evaluate((all) => {
    for (const one of all) navigator.serviceWorker.controller?.postMessage(one);
  }, foreign);
  // The worker, which was stopped, asks the page who it is.
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
  const heard = () => page.evaluate(() => (window as unknown as { heard: unknown[] }).heard);
  await expect.poll(heard).toEqual(foreign.map((one) => ({ heard: one })));
});

test("A newer version of the app's worker waits until the app says so, whatever the tag wants", async ({
  site,
  visitor,
}) => {
  site.attributes = { 'data-worker': '/sw.js' };
  const version = (number: number) => `importScripts('/refrain-sw.js'); ${claims}
    let skips = 0;
    const { skipWaiting } = self;
    self.skipWaiting = () => {
      skips++;
      return skipWaiting.call(self);
    };
    addEventListener('message', ({ data, source }) => {
      if (data === 'take over') self.skipWaiting();
      if (data === 'count') source.postMessage('version ${number}, skips: ' + skips);
    });`;
  putWorker(site, version(1));
  const page = await visitor.open();
  putWorker(site, version(2));
  const told = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const newer = registration.installing ?? registration.waiting;
    if (newer?.state === 'installing') await new Promise((resolve) => newer.addEventListener('statechange', resolve));
    // The page script asks this as soon as there is a newer version. An answer says that the worker is done with it.
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise((resolve) => {
      port1.onmessage = resolve;
    });
    registration.active?.postMessage({ refrain: 'retire', argument: null }, [port2]);
    await answered;
    const changed = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
    newer?.postMessage('take over');
    await changed;
    const counted = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('message', ({ data }) => resolve(data)),
    );
    newer?.postMessage('count');
    return counted;
  });
  expect(told).toBe('version 2, skips: 1');
});

test('A worker of the app that claims no pages leaves them alone, which ready says, until the next load', async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = { 'data-worker': '/sw.js' };
  putWorker(site, "importScripts('/refrain-sw.js');");
  const page = await visitor.openUncontrolled();
  expect(await readiness(page)).toMatchObject({ code: 'not-controlled' });
  expect(await controller(page)).toBeUndefined();
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeUntouched();
  await page.reload();
  expect(await readiness(page)).toBe('ready');
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();

  await page.evaluate(() => window.refrain.unregister());
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeUntouched();
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(1);
});

test('install({ claim: true }) lets a page with the tag come under control at its first visit', async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = { 'data-worker': '/sw.js', 'data-worker-type': 'module' };
  putPackage(site);
  putWorker(site, "import { install } from '/package/sw.js'; install({ claim: true });");
  const page = await visitor.open();
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
});

test('A worker that the app registered itself, as a module, is found by the tag, not registered anew', async ({
  site,
  visitor,
}) => {
  site.attributes = null;
  putPackage(site);
  putWorker(site, `import { install } from '/package/sw.js'; install(); ${claims}`);
  const before = await visitor.openUncontrolled();
  await register(before, { type: 'module', updateViaCache: 'none' });
  await workerIs(before, 'in control');

  site.attributes = { 'data-worker': '/sw.js' };
  const page = await visitor.open();
  const { updateViaCache, waiting, installing } = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return {
      updateViaCache: registration.updateViaCache,
      waiting: registration.waiting !== null,
      installing: registration.installing !== null,
    };
  });
  expect({ updateViaCache, waiting, installing }).toEqual({
    updateViaCache: 'none',
    waiting: false,
    installing: false,
  });
});

test('A worker of the app under a name the tag does not know is accepted, also when it takes a second to start', async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = null;
  putPackage(site);
  putWorker(
    site,
    `import { install } from '/package/sw.js'; install({ claim: true });
    const begun = Date.now(); while (Date.now() - begun < 1000); ${claims}`,
  );
  const page = await visitor.openUncontrolled();
  await register(page, { type: 'module' });
  await workerIs(page, 'in control');
  site.attributes = {};
  await visitor.stopWorkers(page);
  // An ordinary load starts the worker. One past it (shift and reload) leaves that to the tag.
  const session = await visitor.context.newCDPSession(page);
  const loaded = page.waitForEvent('load');
  await session.send('Page.reload', { ignoreCache: true });
  await loaded;
  expect(await readiness(page)).toBe('ready');
  expect(await controller(page)).toBe(`${site.origin}/sw.js`);
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
});

test("Refrain stays in the app's worker when no page has the tag for more than a week", async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = { 'data-worker': '/sw.js' };
  putWorker(
    site,
    `let ahead = 0;
    const { now } = Date;
    Date.now = () => now() + ahead;
    importScripts('/refrain-sw.js'); ${claims}
    addEventListener('message', ({ data, source }) => {
      ahead = data.ahead;
      source.postMessage('set');
    });`,
  );
  const page = await visitor.open();
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
  site.attributes = null;
  await page.reload();
  await page.evaluate(
    (ahead) =>
      new Promise((resolve) => {
        navigator.serviceWorker.addEventListener('message', ({ data }) => data === 'set' && resolve(data));
        navigator.serviceWorker.controller?.postMessage({ ahead });
      }),
    9 * 24 * 60 * 60 * 1000,
  );
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeHit();
});
