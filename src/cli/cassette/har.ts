import { CommandError } from '../command.ts';

/** One request and what it was answered, as a HAR 1.2 file has it (http://www.softwareishard.com/blog/har-12-spec/). */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: readonly (readonly [string, string])[];
  /** `undefined` where the file has none, as for forms. */
  readonly requestBody: string | undefined;
  readonly status: number;
  readonly statusText: string;
  readonly responseHeaders: readonly (readonly [string, string])[];
  /** `undefined` where the file has none: browsers leave out what is long, or was streamed. */
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  /** When the answer was complete, in milliseconds since the epoch, and how long it took. */
  readonly storedAt: number;
  readonly elapsed: number;
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

interface Entry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: readonly Pair[];
    readonly postData?: { readonly text?: string };
  };
  readonly response: {
    readonly status: number;
    readonly statusText: string;
    readonly headers: readonly Pair[];
    readonly content?: { readonly text?: string; readonly encoding?: string };
  };
}

/** Is this a HAR file, by its members? */
export function isHar(json: unknown): boolean {
  return Array.isArray((json as { log?: { entries?: unknown } } | null)?.log?.entries);
}

/** In the order they were made. @throws CommandError where an entry lacks what every HAR file has */
export function exchangesIn(json: unknown, path: string): Exchange[] {
  const { entries } = (json as { log: { entries: readonly Entry[] } }).log;
  const exchanges = entries.map((entry, index) => {
    try {
      return exchangeOf(entry);
    } catch (error) {
      throw new CommandError(
        `Cannot read ${path}: entry ${index} is not as HAR 1.2 has it (${(error as Error).message}), a HAR file is needed`,
      );
    }
  });
  return exchanges.sort((a, b) => a.storedAt - a.elapsed - (b.storedAt - b.elapsed));
}

function exchangeOf({ startedDateTime, time, request, response }: Entry): Exchange {
  const elapsed = Math.max(0, Math.round(time));
  return {
    method: request.method,
    url: request.url,
    requestHeaders: request.headers.filter(isOfTheApp).map(pairOf),
    requestBody: request.postData?.text,
    status: response.status,
    statusText: response.statusText,
    responseHeaders: response.headers.filter(({ name }) => !name.startsWith(':')).map(pairOf),
    body: bodyOf(response.content),
    storedAt: Date.parse(startedDateTime) + elapsed,
    elapsed,
  };
}

function pairOf({ name, value }: Pair): readonly [string, string] {
  return [name.toLowerCase(), value];
}

/** What a browser's network adds, no service worker ever sees. */
const ofTheNetwork =
  /^(:.*|host|connection|keep-alive|accept-encoding|content-length|transfer-encoding|te|dnt|priority|cookie|upgrade-insecure-requests)$/i;

function isOfTheApp({ name }: Pair): boolean {
  return !ofTheNetwork.test(name);
}

function bodyOf(content: Entry['response']['content']): Uint8Array<ArrayBuffer> | undefined {
  if (content?.text === undefined) return undefined;
  return new Uint8Array(Buffer.from(content.text, content.encoding === 'base64' ? 'base64' : 'utf8'));
}
