// One server for all stores: each has a host name, and so an origin, a renderer process and a quota of its own.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { answersOf } from '../streams.mjs';
import { answerMaker, LARGE, numberOfSize, SMALL, templatesOf } from './answers.mjs';

export const templates = templatesOf(answersOf);

/** The answers of the worker that has no store: number and text. */
const constants = [SMALL, LARGE].map((size) => {
  const number = numberOfSize(size, 1, 0);
  return [number, new TextDecoder().decode(answerMaker(templates)(number).bytes)];
});

/** `ask(key)` times one hit and then looks at what came; `tell(task, order)` has the worker do something. */
const page = `<!doctype html><link rel="icon" href="data:,"><script>
  const container = navigator.serviceWorker;
  const controlled = (async () => {
    await container.register('/worker.js');
    await container.ready;
    if (container.controller) return;
    const changed = new Promise((resolve) => container.addEventListener('controllerchange', resolve, { once: true }));
    // A page that was still loading when the worker claimed its clients is not among them.
    await tell('claim');
    await changed;
  })();

  async function tell(task, order) {
    const { active } = await container.ready;
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
    active.postMessage({ task, order }, [port2]);
    const { seen, error } = await answered;
    port1.close();
    if (error) throw new Error(task + ': ' + error);
    return seen;
  }

  async function ask(key) {
    const start = performance.now();
    const response = await fetch('/answer?key=' + key);
    const bytes = await response.arrayBuffer();
    const ms = performance.now() - start;
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return {
      ms,
      status: response.status,
      digest: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    };
  }
</script>`;

/** Serves `hosts`, a map from host name (without `.localhost`) to the name of its store. */
export async function startSite(hosts) {
  const workers = new Map();
  for (const store of new Set(Object.values(hosts))) workers.set(store, await workerScript(store));
  const server = createServer(({ url, headers }, response) => {
    const script = url === '/worker.js' && workers.get(hosts[headers.host?.split('.')[0]]);
    response
      .writeHead(url === '/' || script ? 200 : 404, {
        'content-type': `text/${script ? 'javascript' : 'html'}; charset=utf-8`,
        'cache-control': 'no-store',
        // An isolated page's clock has steps of 5 microseconds, another's of 100.
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      })
      .end(script || (url === '/' ? page : ''));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    url: (host) => `http://${host}.localhost:${port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A store's worker with what it imports, minified, as one classic script. */
async function workerScript(store) {
  const entry = fileURLToPath(new URL(`${store}.mjs`, import.meta.url));
  const [{ output }] = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: { __TEMPLATES__: JSON.stringify(templates), __CONSTANTS__: JSON.stringify(constants) },
    build: { write: false, target: 'es2022', lib: { entry, name: 'store', formats: ['iife'] } },
  });
  return output[0].code;
}
