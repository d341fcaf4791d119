import { keptRequest } from '../cassette/kept-request.ts';
import type { Shape } from '../formats/conversions/conversion.ts';
import { follow } from '../formats/follow.ts';
import { formats } from '../formats/index.ts';
import type { FormatName } from '../formats/paths.ts';
import { storableHeaders } from '../key/headers.ts';
import { recordedKey } from '../key/key.ts';
import { Flight, HeldBytes, type Landing } from '../network/flight.ts';
import { type Network, namedBy, passThrough, upstreamRequest } from '../network/upstream.ts';
import type { MissReason, SkipReason } from '../report/events.ts';
import { keepsRequests } from '../settings/options.ts';
import { type Entry, type EntryMeta, noTokens } from '../store/entry.ts';
import type { Store } from '../store/store.ts';
import { Arrivals, keepsArrivals } from './arrivals.ts';
import { addStatus, forwardStatus } from './cache-status.ts';
import { converted, storedShapes } from './find.ts';
import type { Question } from './question.ts';

/** Bytes of an answer that are recorded at most. */
const mostBytes = 32_000_000;
/** Bytes that all flights may hold together and still record: hundreds of long streams must not fill the worker's memory. */
const mostHeld = 128_000_000;

/** What flights need beside the network. */
export interface FlightsPlatform extends Network {
  readonly store: Store;
  readonly now: () => number;
  readonly after: (milliseconds: number) => Promise<void>;
  /** Resolves once the bytes that came have reached the page: what is done for later must not hold them up. */
  readonly pause: () => Promise<void>;
  /** Flights give clones of upstream's own body: this engine ends a stream made of JavaScript cleanly when it kills the worker. */
  readonly native: boolean;
  /** Told when the first of several flights opens. */
  readonly busy: () => void;
  /** Told of every entry once it is stored. */
  readonly stored: (meta: EntryMeta) => void;
}

/** What there was when a flight began. */
interface Begun {
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  /** How many purges had come before it. */
  readonly purges: number;
  /** Where the answer that is asked anew is stored in other shapes. */
  stored: [shape: Shape | undefined, key: string][];
  /** What a recording says of the question beside its answer. */
  recorded: Pick<EntryMeta, 'question' | 'turn' | 'request'>;
  /** When the bytes came, where that is kept. */
  readonly arrivals: Arrivals | undefined;
}

/** All that is being asked of upstream at this moment, one flight a key. */
export class Flights {
  readonly #open = new Map<string, Flight>();
  /** Purges that came while flights were open: what was purged must not come back with the end of its flight. */
  #purges: ((meta: EntryMeta) => boolean)[] = [];
  #count = 0;
  #idle: (() => void)[] = [];
  /** Formats whose failure was told. */
  readonly #failed = new Set<string>();
  readonly #held = new HeldBytes(mostHeld);

  readonly #platform: FlightsPlatform;

  constructor(platform: FlightsPlatform) {
    this.#platform = platform;
  }

  get isIdle(): boolean {
    return this.#count === 0;
  }

