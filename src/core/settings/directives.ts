import { parseTtl } from './units.ts';

/** What one request asks of the cache: the `x-refrain` header, the app's fetch `cache` mode, `cache-control`. */
export interface Directives {
  /** Neither read nor write. */
  readonly noStore: boolean;
  /** Ask upstream, and store. */
  readonly reload: boolean;
  /** Never ask upstream: a miss is a 504. */
  readonly onlyIfCached: boolean;
  /** Accept stale. */
  readonly forceCache: boolean;
  /** Seconds; `null` never expires; absent: the page's. */
  readonly ttl?: number | null;
  /** Part of the key. */
  readonly variant?: string;
  readonly tag?: string;
  /** Directives not understood, as written. */
  readonly unknown: readonly string[];
}

/**
 * Reads the request's wishes from three places; the strictest wins. Never throws.
 * @param header value of `x-refrain`: comma-separated `no-store`, `reload`, `only-if-cached`, `ttl=60s`, `variant=3`, `tag=greeting`
 * @param cacheMode the app's own fetch `cache` mode, seen by the page script (a worker cannot trust the one it sees)
 * @param cacheControl value of a `cache-control` (or `pragma`) request header the app set itself
 */
export function readDirectives(
  header: string | null,
  cacheMode: string | undefined,
  cacheControl: string | null,
): Directives {
  const asked = new Map<string, string>();
  for (const part of (header ?? '').split(',')) {
    const [name = '', ...value] = part.trim().split('=');
    if (name) asked.set(name.toLowerCase(), value.join('='));
  }
  const control = (cacheControl ?? '').toLowerCase();
  const says = (name: string) => asked.get(name) === '';
  const ttlText = asked.get('ttl');
  const ttl = ttlText === undefined ? undefined : parseTtl(ttlText);
  const variant = asked.get('variant');
  const tag = asked.get('tag');
  const unknown = [...asked]
    .filter(([name, value]) => !isKnown(name, value))
    .map(([name, value]) => (value ? `${name}=${value}` : name));
  return {
    noStore: says('no-store') || cacheMode === 'no-store' || /\bno-store\b/.test(control),
    reload: says('reload') || cacheMode === 'reload' || cacheMode === 'no-cache' || /\bno-cache\b/.test(control),
    onlyIfCached: says('only-if-cached') || cacheMode === 'only-if-cached',
    forceCache: cacheMode === 'force-cache',
    ...(ttl === undefined ? {} : { ttl }),
    ...(variant ? { variant } : {}),
    ...(tag ? { tag } : {}),
    unknown,
  };
}

function isKnown(name: string, value: string): boolean {
  if (name === 'ttl') return parseTtl(value) !== undefined;
  if (name === 'variant' || name === 'tag') return value !== '';
  return (name === 'no-store' || name === 'reload' || name === 'only-if-cached') && value === '';
}
