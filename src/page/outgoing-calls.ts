import { createTaker, type Taker } from '../core/formats/endpoints.ts';
import { writeMark } from '../core/protocol/mark.ts';
import type { WorkerSettings } from '../core/settings/options.ts';
import type { Control } from './control.ts';
import { askWorker } from './worker-channel.ts';

/** Decides about calls before they are sent, for `fetch` and `XMLHttpRequest` alike. */
export class OutgoingCalls {
  #takes: Taker;
  /** Origins that the worker's own policy was found to allow. */
  readonly #allowed = new Set<string>();
  #count = 0;
  /** Unique to this page load: the worker hears from many pages. */
  readonly #page = [...crypto.getRandomValues(new Uint32Array(2))].map((n) => n.toString(36)).join('');

  readonly #control: Control;
  readonly #replays: () => boolean;

  /** @param replays the page's mode is `replay`: no call may go past the worker */
  constructor(control: Control, settings: WorkerSettings, replays: () => boolean) {
    this.#control = control;
    this.#replays = replays;
    this.#takes = createTaker(settings.endpoints, settings.exclude);
  }

  setEndpoints({ endpoints, exclude }: WorkerSettings): void {
    this.#takes = createTaker(endpoints, exclude);
  }

  /** The URL of a call the worker would take, else `undefined`. Never throws: the platform reports its own errors. */
  targetOf(method: unknown, url: unknown): URL | undefined {
    try {
      if (`${method}`.toUpperCase() !== 'POST') return undefined;
      const absolute = new URL(`${url}`, document.baseURI);
      return this.#takes(absolute) === undefined ? undefined : absolute;
    } catch {
      return undefined;
    }
  }

  /**
   * May a call go past the worker, for what no engine does once a worker takes it: outlive its page, tell how its upload
   * goes (docs/discoveries/worker-lifetime.md)?
   */
  get mayGoDirect(): boolean {
    return !this.#replays();
  }

  /** Was this call, by its id, one of this page's? */
  isOwn(call: string | undefined): boolean {
    return call?.startsWith(this.#page) ?? false;
  }

  /**
   * Does the worker take a call to this URL? A promise while the page is not yet under control, and where the worker's own
   * policy may forbid the origin: a worker that was just asked knows it, and lets the call pass.
   */
  isTaken(target: URL): boolean | Promise<boolean> {
    const waiting = this.#control.waiting();
    if (waiting) return waiting.then(() => this.isTaken(target));
    const { worker, welcome } = this.#control;
    if (!worker || !welcome) return false;
    if (!welcome.restricted || this.#allowed.has(target.origin)) return true;
    return askWorker(worker, 'reachable', target.origin, 3000).then(
      (allowed) => {
        if (allowed) this.#allowed.add(target.origin);
        return allowed;
      },
      () => true,
    );
  }

  /** An id for one call, and what tells it to the worker: a text for a header that has room for it. */
  mark(accept: string | null, cache: string, streamBody: boolean): { call: string; name: string; text: string } {
    const call = this.#page + (this.#count++).toString(36);
    return { call, ...writeMark(accept, { call, cache, streamBody }) };
  }

  /** Tells the worker that the app gave a call up: no engine does (docs/discoveries/aborts.md). */
  aborted(call: string): void {
    this.#control.worker?.postMessage({ refrain: 'abort', call });
  }
}
