import { keptRequest } from '../../core/cassette/kept-request.ts';
import type { RecordedAnswer, Recording } from '../../core/cassette/recording.ts';
import { notWhole } from '../../core/cassette/whole.ts';
import type { Match } from '../../core/formats/endpoints.ts';
import { follow } from '../../core/formats/follow.ts';
import { formats } from '../../core/formats/index.ts';
import { knownFormat, namedFormat } from '../../core/formats/paths.ts';
import { BodyReader } from '../../core/key/body.ts';
import { storableHeaders } from '../../core/key/headers.ts';
import { Partitioner } from '../../core/key/partition.ts';
import { ask, type Question } from '../../core/request/question.ts';
import { defaultPageSettings } from '../../core/settings/options.ts';
import type { Exchange } from './har.ts';

/** No partition counts in a recording's key. */
const readers = {
  bodies: new BodyReader(),
  partitions: new Partitioner(() => Promise.reject(new Error('no partition is made here'))),
  report: () => {},
};

/** A `POST` to an LLM API, or to a URL that begins with one of these. */
export function matchOf({ method, url }: Exchange, endpoints: readonly string[]): Match | undefined {
  if (method !== 'POST' || !URL.canParse(url)) return undefined;
  const at = new URL(url);
  if (endpoints.some((start) => url.startsWith(start))) return { format: namedFormat(at), named: true };
  const format = knownFormat(at);
  return format && { format, named: false };
}

/** The recording of one exchange, under the key that the worker makes of it; or why there is none. */
export async function recordingOf(exchange: Exchange, match: Match): Promise<Recording | string> {
  if (exchange.requestBody === undefined) return 'the file has no body of the request';
  if (exchange.status !== 200) return `its status is ${exchange.status}, 200 is needed`;
  if (!exchange.body) return 'the file has no body of the answer';
  const question = await questionOf(exchange, match);
  if (typeof question === 'string') return `it cannot be cached (${question})`;
  const { recorded = '', format, model } = question;
  const request = await keptRequest(question);
  const head = { key: recorded, format, method: exchange.method, url: request.url, request };
  const answer = answerOf(exchange, exchange.body, question);
  return notWhole(head, answer) ?? { ...head, ...(model === undefined ? {} : { model }), answers: [answer] };
}

async function questionOf(exchange: Exchange, match: Match): Promise<Question | string> {
  const headers = new Headers(exchange.requestHeaders as [string, string][]);
  const { method, url, requestBody: body = '' } = exchange;
  const question = await ask(readers, {
    request: new Request(url, { method, headers, body, credentials: 'omit' }),
    url: new URL(url),
    match,
    page: { ...defaultPageSettings, mode: 'record', partition: 'shared' },
    mark: undefined,
    headers,
    client: '',
    wishes: headers.get('x-refrain'),
    sameOrigin: false,
    isGone: async () => false,
    extend: () => {},
  });
  return 'bypass' in question ? question.bypass : question;
}

function answerOf(
  { responseHeaders, statusText, storedAt, elapsed }: Exchange,
  body: Uint8Array<ArrayBuffer>,
  { format, call }: Question,
): RecordedAnswer {
  const headers = storableHeaders(new Headers(responseHeaders as [string, string][]));
  const type = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const follower = follow(formats[format], call.url, type, String(body.byteLength));
  follower?.push(body);
  follower?.end(() => body);
  const { model, tokens } = follower?.evidence ?? {};
  return {
    ...{ storedAt, elapsed, statusText, headers },
    ...(model ? { servedBy: model } : {}),
    ...(tokens ? { tokens } : {}),
    body,
  };
}
