import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { engines } from './engines/engines.ts';

/** The built scripts as they were when the tests began, and the SDKs bundled as an app bundles them. */
export type Script = 'refrain.js' | 'refrain-sw.js' | 'sdks.js';

export function pathOf(script: Script): string {
  return join(process.env.REFRAIN_E2E_SCRIPTS ?? '', script);
}

/** Runs once before all tests. */
export default async function prepare(): Promise<() => Promise<void>> {
  for (const { name, missing } of Object.values(engines)) {
    const remedy = missing();
    if (remedy) console.log(`Not tested in ${name}, which is not installed: ${remedy}`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'refrain-e2e-scripts-'));
  for (const name of ['refrain.js', 'refrain-sw.js']) {
    const path = fileURLToPath(new URL(`../dist/${name}`, import.meta.url));
    if (!existsSync(path)) throw new Error(`Cannot test dist/${name}: it is not there, run npm run build`);
    await copyFile(path, join(folder, name));
  }
  await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: folder,
      emptyOutDir: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 5000,
      lib: {
        entry: fileURLToPath(new URL('sdk-page/main.ts', import.meta.url)),
        formats: ['iife'],
        name: 'sdks',
        fileName: () => 'sdks.js',
      },
    },
  });
  process.env.REFRAIN_E2E_SCRIPTS = folder;
  return () => rm(folder, { recursive: true, force: true });
}
