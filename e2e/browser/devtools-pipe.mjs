// Plain JavaScript because the benchmarks run it with `node` alone. Its documentation is in devtools-pipe.d.mts.

/** Milliseconds until a browser that says nothing is taken for dead. */
const DEADLINE_MS = 60_000;

/** Messages of JSON, each ended by a zero byte. */
export function speakDevTools(toBrowser, fromBrowser) {
  const waiting = new Map();
  const listeners = new Set();
  let count = 0;
  let rest = '';
  let ended;
  const end = (why) => {
    ended = new Error(`Cannot drive the browser any more: ${why}`);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  toBrowser.on('error', (error) => end(error.message));
  fromBrowser.setEncoding('utf8').on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const message of messages) take(JSON.parse(message));
  });

  function take(message) {
    if (message.id === undefined) {
      for (const listener of listeners) listener(message);
      return;
    }
    const { resolve, reject, method } = waiting.get(message.id) ?? {};
    waiting.delete(message.id);
    if (message.error) reject?.(new Error(`Cannot do ${method}: ${message.error.message}`));
    else resolve?.(message.result);
  }

  function send(method, params = {}, sessionId = undefined, deadline = DEADLINE_MS) {
    if (ended) return Promise.reject(ended);
    const id = ++count;
    toBrowser.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return withDeadline(
      method,
      new Promise((resolve, reject) => waiting.set(id, { resolve, reject, method })),
      deadline,
    );
  }

  return {
    send,
    end,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function withDeadline(what, work, deadline = DEADLINE_MS) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot see the end of ${what}: ${deadline} ms have passed`)), deadline);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
