import type { Matcher } from '../formats/endpoints.ts';
import { BodyReader } from '../key/body.ts';
import { storableHeaders } from '../key/headers.ts';
import { recordedKey } from '../key/key.ts';
import { Partitioner } from '../key/partition.ts';
import { ask, type Question } from '../request/question.ts';
import { defaultPageSettings } from '../settings/options.ts';
import { keptRequest } from './kept-request.ts';
import type { RecordedAnswer, Recording } from './recording.ts';
import { secretInText } from './secrets.ts';
import { evidenceOf } from './whole.ts';

/** One call and what it was answered, as another tool has recorded it. */
export interface Exchange {
  readonly url: URL;
  /** What the page set, and what its browser added. */
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly answer: Pick<RecordedAnswer, 'storedAt' | 'elapsed' | 'statusText' | 'body'> & { readonly headers: Headers };
}

/** A call as a cassette has it: a recording of one answer. */
export type Recorded = Recording & { readonly answers: readonly [RecordedAnswer] };

/**
 * Headers a browser adds on its way out: no worker sees them, so they are in no key.
 * https://fetch.spec.whatwg.org/#forbidden-request-header
 */
const browsersOwn =
  /^(:.*|accept-(charset|encoding|language)|access-control-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|priority|purpose|referer|save-data|te|trailer|transfer-encoding|upgrade(-insecure-requests)?|via|x-client-data|cache-control|pragma|(proxy|sec)-.*)$/;

/**
 * Gives calls that were not made through Refrain the keys they would have had in a page's worker, by the same code.
 * @param ignore the app's `data-ignore` pointers, for endpoints it named
 */
export class ExchangeRecorder {
  readonly #bodies = new BodyReader();
  readonly #partitions = new Partitioner(() => Promise.reject(new Error('no partition is made here')));

  readonly #match: Matcher;
  readonly #ignore: readonly string[];

  constructor(match: Matcher, ignore: readonly string[]) {
    this.#match = match;
    this.#ignore = ignore;
  }

  /** Is this a call Refrain would take? Whether it would keep the answer is another question. */
  takes(method: string, url: URL): boolean {
    return method === 'POST' && this.#match(url) !== undefined;
  }

  /** The recording, or in words why there is none. Never throws. */
  async record(exchange: Exchange): Promise<Recorded | string> {
    const question = await this.#questionOf(exchange);
    if (typeof question === 'string') return question;
    const { format, model, directives, material, read, counted } = question;
    const request = await keptRequest(question);
    const { body, headers, ...answer } = exchange.answer;
    const recorded: RecordedAnswer = { ...answer, headers: storableHeaders(headers), body };
    const evidence = evidenceOf({ format, url: counted.url.href }, recorded);
    if (typeof evidence === 'string') return evidence;
    const secret = secretInText(new TextDecoder().decode(body));
    if (secret) return `its answer has a member "${secret}", which may hold a credential`;
    return {
      key: await recordedKey(material, read.shape),
      format,
      method: 'POST',
      url: request.url,
      ...(model === undefined ? {} : { model }),
      ...(directives.tag === undefined ? {} : { tag: directives.tag }),
      request,
      answers: [{ ...recorded, ...evidence }],
    };
  }

  async #questionOf({ url, headers, body }: Exchange): Promise<Question | string> {
    const match = this.#match(url);
    if (!match) return 'it goes to no LLM API that is known, or named';
    const seen = new Headers([...headers].filter(([name]) => !browsersOwn.test(name)));
    const wishes = seen.get('x-refrain');
    seen.delete('x-refrain');
    // A user or password in a URL is refused there.
    const request = new Request(url.origin + url.pathname + url.search, { method: 'POST', body, headers: seen });
    const readers = { bodies: this.#bodies, partitions: this.#partitions, report: () => {} };
    const question = await ask(readers, {
      ...{ request, url, match, headers: seen, wishes, client: '', sameOrigin: false, mark: undefined },
      page: { ...defaultPageSettings, partition: 'shared', ignore: this.#ignore },
      isGone: async () => false,
      extend: () => {},
    });
    return 'bypass' in question
      ? (notAsked[question.bypass] ?? `Refrain does not keep it (${question.bypass})`)
      : question;
  }
}

const notAsked: Readonly<Record<string, string>> = {
  'not-understood': 'its body is not what this API takes',
  'no-store': 'it asked not to be stored',
  stateful: 'its answer depends on state at the provider',
  live: 'its answer depends on the world outside',
};

/**
 * Calls in the order they were made as recordings: the n-th identical call gives the n-th answer. What repeats the answer
 * before it at the end is left out, and so is a call that another tool saw twice, in the page and in the worker.
 */
export function sequences(calls: readonly Recorded[]): Recording[] {
  const byKey = new Map<string, Recorded[]>();
  for (const call of [...calls].sort((a, b) => begunAt(a) - begunAt(b))) {
    const before = byKey.get(call.key) ?? [];
    const last = before.at(-1);
    if (last && isSame(last, call) && begunAt(call) < last.answers[0].storedAt) continue;
    byKey.set(call.key, [...before, call]);
  }
  return [...byKey.values()].map((all) => {
    const until = all.findLastIndex((call, at) => at === 0 || !isSame(call, all[at - 1] as Recorded));
    return { ...(all[0] as Recorded), answers: all.slice(0, until + 1).flatMap(({ answers }) => answers) };
  });
}

function begunAt({ answers: [{ storedAt, elapsed }] }: Recorded): number {
  return storedAt - elapsed;
}

function isSame({ answers: [a] }: Recorded, { answers: [b] }: Recorded): boolean {
  return a.body.byteLength === b.body.byteLength && a.body.every((byte, at) => byte === b.body[at]);
}
