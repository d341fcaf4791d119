import type { RefrainOptions } from '../core/settings/refrain-options.ts';
import { Refrain } from './refrain.ts';

export { RefrainError, type RefrainErrorCode } from '../core/error.ts';
export type { EntryFilter, EntryInfo, Explanation, ImportResult } from '../core/protocol/messages.ts';
export type { RefrainEvent, RefrainEventType } from '../core/report/events.ts';
export type { Counters, Stats } from '../core/report/stats.ts';
export type { RefrainOptions } from '../core/settings/refrain-options.ts';
export type { VerifyProgress, VerifyReport } from '../core/store/opfs/verify.ts';
export type { Refrain } from './refrain.ts';

/** This page's Refrain, once `register` was called or the script tag has run; `undefined` before. */
export let refrain: Refrain | undefined = /* @__PURE__ */ presentRefrain();

/** There is no window where a server renders. */
function presentRefrain(): Refrain | undefined {
  return globalThis.window?.refrain;
}

/**
 * What the script tag does, from a module: registers the worker and intercepts this page's LLM calls from now on.
 * Calls made before it are not intercepted. A second call returns the first one's.
 */
export function register(options: RefrainOptions = {}): Refrain {
  refrain =
    (window.refrain as Refrain | undefined) ?? new Refrain(options, new URL('/refrain-sw.js', location.href).href);
  window.refrain = refrain;
  return refrain;
}
