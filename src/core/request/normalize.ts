import type { Call } from '../network/call.ts';

/** A request as an app's own function sees it. */
export interface PlainRequest {
  url: string;
  readonly method: string;
  headers: Record<string, string>;
  /** Parsed where it is JSON, else its text; `null` for a form. */
  body: unknown;
}

/**
 * Takes out of a request what must not count, such as dates and random ids, before its key is made. What is sent stays as
 * it is. Changes what it is given, or returns another.
 */
export type Normalize = (request: PlainRequest) => PlainRequest | undefined | Promise<PlainRequest | undefined>;

/** What counts of a request: what its key is made of, and what a recording keeps. */
export interface Counted {
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** @throws what the app's function throws, or a TypeError for what it returns */
export async function counted(
  normalize: Normalize | undefined,
  { url, headers, request }: Call,
  body: Uint8Array<ArrayBuffer>,
): Promise<Counted> {
  if (!normalize) return { url, headers, body };
  const isForm = /^multipart\//i.test(headers.get('content-type') ?? '');
  const text = new TextDecoder().decode(body);
  const plain: PlainRequest = {
    url: url.href,
    method: request.method,
    headers: Object.fromEntries(headers),
    body: isForm ? null : parsed(text),
  };
  const changed = (await normalize(plain)) ?? plain;
  const written = typeof changed.body === 'string' ? changed.body : JSON.stringify(changed.body);
  return {
    url: new URL(changed.url),
    headers: new Headers(changed.headers),
    body: isForm ? body : new TextEncoder().encode(written),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
