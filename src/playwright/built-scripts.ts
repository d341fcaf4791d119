import { existsSync, readFileSync } from 'node:fs';

const read = new Map<string, string>();

/** A script of this package as it was built. Read once. @throws Error where the package is not whole */
export function builtScript(name: 'refrain.js' | 'refrain-sw.js'): string {
  const known = read.get(name);
  if (known !== undefined) return known;
  // Beside this code once it is built, or above, where several entries share it.
  const places = ['./', '../'].map((folder) => new URL(folder + name, import.meta.url));
  const text = readFileSync(places.find((place) => existsSync(place)) ?? (places[0] as URL), 'utf8');
  read.set(name, text);
  return text;
}
