import type { Endpoint } from '../settings/options.ts';
import { type FormatName, knownFormat, namedFormat } from './paths.ts';

/** A URL Refrain takes: which format it speaks, and whether the app named it (then other rules hold for its headers). */
export interface Match {
  readonly format: FormatName;
  /** Named in `data-endpoints`. */
  readonly named: boolean;
}

/** Decides by URL alone, synchronously, which calls are taken. */
export type Matcher = (url: URL) => Match | undefined;

/**
 * The built-in table, the app's own endpoints and exclusions as one matcher. A pattern this engine cannot read is left
 * out; the page script has reported it already.
 */
export function createMatcher(endpoints: readonly Endpoint[], exclude: readonly Endpoint[]): Matcher {
  const included = compile(endpoints);
  const excluded = compile(exclude);
  return (url) => {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
    if (excluded.some((pattern) => pattern.test(url.href))) return undefined;
    if (included.some((pattern) => pattern.test(url.href))) return { format: namedFormat(url), named: true };
    const format = knownFormat(url);
    return format && { format, named: false };
  };
}

function compile(endpoints: readonly Endpoint[]): URLPattern[] {
  return endpoints.flatMap(({ pattern, base }) => {
    try {
      return [new URLPattern(pattern, base)];
    } catch {
      return [];
    }
  });
}
