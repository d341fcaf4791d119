import type { Normalize } from '../src/core/request/normalize.ts';

/** Which calls are taken. */
export interface MatcherOptions {
  /** URLPattern strings of endpoints beside the known LLM APIs; relative ones to the worker's URL. */
  readonly endpoints?: string | readonly string[];
  /** URLPattern strings never to touch. */
  readonly exclude?: string | readonly string[];
}

/**
 * Settings of calls whose page does not say its own: it has no script tag, or is a web worker. Without them the defaults of
 * the tag count. A page that has the tag says all of these itself.
 */
export interface CallOptions {
  readonly mode?: 'auto' | 'record' | 'replay' | 'refresh' | 'off';
  /** `30d`, `12h`, `90s`, `none`, `0`. */
  readonly ttl?: string;
  /** Model → version. */
  readonly models?: string | Readonly<Record<string, string>>;
  /** An id of the app's own user, or `shared`: one for all. Default: the credential of each request. */
  readonly partition?: string;
  /** JSON Pointers left out of the key, for endpoints the app named. */
  readonly ignore?: string | readonly string[];
  readonly onAbort?: 'cancel' | 'finish';
  /** How fast stored answers come: at once, as they came, or tokens a second. */
  readonly pace?: 'instant' | 'recorded' | number;
  /** Answers collected for each request before they repeat. */
  readonly variants?: number;
  /** URLs of cassettes, read-only under the other tiers. */
  readonly cassette?: string | readonly string[];
}

/** Budgets of the tiers: bytes, or text such as `64MB`. */
export interface BudgetOptions {
  readonly memory?: string | number;
  readonly disk?: string | number;
}

/** What a worker of one's own may say. All of it is optional. */
export interface InstallOptions extends MatcherOptions, CallOptions, BudgetOptions {
  /**
   * Pages with the script tag may have this worker take control of them (`clients.claim()`): at their first visit and after
   * a hard reload. Default: `false`, they wait for the next load, or until the worker claims them itself.
   */
  readonly claim?: boolean;
  /** Takes out of requests what must not count, such as dates, before their keys are made. What is sent stays as it is. */
  readonly normalize?: Normalize;
}
