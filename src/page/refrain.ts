import type { EntryFilter, EntryInfo, Explanation, ImportResult } from '../core/protocol/messages.ts';
import { type BroadcastedEvents, type CallName, type Calls, eventChannelName } from '../core/protocol/messages.ts';
import type { RefrainEvent, RefrainEventType } from '../core/report/events.ts';
import type { Stats } from '../core/report/stats.ts';
import { type BadValue, readAttributes } from '../core/settings/attributes.ts';
import { textsOf } from '../core/settings/option-texts.ts';
import type { VerifyReport } from '../core/store/opfs/verify.ts';
import { tellOnce } from './console.ts';
import { Control } from './control.ts';
import { interceptFetch } from './intercept-fetch.ts';
import { interceptXhr } from './intercept-xhr.ts';
import { OutgoingCalls } from './outgoing-calls.ts';
import { askWorker } from './worker-channel.ts';

declare global {
  interface Window {
    /** Set by the script tag, or by `register()`. */
    refrain: Refrain;
    /** Set before the page script runs, wins over the tag's attributes and the options of `register()`: for test tools. */
    refrainOverrides?: RefrainOptions;
  }
}

/** The script tag's attributes without `data-`, in camelCase. Every value may also be given as its text. */
export interface RefrainOptions {
  /** URL of the worker. Default: `refrain-sw.js` beside the page script. */
  readonly worker?: string;
  /** How the worker is registered, where it is the app's own: `module` for one with imports. Default: `classic`. */
  readonly workerType?: 'classic' | 'module';
  /** Scope of the registration. Default: the worker's folder. */
  readonly scope?: string;
  /** URLPattern strings of further endpoints. */
  readonly endpoints?: string | readonly string[];
  /** URLPattern strings never to touch. */
  readonly exclude?: string | readonly string[];
  readonly mode?: 'auto' | 'record' | 'replay' | 'refresh' | 'off';
  /** `30d`, `12h`, `90s`, `none`, `0`. */
  readonly ttl?: string;
  /** Bytes, or text such as `64MB`. */
  readonly memory?: string | number;
  readonly disk?: string | number;
  /** Model → version. */
  readonly models?: string | Readonly<Record<string, string>>;
  readonly partition?: string;
  /** JSON Pointers. */
  readonly ignore?: string | readonly string[];
  readonly onAbort?: 'cancel' | 'finish';
  /** How fast stored answers come: at once (`instant`), as they came (`recorded`), or tokens a second. */
  readonly pace?: 'instant' | 'recorded' | number | `${number}`;
  /** Answers collected for each request before they repeat. */
  readonly variants?: number | `${number}`;
  /** URLs of cassettes, or names that `importCassette` gave: read-only under the other tiers. */
  readonly cassette?: string | readonly string[];
  /** Pages that name the same session count their identical calls together, where a cassette has several answers. */
  readonly session?: string;
  readonly persist?: boolean;
}

/** Like `EntryFilter`; `partition: 'current'` is what this page's own calls used: what a logout removes. */
export type PageFilter = EntryFilter;

type Listener<T extends RefrainEventType> = (event: CustomEvent<Extract<RefrainEvent, { type: T }>>) => void;

/** An EventTarget whose events carry the worker's event of that type as `detail`. */
interface TypedEventTarget {
  addEventListener<T extends RefrainEventType>(
    type: T,
    listener: Listener<T>,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<T extends RefrainEventType>(
    type: T,
    listener: Listener<T>,
    options?: boolean | EventListenerOptions,
  ): void;
  dispatchEvent(event: Event): boolean;
}

/** The page API. Every method rejects with a `RefrainError` where no worker controls the page. */
export class Refrain extends (EventTarget as new () => TypedEventTarget) {
  /** Resolves when the worker controls this page; rejects with why it cannot. A rejection nobody awaits stays silent. */
  readonly ready: Promise<void>;

  #attributes: Record<string, string | undefined>;
  #settings: ReturnType<typeof readAttributes>;
  readonly #control: Control;
  readonly #calls: OutgoingCalls;
  /** Partitions that this page's calls belonged to. */
  readonly #partitions = new Set<string>();

