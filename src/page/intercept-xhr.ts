import type { OutgoingCalls } from './outgoing-call.ts';

const wishesHeader = 'x-refrain';

/** What is remembered about a request from `open()` on. */
interface Opened {
  readonly method: string;
  readonly url: string;
  readonly user: string | null | undefined;
  readonly password: string | null | undefined;
  /** Set for asynchronous calls to LLM endpoints. */
  readonly target: URL | undefined;
  readonly headers: [string, string][];
  wishes: string | undefined;
  /** `send()` was called and waits for the worker. */
  waits: boolean;
  call: string | undefined;
}

/**
 * Puts itself before `XMLHttpRequest`, as `interceptFetch` does before `fetch`. Synchronous requests are left alone: they
 * cannot wait.
 */
export function interceptXhr(calls: OutgoingCalls): void {
  const proto = XMLHttpRequest.prototype;
  const native = { open: proto.open, setRequestHeader: proto.setRequestHeader, send: proto.send, abort: proto.abort };
  const opened = new WeakMap<XMLHttpRequest, Opened>();

  proto.open = function open(this: XMLHttpRequest, method: string, url: string | URL, ...rest: unknown[]) {
    const isAsync = rest.length === 0 || rest[0] !== false;
    const [, user, password] = rest as [unknown, string | null | undefined, string | null | undefined];
    const target = isAsync ? calls.urlOf(String(method), String(url)) : undefined;
    opened.set(this, {
      method,
      url: String(url),
      user,
      password,
      target,
      headers: [],
      wishes: undefined,
      waits: false,
      call: undefined,
    });
    return (native.open as (...args: unknown[]) => void).call(this, method, url, ...rest);
  };

  proto.setRequestHeader = function setRequestHeader(this: XMLHttpRequest, name: string, value: string) {
    const state = opened.get(this);
    if (state && String(name).toLowerCase() === wishesHeader) {
      state.wishes = state.wishes === undefined ? value : `${state.wishes}, ${value}`;
      return;
    }
    native.setRequestHeader.call(this, name, value);
    state?.headers.push([name, value]);
  };

  proto.send = function send(this: XMLHttpRequest, body?: Document | XMLHttpRequestBodyInit | null) {
    const state = opened.get(this);
    if (!state?.target) return native.send.call(this, body);
    if (state.waits) throw new DOMException('The object is already sending.', 'InvalidStateError');
    const waiting = calls.waiting();
    if (!waiting && calls.takenAtOnce) return sendMarked(this, state, true, body);
    state.waits = true;
    void (waiting ?? Promise.resolve())
      .then(() => calls.isTaken(state.target as URL))
      .then((taken) => {
        if (!state.waits) return;
        state.waits = false;
        reopen(this, state);
        if (taken || calls.controlled) sendMarked(this, state, taken, body);
        else native.send.call(this, body);
      });
  };

  proto.abort = function abort(this: XMLHttpRequest) {
    const state = opened.get(this);
    if (state?.waits) {
      state.waits = false;
      this.dispatchEvent(new ProgressEvent('abort'));
      this.dispatchEvent(new ProgressEvent('loadend'));
      return;
    }
    if (state?.call !== undefined && this.readyState < XMLHttpRequest.HEADERS_RECEIVED) calls.aborted(state.call);
    native.abort.call(this);
  };

  /** Firefox fixes a request's controller when it is opened. Opening again drops the headers, and no event is fired. */
  function reopen(xhr: XMLHttpRequest, { method, url, user, password, headers }: Opened): void {
    const { responseType, timeout, withCredentials } = xhr;
    native.open.call(xhr, method, url, true, user, password);
    Object.assign(xhr, { responseType, timeout, withCredentials });
    for (const [name, value] of headers) native.setRequestHeader.call(xhr, name, value);
  }

  function sendMarked(
    xhr: XMLHttpRequest,
    state: Opened,
    taken: boolean,
    body?: Document | XMLHttpRequestBodyInit | null,
  ): void {
    const accept = state.headers.filter(([name]) => name.toLowerCase() === 'accept').map(([, value]) => value);
    const mark = calls.mark(accept.length > 0 ? accept.join(', ') : null, 'default', false, !taken);
    if (mark) {
      // The browser appends to what the app has set, and its own default is gone once anything is.
      native.setRequestHeader.call(
        xhr,
        'accept',
        accept.length > 0 ? mark.accept.slice(accept.join(', ').length + 2) : mark.accept,
      );
      state.call = mark.call;
    }
    if (taken && state.wishes !== undefined) native.setRequestHeader.call(xhr, wishesHeader, state.wishes);
    native.send.call(xhr, body);
  }
}
