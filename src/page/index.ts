import { Refrain, type RefrainOptions } from './refrain.ts';

export { RefrainError, type RefrainErrorCode } from '../core/error.ts';
export type { EntryFilter, EntryInfo, Explanation, ImportResult } from '../core/protocol/messages.ts';
export type { RefrainEvent, RefrainEventType } from '../core/report/events.ts';
export type { Counters, Stats } from '../core/report/stats.ts';
export type { VerifyProgress, VerifyReport } from '../core/store/opfs/verify.ts';
export type { Refrain, RefrainOptions } from './refrain.ts';

/** This page's Refrain, once `register` was called or the script tag has run; `undefined` before. */
export let refrain: Refrain | undefined = globalThis.window?.refrain;

/**
 * What the script tag does, from a module: registers the worker and intercepts this page's LLM calls from now on.
 * Calls made before it are not intercepted. A second call returns the first one's.
 */
export function register(options: RefrainOptions = {}): Refrain {
  const present = window.refrain as Refrain | undefined;
  // A test tool's came first: what the page says of itself counts all the same.
  if (present && window.refrainOverrides) void present.configure(options).catch(() => {});
  refrain = present ?? new Refrain(options, new URL('/refrain-sw.js', location.href).href);
  window.refrain = refrain;
  return refrain;
}
