// What the service workers of all stores have in common: they answer `/answer?key=…` from their store and from nothing
// else, and do what the page tells them, timed here.

import { answerMaker } from './answers.mjs';

/** Bytes that are made before they are stored: the worker holds no more of them. */
const BATCH = 16_000_000;

/**
 * Makes a worker of a store.
 * @param open opens a store of that name, and makes it where there is none. A store has
 *   `get(key)`, which resolves with a response or `undefined`;
 *   `put(answers, how)`, which resolves when they are durable, as far as this store can be;
 *   `erase()`; and where it means something `maintain()`, `ready()` (reads what it keeps in memory) and `bytes()` (of its files).
 */
export function serve(open) {
  // Made when they are first needed: a worker that only answers must not start later for them.
  let maker;
  const make = (...which) => {
    maker ??= answerMaker(__TEMPLATES__);
    return maker(...which);
  };
  let opened;
  // At the first call and not before: after the browser's start, the page must be able to load first.
  const store = () => {
    opened ??= open('answers');
    return opened;
  };

  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => {
    const { pathname, search } = new URL(event.request.url);
    if (pathname === '/answer') event.respondWith(answer(search.slice('?key='.length)));
  });
  addEventListener('message', (event) => {
    const { task, order } = event.data;
    const [port] = event.ports;
    const done = tasks[task](order).then(
      (seen) => port.postMessage({ seen }),
      (error) => port.postMessage({ error: String(error?.stack ?? error) }),
    );
    event.waitUntil(done);
  });

  async function answer(key) {
    const response = await (await store()).get(key);
    return response ?? new Response('not stored', { status: 404 });
  }

  /** What `maintain` has come to: the message that began it must not wait for it, it takes longer than a worker may. */
  let maintaining;

  const tasks = {
    claim: () => clients.claim(),

    async ready() {
      await (await store()).ready?.();
    },

    /** Stores the answers of these numbers, as they come out of a batch. */
    async fill({ from, end }) {
      const into = await store();
      const seen = { ms: 0, bytes: 0, answers: 0 };
      for (let number = from; number < end; ) {
        const batch = [];
        for (let bytes = 0; number < end && bytes < BATCH; number++) {
          batch.push(make(number));
          bytes += batch.at(-1).bytes.byteLength;
        }
        seen.ms += await timed(() => into.put(batch));
        seen.answers += batch.length;
        for (const { bytes } of batch) seen.bytes += bytes.byteLength;
      }
      return seen;
    },

    /** Stores so many answers of one size, in a store of their own that is erased again, or in the one that is filled. */
    async burst({ from, count, size, how, apart }) {
      const answers = Array.from({ length: count }, (_, i) => make(from + i, size));
      const into = apart ? await open(`burst-${from}`) : await store();
      await into.ready?.();
      const ms = await timed(() => into.put(answers, how));
      const found = await into.get(answers.at(-1).key);
      if ((await found?.arrayBuffer())?.byteLength !== answers.at(-1).bytes.byteLength)
        throw new Error('Cannot count this: the last answer is not there');
      if (apart) await into.erase();
      return { ms };
    },

    async maintain() {
      const into = await store();
      maintaining = {};
      timed(() => into.maintain()).then(
        (ms) => {
          maintaining.ms = ms;
        },
        (error) => {
          maintaining.error = String(error?.stack ?? error);
        },
      );
    },

    maintained: async () => maintaining,

    /** Bytes on disk as the browser counts them for this origin, and as its files are long. */
    async disk() {
      const { usage, usageDetails } = await navigator.storage.estimate();
      return { usage, usageDetails, files: await (await store()).bytes?.() };
    },
  };
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
