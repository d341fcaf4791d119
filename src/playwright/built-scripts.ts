import { readFileSync } from 'node:fs';

const read = new Map<string, string>();

/** A script of this package as it was built. Read once. @throws Error where the package is not whole */
export function builtScript(name: 'refrain.js' | 'refrain-sw.js'): string {
  const known = read.get(name);
  if (known !== undefined) return known;
  // Beside this file, once it is built.
  const text = readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
  read.set(name, text);
  return text;
}
