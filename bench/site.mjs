// One server for all contenders: each has a host name, and so a site and a renderer process of its own. It serves the
// page, the page's worker, and the LLM, which answers at once.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { answer, headers } from './question.mjs';

const UPSTREAM_PATH = '/v1/chat/completions';
const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const EVENT_STREAM = 'text/event-stream; charset=utf-8';

const built = {
  '/refrain.js': readFileSync(new URL('../dist/refrain.js', import.meta.url)),
  '/refrain-sw.js': readFileSync(new URL('../dist/refrain-sw.js', import.meta.url)),
};

const takeControl = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('message', (event) => event.waitUntil(clients.claim()));
`;

/** What stands in a page's head, the promise that a page is ready by, and the worker where it is the bench's own. */
export const installations = {
  none: { head: '', ready: 'Promise.resolve()' },
  constant: { head: registration('/constant.js'), ready: 'controlled', worker: constantWorker('bytes') },
  'constant-blob': {
    head: registration('/constant.js'),
    ready: 'controlled',
    worker: constantWorker('new Blob([bytes])'),
  },
  'pass-through': {
    head: registration('/pass-through.js'),
    ready: 'controlled',
    worker: `${takeControl}
      addEventListener('fetch', (event) => {
        if (event.request.method === 'POST') event.respondWith(fetch(event.request));
      });`,
  },
  refrain: { head: '<script src="/refrain.js"></script>', ready: 'refrain.ready' },
};

function constantWorker(body) {
  return `${takeControl}
    const bytes = new TextEncoder().encode(${JSON.stringify(answer.toString())});
    const body = ${body};
    const start = crypto.randomUUID();
    addEventListener('fetch', (event) => {
      if (event.request.method !== 'POST') return;
      const headers = { 'content-type': '${EVENT_STREAM}', 'x-start': start };
      event.respondWith(new Response(body, { headers }));
    });`;
}

function registration(script) {
  return `<script>
    const controlled = (async () => {
      const container = navigator.serviceWorker;
      await container.register('${script}');
      const { active } = await container.ready;
      if (container.controller) return;
      const changed = new Promise((resolve) => container.addEventListener('controllerchange', resolve, { once: true }));
      // A page that was still loading when the worker claimed its clients is not among them.
      active.postMessage('claim');
      await changed;
    })();
  </script>`;
}

/** `ask(body)` in every page: times one call, then looks at what came back. */
const asking = `<script>
  let seen = () => {};
  const timings = new PerformanceObserver((list) => seen(list.getEntries().at(-1)));
  timings.observe({ type: 'resource' });

  async function ask(body) {
    const timing = new Promise((resolve) => { seen = resolve; });
    const options = { method: 'POST', headers: ${JSON.stringify(headers)}, body };
    const start = performance.now();
    const response = await fetch('${UPSTREAM_PATH}', options);
    const atHeaders = performance.now();
    const bytes = await response.arrayBuffer();
    const atEnd = performance.now();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return {
      toHeaders: atHeaders - start,
      toEnd: atEnd - start,
      status: response.status,
      digest: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''),
      cacheStatus: response.headers.get('cache-status'),
      start: response.headers.get('x-start'),
      byWorker: (await timing).workerStart > 0,
    };
  }
</script>`;

export const answerDigest = createHash('sha256').update(answer).digest('hex');

/** Serves `contenders`, a map from host name (without `.localhost`) to the name of its installation. */
export async function startSite(contenders) {
  const calls = new Map(Object.keys(contenders).map((name) => [name, 0]));
  const server = createServer(async (request, response) => {
    const name = request.headers.host?.split('.')[0];
    const installation = installations[contenders[name]];
    if (request.method === 'POST' && request.url === UPSTREAM_PATH) {
      for await (const _part of request);
      calls.set(name, calls.get(name) + 1);
      response.writeHead(200, { 'content-type': EVENT_STREAM, 'cache-control': 'no-cache' }).end(answer);
      return;
    }
    const [type, body] = fileAt(request.url, installation);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type, 'cache-control': 'no-cache' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: (name) => `http://${name}.localhost:${server.address().port}/`,
    /** Calls that reached the LLM for a contender so far. */
    calls: (name) => calls.get(name),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function fileAt(path, installation) {
  if (!installation) return [HTML, undefined];
  if (path === '/') return [HTML, `<!doctype html><link rel="icon" href="data:,">${installation.head}${asking}`];
  return [SCRIPT, path.startsWith('/refrain') ? built[path] : installation.worker];
}
