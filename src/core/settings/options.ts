/** `auto` answers from the cache, else from upstream; the others as the README's table of modes says. */
type Mode = 'auto' | 'record' | 'replay' | 'refresh' | 'off';

/** What a page says about its own calls. Kept by the worker per client. */
export interface PageSettings {
  readonly mode: Mode;
  /** Lifetime of an answer in seconds; `null` never expires. */
  readonly ttl: number | null;
  /** The app's model catalog: model → version. A changed version is a changed key. */
  readonly models: Readonly<Record<string, string>>;
  /** An id of the app's own user, `shared`, or `null`: the credential of each request. */
  readonly partition: string | null;
  /** JSON Pointers (`*` for any member or element) left out of the key for `data-endpoints`. */
  readonly ignore: readonly string[];
  readonly onAbort: 'cancel' | 'finish';
  /** How fast an answer is replayed: at once, as it came, or in tokens a second. */
  readonly pace: 'instant' | 'recorded' | number;
  /** Answers collected for each request before they repeat, at least 1. */
  readonly variants: number;
  /** Cassettes under the other tiers: absolute URLs, or names `importCassette` gave. */
  readonly cassette: readonly string[];
  /** Pages of one session count their identical calls together; empty: each page for itself. */
  readonly session: string;
}

/** Are requests kept beside their answers, so that they can be exported and compared? */
export function keepsRequests({ mode, cassette }: PageSettings): boolean {
  return mode === 'record' || mode === 'replay' || cassette.length > 0;
}

/** What all pages of a scope say about the one worker they share. Stored by the worker. */
export interface WorkerSettings {
  /** Bytes of the memory tier, where the page names them. */
  readonly memory?: number;
  /** Bytes of the OPFS tier, where the page names them. */
  readonly disk?: number;
  /** URLPattern strings beside the known LLM APIs. */
  readonly endpoints: readonly Endpoint[];
  /** URLPattern strings never to touch. */
  readonly exclude: readonly Endpoint[];
}

/** A URLPattern string with the URL it is relative to. */
export interface Endpoint {
  readonly pattern: string;
  readonly base: string;
}

export const defaultPageSettings: PageSettings = {
  mode: 'auto',
  ttl: 30 * 24 * 60 * 60,
  models: {},
  partition: null,
  ignore: [],
  onAbort: 'cancel',
  pace: 'instant',
  variants: 1,
  cassette: [],
  session: '',
};

/** Bytes of the tiers where no page of the scope names any. */
export const defaultBudgets = { memory: 64_000_000, disk: 1_000_000_000 };
