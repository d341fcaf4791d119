// One server for all contenders: each has a host name, and so a site, a quota and a renderer process of its own. It serves the
// page, what the contender adds to it, the LLM, and a page with many pictures and scripts.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { asking } from './asking.mjs';
import { answers, pace } from './works.mjs';

const UPSTREAM = /^\/(\w+)\/v1\/chat\/completions$/;
const SUB_RESOURCE = /^\/part\/(\d+)\.(png|js)(?:\?|$)/;
/** Parts of the page that are none of the worker's business: three pictures for each script. */
export const SUB_RESOURCES = 200;

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==',
  'base64',
);
const types = { js: 'text/javascript; charset=utf-8', png: 'image/png', html: 'text/html; charset=utf-8' };

/**
 * Serves `hosts`, a map from host name (without `.localhost`) to a contender, and to the names of the answers it may be
 * asked for.
 */
export async function startSite(hosts) {
  const files = new Map();
  for (const [name, { contender, asked }] of Object.entries(hosts)) files.set(name, await contender.files(asked));
  const calls = new Map();
  const server = createServer(async (request, response) => {
    const name = request.headers.host?.split(/[.:]/)[0];
    const upstream = UPSTREAM.exec(request.url);
    if (request.method === 'POST' && upstream) {
      for await (const _part of request);
      calls.set(name, (calls.get(name) ?? 0) + 1);
      await answer(upstream[1], response);
      return;
    }
    const [type, body] = fileAt(request.url, hosts[name]?.contender, files.get(name));
    response
      .writeHead(body === undefined ? 404 : 200, {
        'content-type': types[type],
        'cache-control': 'no-store',
        // An isolated page's clock has steps of 5 microseconds, another's of 100.
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      })
      .end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    port,
    url: (name) => `http://${name}.localhost:${port}/`,
    /** Calls that reached the LLM for a host so far. */
    calls: (name) => calls.get(name) ?? 0,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(name, response) {
  const { type, body } = answers[name];
  const head = { 'content-type': type, 'cache-control': 'no-cache' };
  if (name !== 'paced') {
    response.writeHead(200, head).end(body);
    return;
  }
  const start = performance.now();
  const until = (ms) => sleep(Math.max(0, start + ms - performance.now()));
  await until(pace.headers);
  response.writeHead(200, head).flushHeaders();
  const events = body.toString().split(/(?<=\n\n)/);
  for (const [i, event] of events.entries()) {
    await until(pace.headers + i * pace.event);
    response.write(event);
  }
  response.end();
}

function fileAt(path, contender, files) {
  if (!contender) return ['html', undefined];
  const [, number, extension] = SUB_RESOURCE.exec(path) ?? [];
  if (extension === 'js') return ['js', `window.part = ${number};`];
  if (extension === 'png') return ['png', PIXEL];
  const head = `<!doctype html><meta charset="utf-8"><title>Bench</title><link rel="icon" href="data:,">${contender.head}`;
  if (path === '/') return ['html', head + asking];
  if (path === '/parts') return ['html', head + parts()];
  return ['js', files?.[path]];
}

export function pathsOfParts() {
  return Array.from({ length: SUB_RESOURCES }, (_, i) => `/part/${i}.${i % 4 ? 'png' : 'js'}`);
}

function parts() {
  return pathsOfParts()
    .map((path) => (path.endsWith('.js') ? `<script src="${path}"></script>` : `<img src="${path}" alt="">`))
    .join('');
}
