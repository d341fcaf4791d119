import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The two files of an installation. */
export const scriptNames = ['refrain.js', 'refrain-sw.js'] as const;
export type ScriptName = (typeof scriptNames)[number];

/** A script of this package as it was built. Rejects where the package is not whole. */
export function readScript(name: ScriptName): Promise<string> {
  return readFile(fileURLToPath(import.meta.resolve(`refrain/${name}`)), 'utf8');
}

/** Is this text a script of Refrain's, of any version? Its header's name is in all of them, and hardly anywhere else. */
export function isRefrains(text: string): boolean {
  return text.includes('x-refrain');
}