  /** @param workerUrl where the worker's file is unless the options say otherwise */
  constructor(options: RefrainOptions, workerUrl: string) {
    super();
    this.#attributes = { ...textsOf(options), ...textsOf(window.refrainOverrides ?? {}) };
    this.#settings = this.#readSettings();
    const worker = new URL(this.#attributes.worker ?? workerUrl, document.baseURI);
    const scope = new URL(this.#attributes.scope ?? new URL('.', worker), document.baseURI);
    this.#control = new Control({
      workerUrl: worker,
      workerType: this.#attributes.workerType === 'module' ? 'module' : 'classic',
      scope,
      isOff: () => this.#settings.page.mode === 'off',
      introduction: () => ({ page: this.#settings.page, worker: this.#settings.worker }),
    });
    this.ready = this.#control.ready;
    this.ready.catch(() => {});
    this.#calls = new OutgoingCalls(this.#control, this.#settings.worker, () => this.#settings.page.mode === 'replay');
    interceptFetch(this.#calls);
    interceptXhr(this.#calls);
    // A page of an opaque origin may have no channel, and no worker either.
    if (self.origin !== 'null') this.#listen(scope);
    if (this.#attributes.persist !== undefined) void this.persist();
  }

  /** Counters since install and since boot, entries, bytes, and what storage is in use. A round trip to the worker. */
  stats(): Promise<Stats> {
    return this.#ask('stats', null);
  }

  /** Entries that match all of the filter, newest first. Reads no bodies. */
  async *entries(filter: PageFilter = {}): AsyncIterableIterator<EntryInfo> {
    yield* await this.#ask('entries', this.#resolved(filter));
  }

  /** Removes what matches all of the filter (everything, without one) and resolves with the number of entries. */
  purge(filter: PageFilter = {}): Promise<number> {
    return this.#ask('purge', this.#resolved(filter));
  }

  /** Resolves when everything stored so far is on disk. */
  async flush(): Promise<void> {
    await this.#ask('flush', null);
  }

  /**
   * Checks every answer on disk and mends what is damaged; `null` where nothing is kept there. Takes some seconds for a
   * gigabyte; `verify-progress` events tell how far it is.
   */
  verify(): Promise<VerifyReport | null> {
    return this.#ask('verify', null);
  }

  /**
   * What is stored, as a cassette: a text with what was asked and answered, and no credentials (docs/cassette.md). It holds
   * prompts where requests are kept: in the modes `record` and `replay`, and on pages with a cassette.
   */
  async exportCassette(filter: PageFilter = {}): Promise<Blob> {
    return new Blob([await this.#ask('exportCassette', this.#resolved(filter))], { type: 'text/plain;charset=utf-8' });
  }

  /**
   * Takes a cassette in, and serves from it on this page what no other tier has. Other pages, and this one when it loads
   * again, name it by `data-cassette`. Rejects where something in it is damaged, and takes nothing then.
   * @param partial take what is sound, and tell the rest
   */
  async importCassette(cassette: Blob | string, { partial = false } = {}): Promise<ImportResult> {
    const text = typeof cassette === 'string' ? cassette : await cassette.text();
    const result = await this.#ask('importCassette', { text, partial });
    await this.configure({ cassette: [...this.#settings.page.cassette, result.name] });
    return result;
  }

  /** How this request would be keyed and answered, without sending it. Reads the body of a `Request` it is given. */
  async explain(input: RequestInfo | URL, init?: RequestInit): Promise<Explanation> {
    const request = new Request(input, init);
    const body = await request.arrayBuffer();
    return this.#ask('explain', {
      url: request.url,
      method: request.method,
      headers: [...request.headers],
      body: body.byteLength > 0 ? body : null,
      credentials: request.credentials,
      cache: request.cache,
    });
  }

  /** Changes this page's settings, and what it says of the worker's. Resolves when they hold for the next call. */
  async configure(options: RefrainOptions): Promise<void> {
    this.#attributes = { ...this.#attributes, ...textsOf(options), ...textsOf(window.refrainOverrides ?? {}) };
    this.#settings = this.#readSettings();
    this.#calls.setEndpoints(this.#settings.worker);
    await this.#control.introduce();
  }

  /** Drops the memory tier, as a stop of the worker does. For demos and tests. */
  async forgetMemory(): Promise<void> {
    await this.#ask('forgetMemory', null);
  }

  /** Asks the browser not to clear this origin's storage on its own. Firefox asks the user. */
  async persist(): Promise<boolean> {
    return (await navigator.storage?.persist?.()) ?? false;
  }

  /**
   * Stops intercepting, for this page at once and for others from their next load. `purge` deletes what is stored. A worker
   * of the app's own stays registered.
   */
  async unregister({ purge = false }: { purge?: boolean } = {}): Promise<void> {
    if (purge) await this.#ask('erase', null);
    this.#attributes = { ...this.#attributes, mode: 'off' };
    this.#settings = this.#readSettings();
    await this.#control.introduce();
    if (!this.#control.welcome?.embedded) await this.#control.registration?.unregister();
  }

  async #ask<K extends CallName>(name: K, argument: Calls[K]['argument']): Promise<Calls[K]['answer']> {
    await this.ready;
    return askWorker(navigator.serviceWorker.controller as ServiceWorker, name, argument);
  }

  #resolved(filter: PageFilter): EntryFilter {
    return filter.partition === 'current' ? { ...filter, partition: [...this.#partitions] } : filter;
  }

  #readSettings(): ReturnType<typeof readAttributes> {
    const settings = readAttributes(this.#attributes, document.baseURI);
    for (const { name, value, accepted } of settings.bad)
      tellOnce(`${name} ${value}`, badValue({ name, value, accepted }));
    const killed = new URLSearchParams(location.search).get('refrain') === 'off';
    return killed ? { ...settings, page: { ...settings.page, mode: 'off' } } : settings;
  }

  /** Events of the worker, as events of this object; problems also in the console, once. */
  #listen(scope: URL): void {
    new BroadcastChannel(eventChannelName(scope.href)).onmessage = ({
      data: { events },
    }: MessageEvent<BroadcastedEvents>) => {
      for (const event of events) {
        if (event.type === 'problem') tellOnce(event.code, event.message);
        if ('partition' in event && this.#calls.isOwn(event.call)) this.#partitions.add(event.partition);
        this.dispatchEvent(new CustomEvent(event.type, { detail: event }));
      }
    };
  }
}

function badValue({ name, value, accepted }: BadValue): string {
  return `Cannot use ${name}="${value}": ${accepted} is accepted`;
}
