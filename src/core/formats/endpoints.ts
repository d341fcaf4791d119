import type { Endpoint } from '../settings/options.ts';
import { type FormatName, isKnown, knownFormat, namedFormat } from './paths.ts';

/** A URL Refrain takes: which format it speaks, and whether the app named it (then other rules hold for its headers). */
export interface Match {
  readonly format: FormatName;
  /** Named in `data-endpoints`. */
  readonly named: boolean;
}

/** Decides by URL alone, synchronously, which calls are taken. */
export type Matcher = (url: URL) => Match | undefined;

/** Whether the app named the URL of a call that is taken; `undefined` where it is not taken. */
export type Taker = (url: URL) => boolean | undefined;

/**
 * The known APIs, the app's own endpoints and exclusions as one test. A pattern this engine cannot read is left out; the
 * page script has reported it already.
 */
export function createTaker(endpoints: readonly Endpoint[], exclude: readonly Endpoint[]): Taker {
  const included = compile(endpoints);
  const excluded = compile(exclude);
  return (url) => {
    if (!/^https?:/.test(url.protocol) || excluded.some((pattern) => pattern.test(url.href))) return undefined;
    if (included.some((pattern) => pattern.test(url.href))) return true;
    return isKnown(url) ? false : undefined;
  };
}

/** The same, with the format. */
export function createMatcher(endpoints: readonly Endpoint[], exclude: readonly Endpoint[]): Matcher {
  const takes = createTaker(endpoints, exclude);
  return (url) => {
    const named = takes(url);
    const format = named ? namedFormat(url) : knownFormat(url);
    return named === undefined || !format ? undefined : { format, named };
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
