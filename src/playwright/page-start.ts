/** What a page is told before any script of its own runs. */
export interface PageStart {
  /** Options of the page script that win over the page's own. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Path of the cassette, on the page's own origin; `undefined`: none is served. */
  readonly cassette: string | undefined;
  /** Origin of the app, where it is known: it gets Refrain before its first call. */
  readonly origin: string | undefined;
}

/** The page script's object, as far as a test needs it. */
interface PageRefrain {
  readonly ready: Promise<void>;
}

declare global {
  interface Window {
    /** Resolves when this page is under control, rejects with why it cannot be. */
    refrainReady?: () => Promise<void>;
    /** Tells the test that this page cannot be controlled, and why. */
    refrainFailed?: (code: string, message: string) => Promise<void>;
  }
}

/**
 * Runs in every document before the page's own scripts, as text: it can use nothing from outside itself. A page that has the
 * script tag, or calls `register()`, gets its own Refrain; any other one gets it at its first POST, or, on the app's own
 * origin, when it is parsed. Documents of other sites that call no LLM get nothing.
 */
export function startOnDemand({ overrides, cassette, origin }: PageStart, runPageScript: () => void): void {
  if (window.refrainReady) return;
  const page = window as unknown as { refrain?: PageRefrain };
  let worker = {};
  // A popup begins as about:blank, and keeps its window when its page comes: addresses are known only later.
  Object.defineProperty(window, 'refrainOverrides', {
    get: () => ({
      ...worker,
      ...overrides,
      ...(cassette === undefined ? {} : { cassette: location.origin + cassette }),
    }),
  });

  const { prototype } = XMLHttpRequest;
  const native = { fetch: window.fetch, open: prototype.open };
  const intercepted: { fetch?: typeof fetch; open?: XMLHttpRequest['open'] } = {};
  const triggers = {
    fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
      if (isPost(init?.method ?? (input instanceof Request ? input.method : 'GET'))) start();
      return (intercepted.fetch ?? native.fetch).call(window, input, init);
    },
    open(this: XMLHttpRequest, ...args: unknown[]): void {
      if (isPost(args[0])) start();
      (intercepted.open ?? native.open).apply(this, args as never);
    },
  };
  window.fetch = triggers.fetch;
  prototype.open = triggers.open as XMLHttpRequest['open'];

  function isPost(method: unknown): boolean {
    return `${method}`.toUpperCase() === 'POST';
  }

  function start(): void {
    if (page.refrain || !/^https?:$/.test(location.protocol)) return;
    // What the app has put over them meanwhile stays over them.
    const above = { fetch: window.fetch, open: prototype.open };
    window.fetch = native.fetch;
    prototype.open = native.open;
    worker = { worker: `${location.origin}/refrain-sw.js` };
    // The app's script that makes the call is not Refrain's tag.
    Object.defineProperty(document, 'currentScript', { value: null, configurable: true });
    try {
      runPageScript();
    } finally {
      Reflect.deleteProperty(document, 'currentScript');
      intercepted.fetch = window.fetch;
      intercepted.open = prototype.open;
      if (above.fetch !== triggers.fetch) window.fetch = above.fetch;
      if (above.open !== triggers.open) prototype.open = above.open;
    }
    tellFailure();
  }

  function tellFailure(): void {
    page.refrain?.ready.catch(({ code = '', message }: Error & { code?: string }) =>
      window.refrainFailed?.(code, message).catch(() => {}),
    );
  }

  window.refrainReady = async () => {
    start();
    await page.refrain?.ready;
  };
  addEventListener('DOMContentLoaded', () => {
    const isApp = location.origin === origin || /^(localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname);
    if (page.refrain) tellFailure();
    else if (isApp) start();
  });
}

/**
 * An app that registers a worker of its own is waited for before Refrain looks which one is there: the later of two
 * registrations would replace the other. Runs as text, like the above.
 */
export function letAppsWorkerBeFirst(): void {
  if (!('ServiceWorkerContainer' in window) || window.refrainReady) return;
  const { prototype } = ServiceWorkerContainer;
  const { register, getRegistration } = prototype;
  let registered: Promise<unknown> = Promise.resolve();
  prototype.register = function (script, options) {
    const registering = register.call(this, script, options);
    registered = Promise.allSettled([registered, registering]);
    return registering;
  };
  prototype.getRegistration = async function (url) {
    await registered;
    return getRegistration.call(this, url);
  };
}
