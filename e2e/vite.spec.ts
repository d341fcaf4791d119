import type { Page } from '@playwright/test';
import { VitePWA } from 'vite-plugin-pwa';
import { ask } from './asking.ts';
import { readiness } from './refrain-in-page.ts';
import { askOf, test as base, expect } from './site.ts';
import { refrain, ViteApp } from './vite-app.ts';

const test = base.extend<{ app: ViteApp }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off this pattern
  app: async ({}, use) => {
    const app = await ViteApp.make();
    await use(app);
    await app.close();
  },
});

/** The attributes of the first element in a page's head. */
function firstInHead(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() => {
    const first = document.head.firstElementChild as Element;
    const attributes = [...first.attributes].map(({ name, value }) => [name, value]);
    return { element: first.localName, ...Object.fromEntries(attributes) };
  });
}

function controller(page: Page): Promise<string | undefined> {
  return page.evaluate(() => navigator.serviceWorker.controller?.scriptURL);
}

/** Options whose text needs escaping, and the attributes they become. */
const models = { 'a "quoted" & <odd> model': "it's 1" };
const endpoints = ['/api/ask?x="1"', '/api/:kind(chat|ask)'];
const options = { models, endpoints, onAbort: 'finish', persist: false, memory: 64_000_000 } as const;
const attributes = {
  'data-models': JSON.stringify(models),
  'data-endpoints': endpoints.join(' '),
  'data-on-abort': 'finish',
  'data-memory': '64000000',
};

for (const how of ['dev', 'build'] as const) {
  test(`${how}, at the root and in a folder: the tag comes first with all options, a call is a miss, then a hit`, async ({
    app,
    upstream,
    visitor,
  }) => {
    for (const base of ['/', '/app/']) {
      const config = { base, plugins: [refrain(options)] };
      if (how === 'build') await app.build(config);
      const origin = how === 'build' ? await app.preview(config) : await app.dev(config);
      const page = await visitor.open(base, origin);
      await expect(page.locator('main')).toHaveText('The app runs');
      expect(await firstInHead(page)).toEqual({ element: 'script', src: `${base}refrain.js`, ...attributes });
      expect(await controller(page)).toBe(`${origin}${base}refrain-sw.js`);

      const before = upstream.calls.length;
      expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
      expect(await ask(page, askOf(upstream, 'Hello'))).toBeHitFrom('memory');
      expect(upstream.calls).toHaveLength(before + 1);
      expect(visitor.consoleOf(page).filter((line) => line.includes('Cannot use'))).toEqual([]);
    }
    expect(visitor.pageErrors).toEqual([]);
  });
}

test('dev: both files are served as they are, and are asked for anew each time', async ({ app }) => {
  const origin = await app.dev({ plugins: [refrain()] });
  await app.build({ plugins: [refrain()] });
  for (const name of ['refrain.js', 'refrain-sw.js']) {
    const response = await fetch(`${origin}/${name}`);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toBe(await app.built(name));
  }
});

test('build with a relative base: pages in any folder find the one worker, wherever the app is put', async ({
  app,
  upstream,
  visitor,
}) => {
  await app.build({ base: './', plugins: [refrain()] });
  const origin = await app.preview({ base: '/anywhere/', plugins: [] });
  const page = await visitor.open('/anywhere/deep/', origin);
  expect(await firstInHead(page)).toEqual({ element: 'script', src: '../refrain.js' });
  expect(await controller(page)).toBe(`${origin}/anywhere/refrain-sw.js`);
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
  const other = await visitor.open('/anywhere/', origin);
  expect(await firstInHead(other)).toEqual({ element: 'script', src: './refrain.js' });
  expect(await ask(other, askOf(upstream, 'Hello'))).toBeHit();
  expect(upstream.calls).toHaveLength(1);
});

test('inject: false leaves the tag to the page, and when: leaves the plugin out', async ({ app }) => {
  const config = { plugins: [refrain({ inject: false, when: 'serve' })] };
  const origin = await app.dev(config);
  expect(await (await fetch(origin)).text()).not.toContain('refrain.js');
  expect((await fetch(`${origin}/refrain.js`)).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  await app.build(config);
  await expect(app.built('refrain.js')).rejects.toThrow('ENOENT');
});

test('an option that does not exist, or a base where no worker can be, is told before anything is built', async ({
  app,
}) => {
  expect(() => refrain({ endpoint: '/api/chat' } as object)).toThrow(
    /^Cannot use the option endpoint of refrain\(\): there is no such option, one of inject, when, worker, .* is needed$/,
  );
  expect(() => refrain({ when: 'dev' } as object)).toThrow(
    'Cannot use when: "dev" of refrain(): one of serve, build, always is needed',
  );
  await expect(app.build({ base: 'https://cdn.example/', plugins: [refrain()] })).rejects.toThrow(
    'Cannot use refrain-sw.js under the base https://cdn.example/: a worker has to come from the origin of its pages',
  );
});

test('beside vite-plugin-pwa one worker precaches the app and answers calls, offline too', async ({
  app,
  upstream,
  visitor,
}) => {
  // Workbox bundles its runtime.
  test.slow();
  const pwa = VitePWA({ registerType: 'autoUpdate', manifest: false, mode: 'development' });
  const config = { base: '/app/', plugins: [refrain(), pwa] };
  await app.build(config);
  const worker = await app.built('sw.js');
  expect(worker).toMatch(/^importScripts\("refrain-sw\.js\?[0-9a-f]{8}"\);/);
  // The page script belongs to the app, the worker is kept by the browser.
  expect(worker).toMatch(/"?url"?: "refrain\.js"/);
  expect(worker.split('refrain-sw.js')).toHaveLength(2);

  const origin = await app.preview(config);
  const page = await visitor.open('/app/', origin);
  expect(await controller(page)).toBe(`${origin}/app/sw.js`);
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeHitFrom('memory');

  await app.stop();
  await page.reload();
  await expect(page.locator('main')).toHaveText('The app runs');
  expect(await readiness(page)).toBe('ready');
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeHit();
  expect(upstream.calls).toHaveLength(1);
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(1);
  expect(visitor.pageErrors).toEqual([]);
});

test('in a dev server where vite-plugin-pwa has its worker, that one answers calls', async ({
  app,
  upstream,
  visitor,
}) => {
  // Workbox bundles its runtime.
  test.slow();
  const devOptions = { enabled: true, suppressWarnings: true };
  const pwa = VitePWA({ registerType: 'autoUpdate', manifest: false, mode: 'development', devOptions });
  const origin = await app.dev({ plugins: [refrain(), pwa] });
  const page = await visitor.open('/', origin);
  expect(await controller(page)).toBe(`${origin}/dev-sw.js?dev-sw`);
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeMiss();
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeHitFrom('memory');
  expect(upstream.calls).toHaveLength(1);
});

test('a PWA whose worker is built after ours has been looked for ends the build with what is needed', async ({
  app,
}) => {
  const late = VitePWA({ manifest: false, integration: { closeBundleOrder: 'post' } });
  await expect(app.build({ plugins: [refrain(), late] })).rejects.toThrow(
    /^.*Cannot add Refrain to .*sw\.js: it is not there/,
  );
});
