import type { Fault } from '../cassette/recording.ts';
import type { HitTier, RefrainEvent } from '../report/events.ts';
import type { Stats } from '../report/stats.ts';
import type { PageSettings, WorkerSettings } from '../settings/options.ts';
import type { EntryMeta } from '../store/entry.ts';
import type { VerifyReport } from '../store/opfs/verify.ts';

/** Grows when page script and worker stop understanding each other. */
export const protocolVersion = 1;

/** What a page says of itself: at its start, and whenever a worker that has forgotten it asks. */
export interface Introduction {
  readonly page: PageSettings;
  readonly worker: WorkerSettings;
}

/** What a worker answers to an introduction. */
export interface Welcome {
  readonly version: string;
  readonly protocol: number;
  /** The worker's own Content-Security-Policy may forbid upstream calls: ask `reachable` once for each origin. */
  readonly restricted: boolean;
  /** The worker's file is the app's own, and so is its registration. */
  readonly embedded: boolean;
}

/** Narrows what a purge removes or a listing shows. All given conditions must hold. */
export interface EntryFilter {
  readonly key?: string;
  readonly model?: string;
  readonly provider?: string;
  /** A partition's id, or several. The page API takes `current` too: what this page's calls used. */
  readonly partition?: string | readonly string[];
  readonly tag?: string;
  /** Origin and path, or the start of it. */
  readonly url?: string;
  /** Seconds, or a duration such as `12h`. */
  readonly olderThan?: number | string;
}

/** An entry as the page API shows it. */
export interface EntryInfo extends Omit<EntryMeta, 'headers' | 'statusText' | 'request' | 'arrivals'> {
  /** Tiers that hold it. */
  readonly tiers: readonly ('memory' | 'opfs')[];
}

/** A request as plain data, for `explain`. */
export interface DescribedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: ArrayBuffer | null;
  readonly credentials: RequestCredentials;
  readonly cache: string;
}

/** How a request would be keyed and answered, without sending it. */
export interface Explanation {
  /** Is it a call Refrain takes? */
  readonly matched: boolean;
  /** What would happen: `hit`, `miss`, or `bypass` with its reason. */
  readonly outcome: 'hit' | 'miss' | 'bypass' | 'not-matched';
  readonly reason?: string;
  readonly tier?: HitTier;
  /** Shape the hit would be converted from, where it is stored in another than is asked for. */
  readonly from?: string;
  readonly format?: string;
  readonly model?: string;
  readonly key?: string;
  /** The parts of the key, in order, as they are hashed; the body as its canonical text's digest. No credential. */
  readonly material?: readonly (readonly [name: string, value: string])[];
  /** What was left out of the key, by name. */
  readonly leftOut?: readonly string[];
  /** The body was hashed as it is, because its equal form could merge different requests; why. */
  readonly rawBody?: string;
}

/** What `importCassette` took in. */
export interface ImportResult {
  /** What `data-cassette` and `configure({ cassette })` know it by from now on. */
  readonly name: string;
  /** Questions, and all their answers. */
  readonly recordings: number;
  readonly answers: number;
  /** What was left out, where that was asked for. */
  readonly faults: readonly Fault[];
}

/** Requests of the page API and their answers, each over a `MessageChannel` of its own. */
export interface Calls {
  introduce: { argument: Introduction; answer: Welcome };
  stats: { argument: null; answer: Stats };
  entries: { argument: EntryFilter; answer: EntryInfo[] };
  purge: { argument: EntryFilter; answer: number };
  flush: { argument: null; answer: null };
  /** Checks and mends what is on disk; `null` where nothing is kept there. */
  verify: { argument: null; answer: VerifyReport | null };
  /** Removes every entry, and the scope's folder with settings, counters and secret. */
  erase: { argument: null; answer: null };
  /** What is stored as a cassette's text. */
  exportCassette: { argument: EntryFilter; answer: string };
  importCassette: { argument: { readonly text: string; readonly partial: boolean }; answer: ImportResult };
  explain: { argument: DescribedRequest; answer: Explanation };
  /** May the worker's own policy reach this origin? */
  reachable: { argument: string; answer: boolean };
  /** Take control of all pages of the scope (after a hard reload a page has no controller). `false`: the app does not want it. */
  claim: { argument: null; answer: boolean };
  /** Drops the memory tier: what a stopped worker does to it, for demos and tests. */
  forgetMemory: { argument: null; answer: null };
  /** A newer worker waits: let it take over as soon as no flight is open. */
  retire: { argument: null; answer: null };
}

export type CallName = keyof Calls;

/** Page → worker. */
export type ToWorker =
  | { readonly [K in CallName]: { readonly refrain: K; readonly argument: Calls[K]['argument'] } }[CallName]
  /** The app aborted a call whose response it does not have yet. */
  | { readonly refrain: 'abort'; readonly call: string }
  /** A beat, sent back: it has done its work by arriving. */
  | { readonly refrain: 'beat' }
  /** The page is put aside for the back/forward cache (`kept`), or goes away for good. */
  | { readonly refrain: 'hide'; readonly kept: boolean }
  /** Worker → waiting worker: no flight is open any more, take over. */
  | { readonly refrain: 'take-over' };

/** Worker → page, over the port that came with the call. */
export type FromWorker<K extends CallName> = { readonly answer: Calls[K]['answer'] } | { readonly error: string };

/**
 * Worker → page, unasked. `introduce-yourself` is answered over the port with an `Introduction`; `beat` is sent back as it is:
 * a message that arrives keeps the worker alive while streams pass through it.
 */
export interface Question {
  readonly refrain: 'introduce-yourself' | 'beat';
}

/** Name of the `BroadcastChannel` that carries events to all pages of a scope. */
export function eventChannelName(scope: string): string {
  return `refrain ${scope}`;
}

export interface BroadcastedEvents {
  /** In the order they happened. */
  readonly events: readonly RefrainEvent[];
}
