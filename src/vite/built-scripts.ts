import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Connect } from 'vite';

/** The two files of an installation, both at the site's base. */
export type ScriptName = 'refrain.js' | 'refrain-sw.js';

const scriptNames: readonly ScriptName[] = ['refrain.js', 'refrain-sw.js'];

/** Where this package says they are, whichever file of it this code is built into. */
const pathOf = (name: ScriptName) => fileURLToPath(import.meta.resolve(`refrain/${name}`));

export function readScript(name: ScriptName): Promise<Buffer> {
  return readFile(pathOf(name));
}

/** @throws Error where Refrain itself was not built whole */
export function checkScripts(): void {
  for (const name of scriptNames) {
    if (!existsSync(pathOf(name)))
      throw new Error(
        `Cannot serve ${name}: ${pathOf(name)} is not there, npm run build in Refrain's folder is needed`,
      );
  }
}

/** A short digest of a script: the same as long as its bytes are. */
export async function digestOf(name: ScriptName): Promise<string> {
  return createHash('sha256')
    .update(await readScript(name))
    .digest('hex')
    .slice(0, 8);
}

/** Answers requests for both files under `base` as they are, past Vite's transformations; others are the next handler's. */
export function serveScripts(base: string): Connect.NextHandleFunction {
  return (request, response, next) => {
    const path = request.url?.split('?')[0];
    const name = scriptNames.find((each) => path === base + each);
    if (!name || (request.method !== 'GET' && request.method !== 'HEAD')) return next();
    readScript(name).then((script) => {
      response.setHeader('content-type', 'text/javascript; charset=utf-8');
      response.setHeader('cache-control', 'no-cache');
      response.setHeader('content-length', script.length);
      response.end(request.method === 'HEAD' ? undefined : script);
    }, next);
  };
}