  /** Resolves when no flight is open: at once, or when the last one has ended. */
  whenIdle(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Stores what has arrived whole and was not looked at yet, so that whoever asks next finds it. */
  catchUp(): void {
    for (const flight of this.#open.values()) flight.catchUp();
  }

  /** No flight that is open now stores an answer that the test accepts. */
  purge(accepts: (meta: EntryMeta) => boolean): void {
    if (this.#count > 0) this.#purges.push(accepts);
  }

  /**
   * Upstream's answer to a question: by joining the flight that asks it already, else by a flight of its own. A request
   * that wants a new answer (`request`) never joins.
   * Rejects as the network does.
   */
  async answer(question: Question, reason: MissReason): Promise<Response> {
    const { report, native } = this.#platform;
    const open = this.#open.get(question.key);
    // What has ended must not land after the answer that replaces it.
    if (reason === 'request') open?.catchUp();
    const running = reason === 'request' ? undefined : open;
    const joined = running?.joinable ?? false;
    report(
      joined ? { type: 'flight-join', ...keyedBy(question) } : { type: 'entry-miss', reason, ...keyedBy(question) },
    );
    const flight = joined ? (running as Flight) : this.#start(question);

    const { call } = question;
    const asker = flight.board(question.page.onAbort === 'finish');
    const { pause, store } = this.#platform;
    call.extend(flight.ended.then(pause).then(() => store.flush()));
    this.#platform.departures.watch(call, native ? flight.ended : flight.response, () => asker.leave(), flight.ended);
    const response = await flight.response;
    const body = flight.follow(asker);
    if (body) return shared(response, body, forwardStatus(reason, joined));
    // An answer that is not kept is the first asker's own, as the network gave it; the others ask for themselves.
    if (!joined) return response;
    return passThrough(this.#platform, call, 'not-shared', question.body);
  }

  #start(question: Question): Flight {
    const platform = this.#platform;
    const begun: Begun = {
      at: platform.now(),
      purges: this.#purges.length,
      stored: [],
      recorded: {},
      arrivals: keepsArrivals(question.page) ? new Arrivals(platform.now) : undefined,
    };
    const flight = new Flight({
      send: async (signal) => {
        // Some milliseconds, for a call that is rare: an upstream that is faster would leave the others as they are.
        if (question.directives.reload) begun.stored = await storedShapes(platform.store, question).catch(() => []);
        const response = platform.fetch(upstreamRequest(question.call, question.body, signal));
        // While upstream works: nothing waits for it.
        begun.recorded = (await Promise.all([recordedOf(question).catch(() => ({})), response]))[0];
        return response;
      },
      judge: (response) => judge(question, response),
      land: (landing, response) => this.#land(question, landing, response, begun),
      arrived: begun.arrivals && ((bytes) => begun.arrivals?.add(bytes)),
      after: platform.after,
      pause: platform.pause,
      mostBytes,
      held: this.#held,
      native: platform.native,
    });
    this.#open.set(question.key, flight);
    if (++this.#count === 1) platform.busy();
    void flight.ended.then(() => {
      if (this.#open.get(question.key) === flight) this.#open.delete(question.key);
      if (--this.#count > 0) return;
      this.#purges = [];
      for (const resolve of this.#idle.splice(0)) resolve();
    });
    return flight;
  }

  #land(question: Question, landing: Landing, response: Response | undefined, begun: Begun): void {
    const { report, store, now } = this.#platform;
    if (!landing.kept || !response) {
      // A failure to reach upstream is no answer that could have been kept.
      if (!landing.kept && landing.reason === 'failed') this.#tellFailed(question, landing.detail);
      if (!landing.kept && (response || landing.reason === 'aborted'))
        report({
          type: 'entry-skip',
          reason: landing.reason,
          ...(landing.detail ? { detail: landing.detail } : {}),
          ...keyedBy(question),
        });
      return;
    }
    const elapsed = now() - begun.at;
    const entry: Entry = { meta: metaOf(question, landing, response, now(), begun), body: landing.body };
    if (this.#purges.slice(begun.purges).some((accepts) => accepts(entry.meta))) {
      report({ type: 'entry-skip', reason: 'purged', ...keyedBy(question) });
      return;
    }
    void store.put(entry);
    // What is stored in other shapes would go on giving the answer the app wants no more.
    for (const [shape, key] of begun.stored) {
      // What a purge meant must not come back.
      const made =
        shape && !this.#purges[begun.purges]
          ? converted(entry.meta, new TextDecoder().decode(landing.body), shape, key)
          : undefined;
      void (made ? store.put(made) : store.remove((meta) => meta.key === key, 'replaced', [key]).catch(() => []));
    }
    this.#platform.stored(entry.meta);
    const tokens = landing.evidence.tokens ?? noTokens;
    report({ type: 'entry-store', bytes: landing.body.byteLength, elapsed, ...tokens, ...keyedBy(question) });
  }

  /** A mistake of ours: the answer has reached the page, and the app's developer hears of it once. */
  #tellFailed({ call, format }: Question, detail: string | undefined): void {
    if (this.#failed.has(format)) return;
    this.#failed.add(format);
    this.#platform.report({
      type: 'problem',
      code: `format ${format}`,
      message: `Cannot read answers of ${namedBy(call).url} as ${format}: ${detail}; they reach the page, and those that fail so are not stored`,
    });
  }
}

/** How a response is proven complete, or why it is never kept. */
function judge({ call, format }: Question, response: Response) {
  const refused = refuse(call.match.named, response);
  if (refused) return refused;
  const { headers } = response;
  const contentType = headers.get('content-type') ?? '';
  try {
    return (
      follow(formats[spoken(format, contentType)], call.url, contentType, headers.get('content-length')) ?? 'unproven'
    );
  } catch {
    return 'failed';
  }
}

/** Ollama never sends events: at a path like its own, an app's route answers in another language. */
function spoken(format: FormatName, contentType: string): FormatName {
  return format === 'ollama' && contentType.startsWith('text/event-stream') ? 'generic' : format;
}

function refuse(named: boolean, response: Response): SkipReason | undefined {
  if (response.status !== 200) return 'status';
  if (!response.body) return 'no-body';
  if (response.redirected) return 'redirected';
  // The providers' own cache-control is for shared HTTP caches and always says no; an app's own endpoint means it.
  if (named && /\bno-store\b/i.test(response.headers.get('cache-control') ?? '')) return 'no-store';
  return undefined;
}

function shared(response: Response, body: ReadableStream<Uint8Array<ArrayBuffer>>, status: string): Response {
  return new Response(body, {
    status: response.status,
    statusText: response.statusText,
    headers: addStatus(response.headers, status),
  });
}

function metaOf(
  question: Question,
  landing: Landing & { kept: true },
  response: Response,
  storedAt: number,
  { at, recorded, arrivals }: Begun,
): EntryMeta {
  const { call, key, format, model, modelVersion, partition, directives, ttl } = question;
  const { model: servedBy, tokens } = landing.evidence;
  return {
    key,
    format,
    provider: formats[format].provider,
    url: call.url.origin + call.url.pathname,
    partition,
    statusText: response.statusText,
    headers: storableHeaders(response.headers),
    storedAt,
    ttl,
    elapsed: storedAt - at,
    bytes: landing.body.byteLength,
    ...recorded,
    ...(arrivals ? { arrivals: arrivals.list } : {}),
    ...(model === undefined ? {} : { model }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(directives.tag === undefined ? {} : { tag: directives.tag }),
    ...(servedBy ? { servedBy } : {}),
    ...(tokens ? { tokens } : {}),
  };
}

/** What a cassette needs of a question: its key without a partition, and in modes that record the request itself. */
async function recordedOf(question: Question): Promise<Begun['recorded']> {
  const { page, material, read, turn, recorded } = question;
  return {
    question: recorded ?? (await recordedKey(material, read.shape)),
    ...(turn > 0 ? { turn } : {}),
    ...(keepsRequests(page) ? { request: await keptRequest(question) } : {}),
  };
}

/** What events say of a question. */
export function keyedBy(question: Question) {
  const { call, key, format, model, partition } = question;
  return {
    ...namedBy(call),
    key,
    format,
    partition,
    ...(model === undefined ? {} : { model }),
    ...(question.recorded === undefined ? {} : { question: question.recorded }),
  };
}
