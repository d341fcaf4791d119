import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, chromium, expect, test } from '@playwright/test';
import { launchOptions } from './browser/find-chromium.mjs';
import { StaticOrigin } from './static-origin.ts';

/** One of each kind: the start, prose with tables and code, the API reference, what the command line prints. */
const samples = ['/index.html', '/docs/comparison.html', '/api/refrain.html', '/api/command-line.html'];

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

let folder: string;
let site: StaticOrigin;
let browser: Browser;

// One worker builds the site once for all of them.
test.describe.configure({ mode: 'default' });

test.beforeAll(async () => {
  // The first run installs what the site is built with.
  test.setTimeout(180_000);
  folder = await mkdtemp(join(tmpdir(), 'refrain-docs-'));
  const script = fileURLToPath(new URL('../docs/site/build.mjs', import.meta.url));
  await promisify(execFile)(process.execPath, [script, folder]);
  site = await StaticOrigin.start();
  for (const name of await readdir(folder, { recursive: true })) {
    const type = types[extname(name)];
    const path = `/${name.split(sep).join('/')}`;
    if (type) site.files.set(path, { type, body: await readFile(join(folder, name)) });
  }
  browser = await chromium.launch(launchOptions());
});

test.afterAll(async () => {
  await browser?.close();
  await site?.close();
  await rm(folder, { recursive: true, force: true });
});

test('The start page leads to the API reference, which has the docstring of register', async () => {
  const page = await browser.newPage();
  await page.goto(`${site.origin}/index.html`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Refrain');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'refrain', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'register()', exact: true })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('registers the worker and intercepts this page');
  // Members of a union keep theirs too.
  await expect(page.getByRole('main')).toContainText('The page lies outside the worker');
  await page.close();
});

test('Every link of every page leads to a file of the site and to an anchor that is there', async () => {
  const page = await browser.newPage();
  const dead: string[] = [];
  const anchors = new Map<string, Set<string>>();
  const links: { from: string; to: URL }[] = [];
  for (const path of site.files.keys()) {
    if (!path.endsWith('.html') || path.startsWith('/demo/')) continue;
    await page.goto(site.origin + path);
    const found = await page.evaluate(() => ({
      ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
      hrefs: [...document.querySelectorAll<HTMLAnchorElement>('a[href]')].map(({ href }) => href),
    }));
    anchors.set(path, new Set(found.ids));
    for (const href of found.hrefs) links.push({ from: path, to: new URL(href) });
  }
  for (const { from, to } of links) {
    if (to.origin !== site.origin) continue;
    const there = site.files.has(to.pathname) || to.pathname.endsWith('.txt');
    const anchored = !to.hash || anchors.get(to.pathname)?.has(decodeURIComponent(to.hash.slice(1)));
    if (!there || !anchored) dead.push(`${from} → ${to.pathname}${to.hash}`);
  }
  expect(links.length).toBeGreaterThan(500);
  expect(dead).toEqual([]);
  await page.close();
});

test('A dead link, a dead anchor and a page without a title are told in a sentence each, and nothing else is', async () => {
  const { renderPages } = await import(new URL('../docs/site/render.mjs', import.meta.url).href);
  const pages = new Map([
    ['README.md', '# A\n\n[gone](gone.md), [renamed](docs/b.md#old), [there](docs/b.md#whats-new), [licence](LICENSE)'],
    ['docs/b.md', "## What's new\n\n[up](../README.md)"],
  ]);
  expect(renderPages(pages, fileURLToPath(new URL('..', import.meta.url))).problems).toEqual([
    'Cannot follow the link "gone.md" in README.md: there is no such file',
    'Cannot make a page of docs/b.md: it has 0 headings "# …", exactly one is needed',
    'Cannot follow the link "docs/b.md#old" in README.md: that page has no such heading',
  ]);
});

for (const path of samples) {
  test(`axe finds no fault in ${path}, and it fits a screen of 360 px`, async () => {
    const context = await browser.newContext({ colorScheme: 'light', viewport: { width: 360, height: 740 } });
    const page = await context.newPage();
    await page.goto(site.origin + path);
    expect(await faults(new AxeBuilder({ page }))).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
    await context.close();
  });
}

test('Colours have enough contrast in the dark too', async () => {
  const context = await browser.newContext({ colorScheme: 'dark' });
  const page = await context.newPage();
  await page.goto(`${site.origin}/index.html`);
  expect(await faults(new AxeBuilder({ page }).withRules('color-contrast'))).toEqual([]);
  await context.close();
});

test('Without its server the demo says that a provider is needed, and asks nobody', async () => {
  const page = await browser.newPage();
  await page.goto(`${site.origin}/demo/index.html`);
  await expect(page.locator('#own-lead')).toContainText('no simulated provider');
  await expect(page.locator('#readiness')).toHaveAttribute('data-state', 'ready');
  const before = site.requests.length;
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await expect(page.locator('#next-step')).toContainText('give a base URL');
  expect(site.requests.slice(before).filter((request) => request.startsWith('POST'))).toEqual([]);
  await page.close();
});

/** One line for each rule that is broken, with the first element that breaks it. */
async function faults(axe: AxeBuilder): Promise<string[]> {
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
