import type { RefrainOptions } from '../core/settings/refrain-options.ts';
import { tellOnce } from './console.ts';
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
 * Calls made before it are not intercepted. A second call, or one on a page with the script tag, returns what is there: its
 * options change nothing, which the console says.
 */
export function register(options: RefrainOptions = {}): Refrain {
  const present = window.refrain as Refrain | undefined;
  // A test tool's came first: what the page says of itself counts all the same.
  if (present && window.refrainOverrides) void present.configure(options).catch(() => {});
  else if (present && Object.keys(options).length > 0)
    tellOnce(
      'twice',
      'Cannot start with other options: Refrain runs on this page already, refrain.configure() is needed',
    );
  refrain = present ?? new Refrain(options, new URL('/refrain-sw.js', location.href).href);
  window.refrain = refrain;
  return refrain;
}
