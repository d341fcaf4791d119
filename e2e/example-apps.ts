import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { SiteFile, StaticOrigin } from './static-origin.ts';

/** Apps in `examples`. */
export type ExampleName = 'pwa' | 'push' | 'serwist' | 'web-llm';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

function folderOf(name: string): string {
  return fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
}

/**
 * Builds an example as its author would, with the built package, and puts its files on the site.
 * @param worker in the place of its `sw.js`
 */
export async function buildExample(
  name: Exclude<ExampleName, 'push'>,
  site: StaticOrigin,
  worker?: string,
): Promise<void> {
  const outDir = await mkdtemp(join(tmpdir(), `refrain-example-${name}-`));
  const root = folderOf(name);
  await build({
    root,
    configFile: join(root, 'vite.config.js'),
    logLevel: 'error',
    plugins: [
      { name: 'another-worker', load: (id) => (worker !== undefined && id === join(root, 'sw.js') ? worker : null) },
    ],
    build: { outDir, emptyOutDir: true, reportCompressedSize: false, chunkSizeWarningLimit: 10_000 },
  });
  putFolder(outDir, site);
  await rm(outDir, { recursive: true });
}

/** An example without a build, and the chat that all examples share. */
export function copyExample(name: 'push', site: StaticOrigin): void {
  putFolder(folderOf(name), site);
  site.files.set('/chat.js', fileAt(join(folderOf('.'), 'chat.js')));
}

/** The built module that `import 'refrain/sw'` gives, at `/package/sw.js`. */
export function putPackage(site: StaticOrigin): void {
  const dist = fileURLToPath(new URL('../dist', import.meta.url));
  for (const path of ['sw.js', ...readdirSync(join(dist, 'browser')).map((name) => `browser/${name}`)])
    site.files.set(`/package/${path}`, fileAt(join(dist, path)));
}

function putFolder(folder: string, site: StaticOrigin): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const url = `/${relative(folder, path).split(sep).join('/')}`;
    site.files.set(url, fileAt(path));
    if (url === '/index.html') site.files.set('/', fileAt(path));
  }
}

function fileAt(path: string): SiteFile {
  return { type: types[extname(path)] ?? 'application/octet-stream', body: readFileSync(path) };
}
