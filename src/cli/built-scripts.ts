import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The two files of an installation. */
export const scriptNames = ['refrain.js', 'refrain-sw.js'] as const;
export type ScriptName = (typeof scriptNames)[number];

/** A script of this package as it was built. Rejects where the package is not whole. */
export function readScript(name: ScriptName): Promise<string> {
  return readFile(fileURLToPath(import.meta.resolve(`refrain/${name}`)), 'utf8');
}

/** The version a script of Refrain's begins with (`build/name-script.ts`); `undefined` where it is somebody else's. */
export function versionOf(script: string): string | undefined {
  return /^\/\*! Refrain (\S+) \*\//.exec(script)?.[1];
}
