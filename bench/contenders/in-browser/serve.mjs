// What the workers written for this bench have in common.

import { hashOf } from './hash.mjs';

/**
 * Makes a worker of a way to answer: `answer(event, key)` resolves with a response and hands what it still has to do to
 * `later`; `forget` lets go of what is in memory.
 */
export function serve({ answer, forget = async () => {} }) {
  const pending = new Set();
  const tasks = {
    claim: () => clients.claim(),
    forget,
    async settle() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };

  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => {
    if (event.request.method === 'POST') event.respondWith(respond(event));
  });
  addEventListener('message', (event) => {
    const [port] = event.ports;
    const done = tasks[event.data.task]().then(
      () => port?.postMessage({}),
      (error) => port?.postMessage({ error: String(error?.stack ?? error) }),
    );
    event.waitUntil(done);
  });

  async function respond(event) {
    const key = await hashOf(await event.request.clone().arrayBuffer());
    return answer(event, key, later);

    function later(work) {
      const done = work.finally(() => pending.delete(done));
      pending.add(done);
      event.waitUntil(done);
    }
  }
}

/** A stored answer's headers: upstream's content type, and where it was kept. */
export function headersOf(response, place) {
  return { 'content-type': response.headers.get('content-type'), 'x-answered-by': place };
}
