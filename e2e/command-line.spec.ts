import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { type Ask, ask, installAsking } from './asking.ts';
import { launchOptions } from './browser/find-chromium.mjs';
import { askOf, test as base, expect } from './site.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const cli = join(repository, 'dist/cli.js');

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

const test = base.extend<{ folder: string; refrain: (...args: string[]) => Promise<Ran> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off this pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'refrain-cli-'));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  /** `npx refrain`, as it is built, in the folder. */
  refrain: async ({ folder }, use) => {
    await use(
      (...args) =>
        new Promise((resolve) => {
          execFile(process.execPath, [cli, ...args], { cwd: folder }, (error, out, errors) =>
            resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, errors }),
          );
        }),
    );
  },
});

test('refrain without a command, or with one that there is not, says which there are', async ({ refrain }) => {
  expect((await refrain('--help')).out).toContain('npx refrain init');
  expect(await refrain('inti')).toMatchObject({
    code: 2,
    errors: 'Cannot run "refrain inti": there is no such command, one of init, doctor, cassette is needed\n',
  });
});

test('refrain init copies both scripts, remembers the folder, and copies again without one', async ({
  folder,
  refrain,
}) => {
  const manifest = join(folder, 'package.json');
  await writeFile(manifest, '{\n\t"name": "app"\n}\n');
  await writeFile(join(folder, 'file'), '');
  expect(await refrain('init', 'file')).toMatchObject({ code: 2 });
  expect(await refrain('init')).toMatchObject({ code: 2, errors: expect.stringContaining('npx refrain init public') });
  expect(await refrain('init', '.')).toMatchObject({
    code: 0,
    out: expect.stringContaining('<script src="/refrain.js">'),
  });
  expect(await readFile(manifest, 'utf8')).toBe('{\n\t"name": "app",\n\t"refrain": {\n\t\t"publicDir": "."\n\t}\n}\n');
  const worker = await readFile(join(folder, 'refrain-sw.js'), 'utf8');
  expect(worker).toBe(await readFile(fileURLToPath(new URL('../dist/refrain-sw.js', import.meta.url)), 'utf8'));
  await rm(join(folder, 'refrain-sw.js'));
  expect(await refrain('init')).toMatchObject({ code: 0 });
  expect((await readdir(folder)).toSorted()).toEqual(['file', 'package.json', 'refrain-sw.js', 'refrain.js']);
});

test("refrain init leaves what it does not know as it is: another's file, a package.json it cannot read", async ({
  folder,
  refrain,
}) => {
  await writeFile(join(folder, 'package.json'), '{ "name": ');
  expect(await refrain('init', '.')).toMatchObject({ code: 0, out: expect.stringContaining('cannot be read') });
  expect(await readFile(join(folder, 'package.json'), 'utf8')).toBe('{ "name": ');
  await writeFile(join(folder, 'refrain.js'), 'somebody else');
  expect(await refrain('init', '.')).toMatchObject({ code: 2, errors: expect.stringContaining("is not Refrain's") });
  expect(await readFile(join(folder, 'refrain.js'), 'utf8')).toBe('somebody else');
});

/** Findings by name. */
async function examined(refrain: (...args: string[]) => Promise<Ran>, url: string) {
  const { code, out } = await refrain('doctor', url, '--json');
  const findings = JSON.parse(out) as { what: string; result: string; detail: string }[];
  return {
    code,
    found: Object.fromEntries(findings.map(({ what, result, detail }) => [what, `${result}: ${detail}`])),
  };
}

