import { createMatcher } from '../core/formats/endpoints.ts';
import { addMark, type Mark } from '../core/protocol/mark.ts';
import type { WorkerSettings } from '../core/settings/options.ts';
import type { Control } from './control.ts';
import { askWorker } from './worker-channel.ts';

/** What is known about a call before it is sent, shared by fetch and XMLHttpRequest. */
export class OutgoingCalls {
  private matches: ReturnType<typeof createMatcher>;
  private readonly reachable = new Map<string, Promise<boolean>>();
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
  urlOf(method: string, url: string): URL | undefined {
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

  waiting(): Promise<void> | undefined {
    return this.control.waiting();
  }

  /** Does the worker take the call now? Asks it once an origin where its own policy may forbid that origin. */
  async isTaken(url: URL): Promise<boolean> {
    const { worker, welcome } = this.control;
    if (!worker || !welcome) return false;
    if (!welcome.restricted) return true;
    const known = this.reachable.get(url.origin) ?? askWorker(worker, 'reachable', url.origin, 3000).catch(() => true);
    this.reachable.set(url.origin, known);
    return known;
  }

  /** Where the answer of `isTaken` needs no waiting. */
  get takenAtOnce(): boolean {
    return this.control.worker !== undefined && this.control.welcome?.restricted === false;
  }

  /** Where the worker controls this page but must not take the call, it has to be told so. */
  get controlled(): boolean {
    return navigator.serviceWorker?.controller != null;
  }

  /** A mark for one call, and the `accept` value that carries it; `undefined` when there is no room. */
  mark(
    accept: string | null,
    cache: string,
    streamBody: boolean,
    stepAside: boolean,
  ): { call: string; accept: string } | undefined {
    const mark: Mark = { call: `${this.page}${(this.count++).toString(36)}`, cache, streamBody, stepAside };
    const marked = addMark(accept, mark);
    return marked === undefined ? undefined : { call: mark.call, accept: marked };
  }

  /** Tells the worker that the app gave a call up: no engine does (docs/discoveries/aborts.md). */
  aborted(call: string): void {
    navigator.serviceWorker?.controller?.postMessage({ refrain: 'abort', call });
  }
}
