import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from '@playwright/test';
import { providers } from './answers.ts';
import { type Ask, ask, type Got, installAsking } from './asking.ts';
import { launchOptions } from './browser/find-chromium.mjs';
import { askOf, test as base, expect, withHeaders } from './site.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** Runs the built command line: what it prints, and with which exit code it ends. */
async function refrain(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, [cli, ...args])) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off this pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'refrain-command-line-'));
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

/** What a browser without Refrain gets, and writes into a HAR file. */
async function browsed(path: string, origin: string, asks: readonly Ask[]): Promise<Got[]> {
  const browser = await chromium.launch(launchOptions());
  const context = await browser.newContext({ recordHar: { path } });
  await context.addInitScript(installAsking);
  const page = await context.newPage();
  await page.goto(origin);
  const got: Got[] = [];
  for (const one of asks) got.push(await ask(page, one));
  await context.close();
  await browser.close();
  return got;
}

test('Calls in the HAR file of a browser without Refrain become a cassette that answers a page with it, byte for byte', async ({
  site,
  upstream,
  visitor,
  folder,
}) => {
  const [har, cassette] = [join(folder, 'calls.har'), join(folder, 'calls.refrain')];
  const asks = providers.flatMap((provider) =>
    [false, true].map((stream) => askOf(upstream, { prompt: `Grüße, ${stream} 😀`, stream }, provider)),
  );
  const before = await browsed(har, site.bareOrigin, asks);
  const named = `${upstream.origin}${providers.find(({ endpoints }) => endpoints)?.endpoints}`;
  const imported = await refrain('cassette', 'import', har, '-o', cassette, '--endpoints', named);
  expect(imported).toMatchObject({ code: 0, stderr: '' });
  const text = await readFile(cassette, 'utf8');
  expect(text).not.toMatch(/sk-|authorization/i);

  const asked = upstream.calls.length;
  site.files.set('/calls.refrain', { type: 'text/plain; charset=utf-8', body: text });
  site.attributes = {
    'data-mode': 'replay',
    'data-cassette': '/calls.refrain',
    'data-endpoints': named,
    'data-partition': 'shared',
  };
  const page = await visitor.open();
  for (const [index, one] of asks.entries()) {
    const got = await ask(page, withHeaders(one, { authorization: 'Bearer sk-somebody-else' }));
    expect(got.cacheStatus, one.url).toBe('refrain; hit; detail=cassette');
    expect(got.bytes).toBe(before[index]?.bytes);
  }
  expect(upstream.calls).toHaveLength(asked);

  const listed = await refrain('cassette', 'ls', cassette);
  expect(listed.stdout).toContain(`${asks.length} questions, ${asks.length} answers`);
  expect(await refrain('cassette', 'check', cassette)).toMatchObject({ code: 0 });
});

test('What was typed wrong, or is damaged, is one sentence and exit code 2', async ({ folder }) => {
  expect(await refrain('cassette', 'ls', join(folder, 'none'))).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `Cannot read ${join(folder, 'none')}: there is no such file, a file is needed\n`,
  });
  expect(await refrain('cassette', 'ls', cli)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('line 1, in the file'),
  });
  expect(await refrain('cassette', 'merge', '--outt')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--outt'),
  });
  expect(await refrain('cassette')).toMatchObject({ code: 0, stdout: expect.stringContaining('cassette import') });
});
