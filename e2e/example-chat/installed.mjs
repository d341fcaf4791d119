// Plain JavaScript because the benchmark runs it, too. Its documentation is in installed.d.mts.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { findChromium } from '../browser/find-chromium.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const example = join(repository, 'examples/chat');
const command = join(repository, 'node_modules/@playwright/test/cli.js');
/** Left behind: what names places in this repository, and what runs leave. */
const leftBehind = ['tsconfig.json', 'dist', 'node_modules', 'test-results'].map((name) => join(example, name));

export async function installChat({ withRefrain = true } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'refrain-example-chat-'));
  await cp(example, folder, { recursive: true, filter: (path) => !leftBehind.includes(path) });
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    const place = join(folder, 'node_modules', name);
    await mkdir(dirname(place), { recursive: true });
    if (name !== 'refrain') await symlink(join(repository, 'node_modules', name), place);
    else if (withRefrain) await symlink(repository, place);
    else await writePlainTest(place);
  }
  return {
    folder,
    cassette: join(folder, 'tests/chat.refrain'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Playwright's own `test` in the place of Refrain's. */
async function writePlainTest(place) {
  await mkdir(place);
  await writeFile(join(place, 'package.json'), '{ "type": "module", "exports": { "./playwright": "./test.js" } }');
  await writeFile(join(place, 'test.js'), "export { expect, test } from '@playwright/test';\n");
}

export async function serveChat({ folder }, upstream, port, onAnswer = () => {}) {
  const app = { root: folder, configFile: join(folder, 'vite.config.ts'), logLevel: 'error' };
  await build({ ...app, build: { reportCompressedSize: false, chunkSizeWarningLimit: 5000 } });
  const proxy = { '/v1': { target: upstream, configure: (server) => server.on('proxyRes', onAnswer) } };
  const server = await preview({ ...app, preview: { port, strictPort: true, proxy } });
  return { port, close: () => server.close() };
}

export async function runSuite({ folder }, { port }, mode, args = []) {
  const { CI: _ci, FORCE_COLOR: _color, TEST_WORKER_INDEX: _worker, ...inherited } = process.env;
  const env = {
    ...inherited,
    REFRAIN_MODE: mode,
    UPSTREAM: 'shown by the server',
    PORT: String(port),
    CHROMIUM_PATH: findChromium()?.executablePath,
  };
  const began = performance.now();
  const child = spawn(process.execPath, [command, 'test', '--reporter=json', ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [report, told, [code]] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')]);
  const elapsed = performance.now() - began;
  const { suites = [], errors = [] } = JSON.parse(report || '{}');
  const tests = suites.flatMap(testsOf);
  const faults = [...errors, ...tests.flatMap((test) => test.errors)].map(({ message }) => message);
  return {
    code,
    elapsed,
    told,
    faults,
    tests: tests.map(({ title, status, duration }) => ({ title, status, duration })),
  };
}

async function textOf(stream) {
  let text = '';
  for await (const piece of stream.setEncoding('utf8')) text += piece;
  return text;
}

function testsOf({ specs, suites = [] }) {
  const own = specs.map(({ title, tests: [test] }) => {
    const { status, duration, errors } = test.results.at(-1);
    return { title, status, duration, errors };
  });
  return [...own, ...suites.flatMap(testsOf)];
}
