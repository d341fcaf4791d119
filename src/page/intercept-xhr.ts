import { directFragment, wishesHeader } from '../core/protocol/mark.ts';
import type { OutgoingCalls } from './outgoing-calls.ts';

type Body = Document | XMLHttpRequestBodyInit | null | undefined;

/** What is remembered of a request from `open()` on. */
interface Opened {
  readonly args: readonly unknown[];
  /** Set for asynchronous calls to LLM endpoints. Synchronous ones cannot wait and are left alone. */
  readonly target: URL | undefined;
  readonly headers: [string, string][];
  wishes: string[];
  /** `send()` was called and waits for the worker. */
  waits: boolean;
  call: string | undefined;
}

interface NativeMethods {
  readonly open: (this: XMLHttpRequest, ...args: unknown[]) => void;
  readonly setRequestHeader: XMLHttpRequest['setRequestHeader'];
  readonly send: XMLHttpRequest['send'];
  readonly abort: XMLHttpRequest['abort'];
}

/** The browser's own. Not read when this file is loaded: a server that renders loads it too, and has none. */
let native: NativeMethods;

/** Puts itself before `XMLHttpRequest`, as `interceptFetch` does before `fetch`. Once in a page. */
export function interceptXhr(calls: OutgoingCalls): void {
  const { prototype } = XMLHttpRequest;
  const { open, setRequestHeader, send, abort } = prototype;
  native = { open: open as NativeMethods['open'], setRequestHeader, send, abort };
  const opened = new WeakMap<XMLHttpRequest, Opened>();
  /** Whose app has looked at `upload`: to listen there is all it is good for. */
  const uploads = new WeakSet<XMLHttpRequest>();
  const upload = Object.getOwnPropertyDescriptor(prototype, 'upload');
  // There is none where an app has put a class of its own in the place: then uploads go through the worker.
  if (upload?.get && upload.configurable)
    Object.defineProperty(prototype, 'upload', {
      ...upload,
      get(this: XMLHttpRequest) {
        uploads.add(this);
        return upload.get?.call(this);
      },
    });

  prototype.open = function open(this: XMLHttpRequest, ...args: unknown[]) {
    const [method, url, isAsync = true] = args;
    const target = isAsync ? calls.targetOf(method, url) : undefined;
    const earlier = opened.get(this);
    if (earlier) earlier.waits = false;
    opened.set(this, { args, target, headers: [], wishes: [], waits: false, call: undefined });
    native.open.apply(this, args);
  };

  prototype.setRequestHeader = function setRequestHeader(name, value) {
    const state = opened.get(this);
    if (state && String(name).toLowerCase() === wishesHeader) {
      state.wishes.push(value);
      return;
    }
    native.setRequestHeader.call(this, name, value);
    state?.headers.push([name, value]);
  };

  prototype.send = function send(body) {
    const state = opened.get(this);
    if (state?.target && !state.waits && uploads.has(this) && state.wishes.length === 0 && calls.mayGoDirect) {
      reopen(this, state, new URL(directFragment, state.target));
      native.send.call(this, body);
    } else if (state?.target) start(calls, this, state, state.target, body);
    else native.send.call(this, body);
  };

  prototype.abort = function abort() {
    const state = opened.get(this);
    if (state?.waits) {
      state.waits = false;
      this.dispatchEvent(new ProgressEvent('abort'));
      this.dispatchEvent(new ProgressEvent('loadend'));
      return;
    }
    if (state?.call !== undefined && this.readyState < XMLHttpRequest.DONE) calls.aborted(state.call);
    native.abort.call(this);
  };
}

function start(calls: OutgoingCalls, xhr: XMLHttpRequest, state: Opened, target: URL, body: Body): void {
  if (state.waits) throw new DOMException('Already sending', 'InvalidStateError');
  const taken = calls.isTaken(target);
  if (typeof taken === 'boolean') {
    sendMarked(calls, xhr, state, taken, body);
    return;
  }
  state.waits = true;
  void taken.then((decided) => {
    if (!state.waits) return;
    state.waits = false;
    reopen(xhr, state);
    sendMarked(calls, xhr, state, decided, body);
  });
}

/** Firefox fixes a request's controller when it is opened. Opening again drops the headers, and fires no event. */
function reopen(xhr: XMLHttpRequest, { args, headers }: Opened, url = args[1]): void {
  native.open.apply(xhr, [args[0], url, ...args.slice(2)]);
  for (const [name, value] of headers) native.setRequestHeader.call(xhr, name, value);
}

function sendMarked(calls: OutgoingCalls, xhr: XMLHttpRequest, state: Opened, taken: boolean, body: Body): void {
  if (taken) {
    const accepts = state.headers.filter(([name]) => name.toLowerCase() === 'accept').map(([, value]) => value);
    const accept = accepts.length > 0 ? accepts.join(', ') : null;
    const { call, name, text } = calls.mark(accept, 'default', false);
    // The browser appends to what the app has set; its own default is gone once anything is.
    if (accept === null) native.setRequestHeader.call(xhr, 'accept', '*/*');
    for (const wish of state.wishes) native.setRequestHeader.call(xhr, wishesHeader, wish);
    native.setRequestHeader.call(xhr, name, text);
    state.call = call;
    xhr.addEventListener('timeout', () => calls.aborted(call), { once: true });
  }
  native.send.call(xhr, body);
}
