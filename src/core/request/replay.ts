import { type Closest, differenceText } from '../cassette/closest.ts';
import type { Recording } from '../cassette/recording.ts';
import { ageOf, type Entry } from '../store/entry.ts';
import type { Found } from '../store/store.ts';
import { hitStatus } from './cache-status.ts';

/** Makes of a stored body what the browser takes to the page fastest. */
export type HandOver = (body: Entry['body']) => BodyInit;

/** The stored answer as a response: byte for byte, its own content type, `Age` and `Cache-Status` (RFC 9111 §5.1). */
export function replay({ entry, tier, left }: Found, now: number, body: BodyInit): Response {
  const headers = new Headers(entry.meta.headers as [string, string][]);
  headers.set('age', String(ageOf(entry.meta, now)));
  headers.set('cache-status', hitStatus(tier, left));
  return new Response(body, { status: 200, statusText: entry.meta.statusText, headers });
}

/** What a call that may not go upstream is told. */
export interface NotStored {
  readonly why: string;
  readonly format: string | undefined;
  /** The recorded request that is most like it. */
  readonly closest?: Pick<Closest<Recording>, 'differences'> | undefined;
}

/** Differences named in the error's sentence. */
const namedDifferences = 3;

/**
 * The answer to a question that may not go upstream and is not stored: an error as the provider's SDK reads it.
 * `x-should-retry` keeps those of OpenAI's and Anthropic's family from asking twice more.
 */
export function notStored({ why, format, closest }: NotStored): Response {
  const message = `Cannot answer from the cache: no answer is stored for this request (${why})${told(closest)}`;
  const body = {
    ...errorOf(format, message),
    ...(closest ? { closest: { differences: closest.differences } } : {}),
  };
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

/** Ollama's error is a text; with others it is an object, in whose midst each SDK looks for its own members. */
function errorOf(format: string | undefined, message: string): object {
  if (format === 'ollama') return { error: message };
  return { type: 'error', error: { type: 'not_stored', code: 504, status: 'NOT_STORED', message }, message };
}

function told(closest: NotStored['closest']): string {
  if (!closest) return '';
  const { differences } = closest;
  const named = differences.slice(0, namedDifferences).map(differenceText).join('; ');
  const more = differences.length > namedDifferences ? `; and ${differences.length - namedDifferences} more` : '';
  return differences.length === 0
    ? '; one that is the same in all that is kept of it is recorded'
    : `; the closest recorded request differs: ${named}${more}`;
}
