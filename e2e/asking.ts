import type { Page as BrowserPage } from '@playwright/test';

/** What is needed of a page: any engine's will do. */
export type Page = Pick<BrowserPage, 'evaluate'>;

/** A call as the app in the page makes it. */
export interface Ask {
  readonly url: string;
  /** Default `POST`. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default `fetch`. */
  readonly via?: 'fetch' | 'xhr';
  /** Members of fetch's `init` beside these. */
  readonly init?: Omit<RequestInit, 'method' | 'headers' | 'body' | 'signal'>;
}

/** What the app got. Bodies are strings of bytes (each character is one byte). */
export interface Got {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: string;
  readonly cacheStatus: string | null;
  readonly url: string;
  readonly redirected: boolean;
  readonly type: string;
  /** The call failed, with the bytes that had arrived until then. */
  readonly error?: { readonly name: string; readonly message: string };
  /** Milliseconds from the call to its end. */
  readonly elapsed: number;
}

/** A call under way. */
export interface Asking {
  /** Bytes that have arrived. */
  received(): Promise<string>;
  /** Status, once there are headers. */
  status(): Promise<number | undefined>;
  /** Resolves when the call has ended, well or not. */
  done(): Promise<Got>;
  abort(): Promise<void>;
}

interface UnderWay {
  bytes: string;
  status: number | undefined;
  done: Promise<Got>;
  abort: () => void;
}

/** What `installAsking` leaves in a page. */
interface AskingPage {
  start(id: string, ask: Ask): void;
  readonly underWay: Record<string, UnderWay>;
}

declare global {
  interface Window {
    asking: AskingPage;
  }
}

/** Asks, and resolves with what the app got. Never rejects for what happened to the call. */
export async function ask(page: Page, request: Ask): Promise<Got> {
  return (await startAsking(page, request)).done();
}

let started = 0;

/** Asks, and leaves the call under way. */
export async function startAsking(page: Page, request: Ask): Promise<Asking> {
  const id = `call ${++started}`;
  await page.evaluate(([name, one]) => window.asking.start(name, one), [id, request] as const);
  return underWay(page, id);
}

/** A call the page itself has started under this id with `asking.start(id, …)`. */
export function underWay(page: Page, id: string): Asking {
  return {
    received: () => page.evaluate((name) => window.asking.underWay[name]?.bytes ?? '', id),
    status: () => page.evaluate((name) => window.asking.underWay[name]?.status, id),
    done: () => page.evaluate((name) => window.asking.underWay[name]?.done as Promise<Got>, id),
    abort: () => page.evaluate((name) => window.asking.underWay[name]?.abort(), id),
  };
}

/**
 * Runs in every page before its own scripts: a small app that makes calls and keeps what came of them. Looks `fetch` and
 * `XMLHttpRequest` up at each call, as an app does. Must not refer to anything outside itself.
 */
export function installAsking(): void {
  const underWay: Record<string, UnderWay> = {};
  const toText = (bytes: Uint8Array) => {
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return text;
  };
  const failureOf = (error: unknown) => ({ name: (error as Error).name, message: (error as Error).message });

  const viaFetch = (ask: Ask, state: UnderWay): Promise<Got> => {
    const controller = new AbortController();
    state.abort = () => controller.abort();
    const begin = performance.now();
    let response: Response | undefined;
    const got = (error?: unknown): Got => ({
      status: response?.status ?? 0,
      statusText: response?.statusText ?? '',
      headers: Object.fromEntries(response?.headers ?? []),
      bytes: state.bytes,
      cacheStatus: response?.headers.get('cache-status') ?? null,
      url: response?.url ?? '',
      redirected: response?.redirected ?? false,
      type: response?.type ?? '',
      ...(error === undefined ? {} : { error: failureOf(error) }),
      elapsed: performance.now() - begin,
    });
    const { url, method = 'POST', headers = {}, body, init } = ask;
    return (async () => {
      try {
        response = await fetch(url, {
          ...init,
          method,
          headers,
          signal: controller.signal,
          ...(body !== undefined && { body }),
        });
        state.status = response.status;
        const reader = response.body?.getReader();
        for (;;) {
          const step = await reader?.read();
          if (!step || step.done) return got();
          state.bytes += toText(step.value);
        }
      } catch (error) {
        return got(error);
      }
    })();
  };

  const viaXhr = (ask: Ask, state: UnderWay): Promise<Got> => {
    const xhr = new XMLHttpRequest();
    state.abort = () => xhr.abort();
    const begin = performance.now();
    xhr.open(ask.method ?? 'POST', ask.url);
    // Bytes as characters, readable while they arrive.
    xhr.overrideMimeType('text/plain; charset=x-user-defined');
    xhr.withCredentials = ask.init?.credentials === 'include';
    for (const [name, value] of Object.entries(ask.headers ?? {})) xhr.setRequestHeader(name, value);
    const read = () => {
      state.status = xhr.status || undefined;
      state.bytes = xhr.responseText.replace(/[\uf780-\uf7ff]/g, (character) =>
        String.fromCharCode(character.charCodeAt(0) & 255),
      );
    };
    const got = (error?: unknown): Got => {
      const headers: Record<string, string> = {};
      for (const line of xhr.getAllResponseHeaders().split('\r\n').filter(Boolean)) {
        const colon = line.indexOf(':');
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 2);
      }
      return {
        status: xhr.status,
        statusText: xhr.statusText,
        headers,
        bytes: state.bytes,
        cacheStatus: headers['cache-status'] ?? null,
        url: xhr.responseURL,
        redirected: false,
        type: '',
        ...(error === undefined ? {} : { error: failureOf(error) }),
        elapsed: performance.now() - begin,
      };
    };
    return new Promise((resolve) => {
      xhr.onprogress = read;
      xhr.onload = () => {
        read();
        resolve(got());
      };
      xhr.onerror = () => resolve(got(new TypeError('XMLHttpRequest failed')));
      xhr.onabort = () => resolve(got(new DOMException('XMLHttpRequest was aborted', 'AbortError')));
      xhr.send(ask.body);
    });
  };

  window.asking = {
    underWay,
    start(id, ask) {
      const state: UnderWay = {
        bytes: '',
        status: undefined,
        done: undefined as unknown as Promise<Got>,
        abort: () => {},
      };
      underWay[id] = state;
      state.done = ask.via === 'xhr' ? viaXhr(ask, state) : viaFetch(ask, state);
    },
  };
}
