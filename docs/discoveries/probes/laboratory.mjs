// What every probe needs: a server whose routes are functions, the browser, a page under a worker's control, and a
// table to print. Each probe says in its own head what question it answers and how to run it.

import { createServer } from 'node:http';
import { chromium } from 'playwright';
import { launchOptions } from '../../../e2e/browser/find-chromium.mjs';

/**
 * Starts a server on a free port of `localhost`, a secure context, so service workers need no certificate. `routes`
 * maps a path to a text (its type follows from the path's ending) or to `(request, response, body) => void`. Every
 * request is kept in `seen`, with `closedAt`, the time its connection ended before its answer did.
 */
export async function startServer(routes) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const record = {
      method: request.method,
      path: url.pathname,
      headers: request.headers,
      startedAt: Date.now(),
      closedAt: undefined,
      finishedAt: undefined,
    };
    seen.push(record);
    response.on('finish', () => {
      record.finishedAt = Date.now();
    });
    response.on('close', () => {
      if (!response.writableFinished) record.closedAt = Date.now();
    });
    const route = routes[url.pathname];
    if (route === undefined) return response.writeHead(404).end();
    if (typeof route === 'string') return response.writeHead(200, { 'content-type': typeOf(url.pathname) }).end(route);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    route(request, response, Buffer.concat(chunks).toString());
  });
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
  return {
    seen,
    origin: `http://localhost:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function typeOf(path) {
  if (path.endsWith('.js')) return 'text/javascript';
  if (path.endsWith('.json')) return 'application/json';
  return path === '/' || path.endsWith('.html') ? 'text/html' : 'text/plain';
}

export const allowAnyOrigin = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': '*',
  'access-control-allow-headers': '*, authorization',
};

/** Starts the browser the tests run in; `more` are further options of Playwright's `launch`. */
export function startBrowser(more = {}) {
  return chromium.launch({ ...launchOptions(), ...more });
}

/** Starts it with a profile in `folder`, on disk; the contexts of `startBrowser` keep everything in memory. */
export function startBrowserOnDisk(folder) {
  return chromium.launchPersistentContext(folder, launchOptions());
}

/** Opens `url` in a new page and resolves once its worker, `/worker.js`, controls it. */
export async function openControlled(context, url, workerUrl = '/worker.js') {
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(async (script) => {
    await navigator.serviceWorker.register(script);
    const { active } = await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller) return;
    const controlled = new Promise((resolve) => {
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
    });
    // A page that was still loading when the worker claimed its clients is not among them.
    active.postMessage('claim');
    await controlled;
  }, workerUrl);
  return page;
}

/** The lines that make a worker take its pages at once; every probe's worker starts with them. */
export const TAKE_CONTROL = `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('message', (event) => {
    if (event.data !== 'claim') return;
    event.stopImmediatePropagation();
    event.waitUntil(clients.claim());
  });
`;

/** Watches the workers of a context: `status()` is what Chromium last said of them, `stop()` kills them all. */
export async function watchWorkers(context, page) {
  const session = await context.newCDPSession(page);
  const versions = new Map();
  session.on('ServiceWorker.workerVersionUpdated', (update) => {
    for (const version of update.versions) versions.set(version.versionId, version);
  });
  await session.send('ServiceWorker.enable');
  const status = () => [...versions.values()].filter((version) => version.status === 'activated').at(-1)?.runningStatus;
  return {
    status,
    stop: async () => {
      await session.send('ServiceWorker.stopAllWorkers');
      await until(() => status() === 'stopped', 'the worker stops');
    },
    detach: () => session.detach(),
  };
}

/** Resolves with the first truthy value of `look`, asked every 5 ms; rejects after `deadline` ms. */
export async function until(look, what, deadline = 15_000) {
  const end = Date.now() + deadline;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Cannot see that ${what}: ${deadline} ms have passed`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Prints rows of cells as a Markdown table, the first row being its head. */
export function printTable(title, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const [head, ...body] = rows;
  console.log(`\n${title}\n\n${[line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')}`);
}
