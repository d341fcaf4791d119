// Scripts for pages and workers, with what they import, minified, each as one classic script.

import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const bundles = new Map();

/** The script made of a file in the folder `in-browser`; made once. */
export function bundle(name) {
  if (!bundles.has(name)) bundles.set(name, make(name));
  return bundles.get(name);
}

async function make(name) {
  const entry = fileURLToPath(new URL(`in-browser/${name}.mjs`, import.meta.url));
  const [{ output }] = await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    build: { write: false, target: 'es2022', lib: { entry, name: 'bench', formats: ['iife'] } },
  });
  return output[0].code;
}
