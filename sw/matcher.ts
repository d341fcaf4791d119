import { createMatcher as createUrlMatcher } from '../src/core/formats/endpoints.ts';
import type { MatcherOptions } from './host-options.ts';
import { readHost } from './read-host.ts';

/**
 * A test of which requests are calls to LLM APIs, by method and URL: a match callback for `registerRoute`, or a guard in a
 * `fetch` listener that takes everything else. A few regular expressions.
 * @throws RangeError for a pattern that is not understood
 */
export function createMatcher(options: MatcherOptions = {}): (asked: { readonly request: Request }) => boolean {
  const { endpoints, exclude } = readHost(options).worker;
  const matches = createUrlMatcher(endpoints, exclude);
  return ({ request }) => request.method === 'POST' && matches(new URL(request.url)) !== undefined;
}
