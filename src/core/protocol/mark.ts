/**
 * What the page script tells the worker about one call, inside the `accept` header: a safelisted header, so that a mark
 * which slips through to the network costs no preflight and breaks none. The whole value may have 128 bytes and none of
 * the bytes that are unsafe for CORS (https://fetch.spec.whatwg.org/#cors-safelisted-request-header). Where the app's own
 * value leaves no room, the mark goes into `x-refrain`.
 */
export interface Mark {
  /** Id of the call, for aborts: unique within the browser. */
  readonly call: string;
  /** The app's own fetch `cache` mode. */
  readonly cache: string;
  /** The body is a stream: reading it before sending would change the upload. */
  readonly streamBody: boolean;
}

/** Name of the header with the app's wishes. No upstream may see it: an unknown header fails the preflight. */
export const wishesHeader = 'x-refrain';

/**
 * A URL with this fragment is not taken by the worker: the call goes the browser's own way. Fragments reach a worker and no
 * upstream (https://fetch.spec.whatwg.org/#concept-request-url).
 */
export const directFragment = '#refrain-direct';

const longestAccept = 128;
const pattern = /(?:, )?refrain\/([a-z0-9]+)\.([a-z-]+)\.(s?)/;

/** The mark as text, and which header it fits into beside the app's own `accept`. */
export function writeMark(accept: string | null, { call, cache, streamBody }: Mark): { name: string; text: string } {
  const text = `refrain/${call}.${cache}.${streamBody ? 's' : ''}`;
  return { name: (accept ?? '*/*').length + 2 + text.length <= longestAccept ? 'accept' : wishesHeader, text };
}

/** Takes the mark out of a request's headers, which are changed in place; `undefined` where there is none. */
export function takeMark(headers: Headers): Mark | undefined {
  for (const name of ['accept', wishesHeader]) {
    const value = headers.get(name);
    const found = value === null ? null : pattern.exec(value);
    if (value === null || !found) continue;
    const [text, call = '', cache = '', stream = ''] = found;
    headers.set(name, value.replace(text, ''));
    return { call, cache, streamBody: stream !== '' };
  }
  return undefined;
}
