import { createMatcher, type Matcher } from '../core/formats/endpoints.ts';
import { addMark } from '../core/protocol/mark.ts';
import type { WorkerSettings } from '../core/settings/options.ts';
import type { Control } from './control.ts';
import { askWorker } from './worker-channel.ts';

/**
 * What becomes of a call: the worker takes it; the worker controls this page and must be told not to take it; or there is
 * no worker of ours, and the call goes out as the app made it.
 */
export type Fate = 'taken' | 'aside' | 'alone';

/** The header of the app's wishes for one call. No upstream may see it: an unknown header fails the preflight. */
export const wishesHeader = 'x-refrain';

/** Decides about calls before they are sent, for `fetch` and `XMLHttpRequest` alike. */
export class OutgoingCalls {
  private matches: Matcher;
  private readonly reachable = new Map<string, Promise<Fate>>();
  private count = 0;
  /** Unique to this page load: the worker hears from many pages. */
  private readonly page = [...crypto.getRandomValues(new Uint32Array(2))].map((n) => n.toString(36)).join('');

  constructor(
    private readonly control: Control,
    settings: WorkerSettings,
  ) {
    this.matches = createMatcher(settings.endpoints, settings.exclude);
  }

  setEndpoints({ endpoints, exclude }: WorkerSettings): void {
    this.matches = createMatcher(endpoints, exclude);
  }

  /** The URL of a call the worker would take, else `undefined`. Never throws: the platform reports its own errors. */
  targetOf(method: string, url: string): URL | undefined {
    if (method.toUpperCase() !== 'POST') return undefined;
    try {
      const absolute = new URL(url, document.baseURI);
      return this.matches(absolute) ? absolute : undefined;
    } catch {
      return undefined;
    }
  }

  /** Was this call, by its id, one of this page's? */
  isOwn(call: string | undefined): boolean {
    return call?.startsWith(this.page) ?? false;
  }

  /**
   * What becomes of a call to this URL. A promise while the page is not yet under control, and once for each origin that
   * the worker's own policy may forbid.
   */
  fate(target: URL): Fate | Promise<Fate> {
    const waiting = this.control.waiting();
    if (waiting) return waiting.then(() => this.fate(target));
    const { worker, welcome } = this.control;
    if (!worker || !welcome) return 'alone';
    if (!welcome.restricted) return 'taken';
    const asked =
      this.reachable.get(target.origin) ??
      askWorker(worker, 'reachable', target.origin, 3000).then(
        (reachable): Fate => (reachable ? 'taken' : 'aside'),
        (): Fate => 'taken',
      );
    this.reachable.set(target.origin, asked);
    return asked;
  }

  /** An id for one call and the `accept` value that carries it to the worker; `undefined` when there is no room. */
  mark(
    accept: string | null,
    cache: string,
    streamBody: boolean,
    fate: Fate,
  ): { call: string; accept: string } | undefined {
    const call = this.page + (this.count++).toString(36);
    const marked = addMark(accept, { call, cache, streamBody, stepAside: fate === 'aside' });
    return marked === undefined ? undefined : { call, accept: marked };
  }

  /** Tells the worker that the app gave a call up: no engine does (docs/discoveries/aborts.md). */
  aborted(call: string): void {
    this.control.worker?.postMessage({ refrain: 'abort', call });
  }
}
