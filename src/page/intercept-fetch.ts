import type { OutgoingCalls } from './outgoing-call.ts';

const wishesHeader = 'x-refrain';

/**
 * Puts itself before `fetch`: calls to LLM endpoints wait for the worker on a first visit and are marked for it; every
 * other call goes straight to the browser's own `fetch`, with its arguments untouched.
 */
export function interceptFetch(calls: OutgoingCalls): void {
  const native = window.fetch;
  window.fetch = function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = input instanceof Request ? input : undefined;
    const mode = init?.mode ?? request?.mode;
    const url =
      mode === 'no-cors'
        ? undefined
        : calls.urlOf(init?.method ?? request?.method ?? 'GET', request ? request.url : String(input));
    if (url) return send(native, calls, input, init, url);
    return carriesWishes(request, init)
      ? native.call(window, input, withHeaders(input, init, withoutWishes))
      : native.call(window, input, init);
  };
}

async function send(
  native: typeof fetch,
  calls: OutgoingCalls,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  url: URL,
): Promise<Response> {
  const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
  const waiting = calls.waiting();
  if (waiting) await untilAborted(waiting, signal);
  const taken = calls.takenAtOnce || (await calls.isTaken(url));
  if (!taken && !calls.controlled)
    return native.call(window, input, carriesWishes(input, init) ? withHeaders(input, init, withoutWishes) : init);

  let id: string | undefined;
  const marked = withHeaders(input, init, (headers) => {
    if (!taken) withoutWishes(headers);
    const mark = calls.mark(
      headers.get('accept'),
      cacheModeOf(input, init),
      init?.body instanceof ReadableStream,
      !taken,
    );
    if (!mark) return;
    id = mark.call;
    headers.set('accept', mark.accept);
  });
  const tell = () => id !== undefined && calls.aborted(id);
  signal?.addEventListener('abort', tell, { once: true });
  try {
    return await native.call(window, input, marked);
  } finally {
    signal?.removeEventListener('abort', tell);
  }
}

/** The app's own mode: a worker sees `reload` for every one as soon as a tool has disabled the cache. */
function cacheModeOf(input: RequestInfo | URL, init: RequestInit | undefined): string {
  return init?.cache ?? (input instanceof Request ? input.cache : 'default');
}

function carriesWishes(input: unknown, init: RequestInit | undefined): boolean {
  const headers = init?.headers ?? (input instanceof Request ? input.headers : undefined);
  if (!headers) return false;
  if (headers instanceof Headers) return headers.has(wishesHeader);
  const names = Array.isArray(headers) ? headers.map(([name]) => name) : Object.keys(headers);
  return names.some((name) => String(name).toLowerCase() === wishesHeader);
}

function withoutWishes(headers: Headers): void {
  headers.delete(wishesHeader);
}

/**
 * The call's options with changed headers. An options object makes a Request lose its referrer unless it is given again.
 * Headers that are not valid are left as they are: the browser's own `fetch` says so.
 */
function withHeaders(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  change: (headers: Headers) => void,
): RequestInit | undefined {
  const request = input instanceof Request ? input : undefined;
  let headers: Headers;
  try {
    headers = new Headers(init?.headers ?? request?.headers);
    change(headers);
  } catch {
    return init;
  }
  const referrer = request && !init ? { referrer: request.referrer, referrerPolicy: request.referrerPolicy } : {};
  return { ...referrer, ...init, headers };
}

/** Resolves with the work, or as soon as the signal aborts: then the browser's own `fetch` rejects as it should. */
function untilAborted(work: Promise<void>, signal: AbortSignal | null | undefined): Promise<void> {
  if (!signal) return work;
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
    void work.then(done);
  });
}