test('refrain doctor finds that all is well, in a table and as JSON', async ({ site, refrain }) => {
  const { code, found } = await examined(refrain, `${site.origin}/`);
  expect(found).toMatchObject({
    'page script': expect.stringMatching(/^works/),
    worker: expect.stringContaining('/refrain-sw.js'),
    storage: 'works: memory and OPFS',
    'call: miss': 'works: refrain; fwd=miss',
    'call: memory hit': expect.stringMatching(/^works: refrain; hit/),
    'call: OPFS hit': expect.stringMatching(/^works: .*detail=opfs/),
  });
  expect(Object.values(found).every((one) => one.startsWith('works'))).toBe(true);
  expect(code).toBe(0);
  expect(site.requests.some((request) => request.includes('refrain-doctor'))).toBe(false);
  expect(await refrain('doctor', `${site.origin}/`)).toMatchObject({
    code: 0,
    out: expect.stringContaining('All is well.'),
  });
});

test('refrain doctor says what is needed: a tag, a file, a scope, a policy that allows it, a worker that is not foreign', async ({
  site,
  refrain,
}) => {
  // A browser for each.
  test.setTimeout(90_000);
  site.attributes = null;
  const bare = await examined(refrain, `${site.origin}/`);
  expect(bare.found['page script']).toMatch(/^fails: the page has no tag/);
  expect(bare.code).toBe(1);

  site.attributes = {};
  site.headers.set('/guarded/', { 'content-security-policy': "script-src 'none'" });
  expect((await examined(refrain, `${site.origin}/guarded/`)).found['page script']).toContain(
    "script-src 'self' is needed",
  );

  site.attributes = { 'data-worker': '/inner/refrain-sw.js' };
  expect((await examined(refrain, `${site.origin}/`)).found.worker).toMatch(/^fails: .*outside the scope/);

  site.attributes = {};
  site.worker = () => null;
  expect((await examined(refrain, `${site.origin}/`)).found.worker).toMatch(/^fails: Cannot register/);

  site.worker = (built) => built;
  site.headers.set('/refrain-sw.js', { 'cache-control': 'max-age=31536000, immutable' });
  site.body = '<script src="/refrain.js"></script>';
  const slow = await examined(refrain, `${site.origin}/`);
  expect(slow.found['page script']).toMatch(/^note: it is there 2 times/);
  expect(slow.code).toBe(0);

  expect((await examined(refrain, `${site.insecureOrigin.replace('insecure.test', '127.0.0.2')}/`)).code).toBe(1);
  expect(await refrain('doctor', 'localhost')).toMatchObject({ code: 2 });
});

test('refrain cassette lists, shows, compares, merges, prunes and checks what was recorded', async ({
  folder,
  refrain,
  site,
  upstream,
  visitor,
}) => {
  site.attributes = { 'data-mode': 'record' };
  const record = async (...asks: Ask[]) => {
    const page = await visitor.open();
    await page.evaluate(() => window.refrain.purge());
    for (const one of asks) await ask(page, one);
    return page.evaluate(async () => (await window.refrain.exportCassette()).text());
  };
  const [first, second] = [askOf(upstream, { prompt: 'Hello', stream: true, usage: true }), askOf(upstream, 'Goodbye')];
  await writeFile(join(folder, 'a.refrain'), await record(first, second));
  await writeFile(join(folder, 'b.refrain'), await record(first, askOf(upstream, 'Good night')));

  const listed = JSON.parse((await refrain('cassette', 'ls', 'a.refrain', '--json')).out) as { key: string }[];
  expect(listed).toHaveLength(2);
  expect((await refrain('cassette', 'ls', 'a.refrain')).out).toContain('2 questions');
  const shown = (await refrain('cassette', 'show', 'a.refrain', 'Hello')).out;
  expect(shown).toContain('"content": "Hello"');
  expect(shown).not.toContain('data:');
  const compared = await refrain('cassette', 'diff', 'a.refrain', 'b.refrain');
  expect(compared.code).toBe(1);
  expect(compared.out).toContain('/messages/0/content: recorded "Goodbye", asked "Good night"');
  expect((await refrain('cassette', 'diff', 'a.refrain', 'a.refrain')).code).toBe(0);

  expect(await refrain('cassette', 'merge', 'a.refrain', 'b.refrain', '-o', 'c.refrain')).toMatchObject({
    code: 0,
    out: '3 questions in c.refrain\n',
  });
  await writeFile(join(folder, 'used.txt'), `${listed[0]?.key}\n`);
  expect((await refrain('cassette', 'prune', 'c.refrain', '--keys', 'used.txt', '--dry-run')).out).toContain(
    '2 of 3 questions would go',
  );
  await refrain('cassette', 'prune', 'c.refrain', '--keys', 'used.txt');
  expect((await refrain('cassette', 'ls', 'c.refrain')).out).toContain('1 question');

  const text = await readFile(join(folder, 'a.refrain'), 'utf8');
  await writeFile(join(folder, 'cut.refrain'), text.replace('|data: [DONE]', '|'));
  expect(await refrain('cassette', 'check', 'cut.refrain')).toMatchObject({
    code: 1,
    out: expect.stringContaining('the answer is not whole'),
  });
  await writeFile(join(folder, 'bad.refrain'), text.replace(/key: \w+/, 'key: 1'));
  const refused = await refrain('cassette', 'merge', 'bad.refrain', '-o', 'd.refrain');
  expect(refused).toMatchObject({
    code: 2,
    errors: expect.stringContaining('a key of 64 hexadecimal digits is needed'),
  });
  expect(await readdir(folder)).not.toContain('d.refrain');
  expect(await refrain('cassette', 'merge', 'bad.refrain', '-o', 'd.refrain', '--partial')).toMatchObject({ code: 0 });
});

