import type { Match } from '../formats/endpoints.ts';
import type { Mark } from '../protocol/mark.ts';
import type { PageSettings } from '../settings/options.ts';

/** One intercepted request with all that is known beside it. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly match: Match;
  /** The page's settings; `undefined` when the client could not say and defaults would not be safe. */
  readonly page: PageSettings | undefined;
  readonly mark: Mark | undefined;
  /** The request's headers without the mark and without `x-refrain`: what upstream is to see, and what counts. */
  readonly headers: Headers;
  /** Id of the client that asks; empty where there is none. */
  readonly client: string;
  /** Value of `x-refrain`. */
  readonly wishes: string | null;
  /** The request goes to the worker's own origin. */
  readonly sameOrigin: boolean;
  /** The asking client is gone (closed or navigated away). */
  readonly isGone: () => Promise<boolean>;
  /** Keeps the worker alive until the promise settles, or for as long as the platform allows. */
  readonly extend: (work: Promise<unknown>) => void;
}
