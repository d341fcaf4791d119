import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import type { ResolvedConfig } from 'vite';

/** What vite-plugin-pwa says of the worker it registers. */
interface Registered {
  /** URL of the worker, from Vite's `base` on. */
  readonly inlinePath: string;
  readonly scope: string;
  readonly type: 'classic' | 'module';
}

/** The `api` of vite-plugin-pwa, as far as it is used. */
interface PwaApi {
  readonly disabled?: boolean;
  /** `undefined`: it registers none. */
  registerSWData(): Registered | undefined;
}

/** The worker that vite-plugin-pwa builds and registers. */
export interface PwaWorker {
  /** Path under the site's base. */
  readonly file: string;
  readonly scope: string;
  readonly type: 'classic' | 'module';
}

/** The worker of a PWA; `none` without vite-plugin-pwa, and in a dev server where it has none. */
export function findPwaWorker({ plugins, base, command }: ResolvedConfig): PwaWorker | 'none' | 'not registered' {
  const api = plugins.find(({ name }) => name === 'vite-plugin-pwa')?.api as PwaApi | undefined;
  if (!api || api.disabled) return 'none';
  const registered = api.registerSWData();
  if (!registered) return command === 'serve' ? 'none' : 'not registered';
  const { inlinePath, scope, type } = registered;
  const file = inlinePath.startsWith(base) ? inlinePath.slice(base.length) : inlinePath;
  return { file: file.replace(/^\.?\//, ''), scope, type };
}

/** What a worker has that has Refrain: the file in `importScripts`, and not in a list; or a message's name, bundled. */
const signs = [/importScripts\([^)]*refrain-sw\.js/, /introduce-yourself/];

/**
 * A worker's code with Refrain's file imported first, on the same line: a source map stays right but for that line. Code
 * that has Refrain already comes back as it is.
 * @param query changes when the file does: browsers may take imported files from their HTTP cache otherwise
 */
export function withRefrain(code: string, { file }: PwaWorker, query: string): string {
  if (signs.some((sign) => sign.test(code))) return code;
  const url = posix.relative(posix.dirname(file), 'refrain-sw.js');
  return `importScripts(${JSON.stringify(`${url}?${query}`)});${code}`;
}

/** @throws Error where vite-plugin-pwa has not written its worker yet, as where a framework has it do so later */
export async function addToBuiltWorker(outDir: string, worker: PwaWorker, query: string): Promise<void> {
  const path = resolve(outDir, worker.file);
  if (!existsSync(path))
    throw new Error(
      `Cannot add Refrain to ${path}: it is not there when the build ends, workbox: { importScripts: ["refrain-sw.js"] } for vite-plugin-pwa and worker: "/${worker.file}" for refrain() are needed`,
    );
  await writeFile(path, withRefrain(await readFile(path, 'utf8'), worker, query));
}
