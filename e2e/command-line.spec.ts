import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base, expect } from './site.ts';

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

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
