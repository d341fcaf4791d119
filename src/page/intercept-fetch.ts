import { wishesHeader } from '../core/protocol/mark.ts';
import type { OutgoingCalls } from './outgoing-calls.ts';

/**
 * Chromium: from the headers on the body's own end tells the worker that its page reads no more. In Firefox nobody does
 * (decision 0014), in WebKit not always (e2e/engines/oddities.spec.ts).
 */
const bodyTells = () => 'userAgentData' in navigator;

/**
 * Puts itself before `fetch`: calls to LLM endpoints wait for the worker on a first visit and are marked for it; every
 * other call goes straight to the browser's own `fetch`, with its arguments untouched.
 */
export function interceptFetch(calls: OutgoingCalls): void {
  const native = window.fetch.bind(window);
  window.fetch = function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = input instanceof Request ? input : undefined;
    const target =
      (init?.mode ?? request?.mode) === 'no-cors'
        ? undefined
        : calls.targetOf(init?.method ?? request?.method ?? 'GET', request?.url ?? input);
    const keepalive = init?.keepalive ?? request?.keepalive;
    const goesDirect = keepalive && calls.mayGoDirect && !hasWishes(input, init);
    if (!target || goesDirect) return native(input, withoutWishes(input, init));
    try {
      // What the app may change after this call is read now, as the browser's own `fetch` does.
      const own = new Request(input, keepalive ? { ...changing(request, init), keepalive: false } : init);
      return send(native, calls, own, target, init?.body instanceof ReadableStream);
    } catch {
      return native(input, init);
    }
  };
}

async function send(
  native: typeof fetch,
  calls: OutgoingCalls,
  request: Request,
  target: URL,
  streamBody: boolean,
): Promise<Response> {
  const { signal, cache, headers } = request;
  let taken = calls.isTaken(target);
  if (typeof taken !== 'boolean') taken = (await orAborted(taken, signal)) ?? false;
  if (!taken) {
    headers.delete(wishesHeader);
    return native(request);
  }
  const accept = headers.get('accept');
  // The app's own cache mode: the worker sees `reload` for every one as soon as a tool has disabled the cache.
  const { call, name, text } = calls.mark(accept, cache, streamBody);
  if (accept === null) headers.set('accept', '*/*');
  headers.append(name, text);
  const tell = () => calls.aborted(call);
  signal.addEventListener('abort', tell);
  try {
    return await native(request);
  } finally {
    // A signal may outlive its call, and a message starts a stopped worker.
    if (bodyTells()) signal.removeEventListener('abort', tell);
  }
}

/** The call's options, to be changed: any options object makes a Request lose its referrer unless it is given again. */
function changing(request: Request | undefined, init: RequestInit | undefined): RequestInit {
  if (init || !request) return { ...init };
  const { referrer, referrerPolicy } = request;
  return { referrer, referrerPolicy };
}

function withoutWishes(input: RequestInfo | URL, init?: RequestInit): RequestInit | undefined {
  return hasWishes(input, init) ? withHeaders(input, init, (copy) => copy.delete(wishesHeader)) : init;
}

function hasWishes(input: RequestInfo | URL, init?: RequestInit): boolean {
  const headers = init?.headers ?? (input instanceof Request ? input.headers : undefined);
  return headers ? namesOf(headers).includes(wishesHeader) : false;
}

function namesOf(headers: HeadersInit): string[] {
  if (headers instanceof Headers) return headers.has(wishesHeader) ? [wishesHeader] : [];
  const names = Array.isArray(headers) ? headers.map(([name]) => name) : Object.keys(headers);
  return names.map((name) => String(name).toLowerCase());
}

/** The call's options with changed headers. Those that are not valid are left as they are: the browser's own `fetch` says so. */
function withHeaders(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  change: (headers: Headers) => void,
): RequestInit | undefined {
  const request = input instanceof Request ? input : undefined;
  try {
    const headers = new Headers(init?.headers ?? request?.headers);
    change(headers);
    return { ...changing(request, init), headers };
  } catch {
    return init;
  }
}

/** Resolves with the work, or with `undefined` as soon as the signal aborts: then the browser's own `fetch` rejects. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const give = () => resolve(undefined);
    if (signal.aborted) give();
    signal.addEventListener('abort', give);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
  });
}
