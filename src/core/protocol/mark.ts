/**
 * What the page script tells the worker about one call, inside the `accept` header: a safelisted header, so that a mark
 * which slips through to the network costs no preflight and breaks none. The whole value may have 128 bytes and none of
 * the bytes that are unsafe for CORS (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
 */
export interface Mark {
  /** Id of the call, for aborts: unique within the browser. */
  readonly call: string;
  /** The app's own fetch `cache` mode. */
  readonly cache: string;
  /** The body is a stream: reading it before sending would change the upload. */
  readonly streamBody: boolean;
  /** The worker's policy forbids this origin: the worker must not take the call at all. */
  readonly stepAside: boolean;
}

const longestAccept = 128;
const pattern = /(?:, )?refrain\/([a-z0-9]+)\.([a-z-]+)\.([sa]*)/;

/** `accept` with the mark appended, or `undefined` when there is no room for it (then the call goes unmarked). */
export function addMark(accept: string | null, { call, cache, streamBody, stepAside }: Mark): string | undefined {
  const marked = `${accept ?? '*/*'}, refrain/${call}.${cache}.${streamBody ? 's' : ''}${stepAside ? 'a' : ''}`;
  return marked.length <= longestAccept ? marked : undefined;
}

/** The mark in an `accept` value, and the value without it. */
export function takeMark(accept: string | null): { mark?: Mark; accept: string | null } {
  const found = accept === null ? null : pattern.exec(accept);
  if (!accept || !found) return { accept };
  const [text, call = '', cache = '', flags = ''] = found;
  return {
    mark: { call, cache, streamBody: flags.includes('s'), stepAside: flags.includes('a') },
    accept: accept.replace(text, '') || '*/*',
  };
}
