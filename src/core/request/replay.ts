import { ageOf, type Entry } from '../store/entry.ts';
import type { Found } from '../store/store.ts';
import { hitStatus } from './cache-status.ts';

/** Makes of a stored body what the browser takes to the page fastest. */
export type HandOver = (body: Entry['body']) => BodyInit;

/** The stored answer as a response: byte for byte, its own content type, `Age` and `Cache-Status` (RFC 9111 §5.1). */
export function replay({ entry, tier, left }: Found, now: number, handOver: HandOver): Response {
  const headers = new Headers(entry.meta.headers as [string, string][]);
  headers.set('age', String(ageOf(entry.meta, now)));
  headers.set('cache-status', hitStatus(tier, left));
  return new Response(handOver(entry.body), { status: 200, statusText: entry.meta.statusText, headers });
}

/**
 * The answer to a question that may not go upstream and is not stored. An error object is what every provider's SDK
 * looks for; `x-should-retry` keeps those of OpenAI's and Anthropic's family from asking twice more.
 */
export function notStored(why: string): Response {
  const message = `Cannot answer from the cache: no answer is stored for this request (${why})`;
  const body = { type: 'error', error: { type: 'not_stored', code: 504, status: 'NOT_STORED', message }, message };
  return new Response(JSON.stringify(body), {
    status: 504,
    statusText: 'Gateway Timeout',
    headers: {
      'content-type': 'application/json',
      'x-should-retry': 'false',
      'cache-status': 'refrain; fwd=miss; detail=not-stored',
    },
  });
}