test('refrain cassette import makes of a HAR file, and of what aimock answers its requests, a cassette that the worker serves', async ({
  folder,
  refrain,
  site,
  upstream,
  visitor,
}) => {
  const har = join(folder, 'calls.har');
  const asks = [
    askOf(upstream, { prompt: 'Hello', stream: true, usage: true }),
    askOf(upstream, 'Hello in JSON'),
    askOf(upstream, 'Hello in JSON'),
  ];
  await recordHar(har, site.bareOrigin, asks);
  const imported = await refrain('cassette', 'import', 'calls.har', '-o', 'har.refrain');
  expect(imported.out).toBe('2 questions with 3 answers in har.refrain; 0 calls were left out\n');
  const fixtures = { fixtures: [{ match: { userMessage: 'Hello' }, response: { content: 'Ahoy from a fixture.' } }] };
  await writeFile(join(folder, 'fixtures.json'), JSON.stringify(fixtures));
  expect(await refrain('cassette', 'import', 'fixtures.json', '-o', 'mock.refrain')).toMatchObject({
    code: 2,
    errors: expect.stringContaining('--requests with a HAR file'),
  });
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const mocked = await refrain('cassette', 'import', 'fixtures.json', '--requests', 'calls.har', '-o', 'mock.refrain');
  expect(mocked.errors).toBe('');

  const calls = upstream.calls.length;
  for (const [name, said] of [
    ['har.refrain', 'swer'],
    ['mock.refrain', 'Ahoy'],
  ] as const) {
    site.files.set(`/${name}`, { type: 'text/plain', body: await readFile(join(folder, name)) });
    site.attributes = { 'data-mode': 'replay', 'data-cassette': `/${name}` };
    const page = await visitor.open();
    for (const one of asks) {
      const got = await ask(page, one);
      expect(got.cacheStatus).toBe('refrain; hit; detail=cassette');
      expect(got.bytes).toContain(said);
    }
  }
  expect(upstream.calls).toHaveLength(calls);
});

/** Makes these calls from a page without Refrain, and lets Playwright write down what came of them. */
async function recordHar(path: string, origin: string, asks: readonly Ask[]): Promise<void> {
  const browser = await chromium.launch({
    ...launchOptions(),
    args: [...launchOptions().args, '--host-resolver-rules=MAP *.localhost 127.0.0.1'],
  });
  const context = await browser.newContext({ recordHar: { path, content: 'embed' } });
  await context.addInitScript(installAsking);
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  for (const one of asks) expect((await ask(page, one)).status).toBe(200);
  await context.close();
  await browser.close();
}
