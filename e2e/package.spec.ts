import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { build, type Plugin, type Rolldown } from 'vite';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('..', import.meta.url));

/** What an app's bundle holds that says this and nothing else. */
async function bundled(code: string): Promise<string> {
  const app: Plugin = {
    name: 'app',
    enforce: 'pre',
    resolveId: (id) =>
      id.endsWith('/app') ? '\0app' : id === 'refrain' ? join(repository, 'dist/index.js') : undefined,
    load: (id) => (id === '\0app' ? code : undefined),
  };
  const [output] = (await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [app],
    build: { write: false, lib: { entry: 'app', formats: ['es'], fileName: 'app' } },
  })) as Rolldown.RolldownOutput[];
  return output?.output[0].code ?? '';
}

test('a bundle holds what an app uses of the package, and no more', async () => {
  expect(await bundled("import { register, refrain } from 'refrain';")).toBe('');
  expect(await bundled("import 'refrain';")).toBe('');
  const error = await bundled("import { RefrainError } from 'refrain'; console.log(RefrainError);");
  expect(error).toContain('RefrainError');
  expect(error.length).toBeLessThan(250);
  const all = await bundled("import { register } from 'refrain'; register();");
  expect(all).toContain('/refrain-sw.js');
  expect(all).toContain('serviceWorker');
});

test('the package loads where there is no browser, as when a server renders', async () => {
  const code = "const { refrain, register } = await import('refrain'); console.log(String(refrain), typeof register)";
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: repository });
  expect(stdout.trim()).toBe('undefined function');
});

const consumer = `
import { refrain as present, register, RefrainError, type Refrain, type RefrainErrorCode, type Stats } from 'refrain';
import plugin, { refrain, type RefrainPluginOptions } from 'refrain/vite';
import { defineConfig } from 'vite';

const options: RefrainPluginOptions = { ttl: '7d', endpoints: ['/api/ask'], inject: false };
export default defineConfig({ plugins: [refrain(options), plugin()] });
export const stats: Promise<Stats> = register({ onAbort: 'finish' }).stats();
export const own: Refrain = window.refrain;
export const code = (error: unknown): RefrainErrorCode | undefined => error instanceof RefrainError ? error.code : undefined;
present?.addEventListener('entry-hit', ({ detail }) => detail.type satisfies 'entry-hit');
// @ts-expect-error there is no such mode
register({ mode: 'sometimes' });
// @ts-expect-error there is no such option
refrain({ endpoint: '/api/ask' });
`;

/** Packs the package as a registry would get it, and gives it to an app in `folder`. */
async function installPacked(folder: string): Promise<void> {
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: repository });
  await run('tar', ['-xzf', packed.stdout.trim()], { cwd: folder });
  const modules = join(folder, 'node_modules');
  await mkdir(modules);
  await symlink(join(folder, 'package'), join(modules, 'refrain'));
  for (const name of ['vite', '@types']) await symlink(join(repository, 'node_modules', name), join(modules, name));
}

/** What the compiler says of the app in `folder`. */
async function compile(folder: string, module: string, moduleResolution: string): Promise<string> {
  const compilerOptions = {
    module,
    moduleResolution,
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: ['node'],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
  const compiler = join(repository, 'node_modules/typescript/bin/tsc');
  return (await run(process.execPath, [compiler, '-p', folder]).catch((error) => error)).stdout;
}

test('the packed package has what its exports name, and types for each way of resolving them', async () => {
  // A compiler reads Vite's types twice.
  test.slow();
  const folder = await mkdtemp(join(tmpdir(), 'refrain-consumer-'));
  await installPacked(folder);
  const { exports } = JSON.parse(await readFile(join(folder, 'package/package.json'), 'utf8'));
  const targets = Object.values<string | object>(exports).flatMap((target) =>
    typeof target === 'string' ? target : Object.values(target),
  );
  for (const path of targets) await access(join(folder, 'package', path));

  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'app.ts'), consumer);
  expect(await compile(folder, 'esnext', 'bundler')).toBe('');
  expect(await compile(folder, 'nodenext', 'nodenext')).toBe('');
  await rm(folder, { recursive: true });
});
