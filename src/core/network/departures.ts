import type { Call } from './call.ts';

/** Milliseconds between two looks at whether the asking page is still there. */
const interval = 500;
/** Aborts remembered for calls that nobody watches yet. Most are of calls that are over, and are never asked for. */
const mostEarly = 1000;

/**
 * Tells of askers that leave. Before a response has headers no engine tells the worker (docs/discoveries/aborts.md): an abort
 * comes as the page script's message, a navigation or a closed tab is seen by asking for the client. Of a native body none
 * ever tells (docs/decisions/0014-native-bodies-in-firefox.md).
 */
export class Departures {
  readonly #leaving = new Map<string, () => void>();
  /** Ids whose abort came before anyone watched: the call is still being read or keyed. */
  readonly #early = new Set<string>();

  readonly #after: (milliseconds: number) => Promise<void>;

  /** @param after resolves after so many milliseconds */
  constructor(after: (milliseconds: number) => Promise<void>) {
    this.#after = after;
  }

  /** The page's app aborted a call. */
  aborted(call: string): void {
    const leave = this.#leaving.get(call);
    if (leave) leave();
    else {
      if (this.#early.size === mostEarly) this.#early.delete(this.#early.values().next().value as string);
      this.#early.add(call);
    }
  }

  /**
   * Calls `leave` at most once, when the asker goes away. Never rejects.
   * @param seen until this settles the client is looked for: then the body's `cancel` tells, where it does
   * @param end until this settles the page's message counts: the headers may be on their way to it when it aborts
   */
  watch(call: Call, seen: Promise<unknown>, leave: () => void, end = seen): void {
    let [looks, listens] = [true, true];
    const id = call.mark?.call;
    const stopLooking = () => {
      looks = false;
    };
    const stop = () => {
      looks = listens = false;
      // The same call may be watched anew meanwhile.
      if (id !== undefined && this.#leaving.get(id) === left) this.#leaving.delete(id);
    };
    const left = () => {
      if (!listens) return;
      stop();
      leave();
    };
    if (id !== undefined) this.#leaving.set(id, left);
    if (id !== undefined && this.#early.delete(id)) left();
    seen.then(stopLooking, stopLooking);
    end.then(stop, stop);
    void this.#poll(call, () => looks, left);
  }

  async #poll(call: Call, watching: () => boolean, left: () => void): Promise<void> {
    for (;;) {
      await this.#after(interval);
      if (!watching()) return;
      if (await call.isGone().catch(() => false)) left();
    }
  }
}
