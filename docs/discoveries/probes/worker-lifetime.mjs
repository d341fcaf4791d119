// How long does a worker live: while a stream passes through it, with and without waitUntil, after the page aborted, and
// idle? The browser is started without any debugger, since an attached one keeps the worker alive; pages and workers
// report to the server instead.
//
//   node docs/discoveries/probes/worker-lifetime.mjs            (Chromium; seven minutes, nearly all of it waiting)
//   node docs/discoveries/probes/worker-lifetime.mjs firefox    (needs firefox-esr)

import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium, launchOptions } from '../../../e2e/browser/find-chromium.mjs';
import { pause, printTable, startServer, TAKE_CONTROL, until } from './laboratory.mjs';

const LONG_S = 380;

// One scenario has one origin, so that no two share a worker, or the six connections a browser opens to a host.
const scenarios = {
  'fetch(event.request) passed on': { style: 'plain', seconds: LONG_S },
  'JavaScript stream': { style: 'stream', seconds: LONG_S },
  'JavaScript stream, waitUntil to its end': { style: 'stream', hold: LONG_S + 60, seconds: LONG_S },
  'JavaScript stream, waitUntil for 240 s': { style: 'stream', hold: 240, seconds: LONG_S },
  'page aborts after 5 s, recorder without waitUntil': { style: 'stream', seconds: 90, abortAfter: 5 },
  'page aborts after 5 s, recorder in waitUntil': { style: 'stream', hold: 150, seconds: 90, abortAfter: 5 },
  'asked again after 20 s': { idle: 20 },
  'asked again after 40 s': { idle: 40 },
  'asked again after 60 s': { idle: 60 },
};

const worker = `${TAKE_CONTROL}
  let asked = 0;
  const note = (what) => fetch('/note', { method: 'PUT', body: what });
  addEventListener('message', (event) => event.ports[0].postMessage(++asked));
  addEventListener('fetch', (event) => {
    const url = new URL(event.request.url);
    if (url.pathname !== '/llm') return;
    if (url.searchParams.get('style') === 'plain') return event.respondWith(fetch(event.request));
    const hold = Number(url.searchParams.get('hold'));
    let chunks = 0;
    let left = false;
    event.respondWith((async () => {
      const reader = (await fetch(url)).body.getReader();
      let out;
      const recording = (async () => {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          chunks += 1;
          if (!left) out.enqueue(value);
        }
        if (!left) out.close();
        await note('recorded ' + chunks);
      })().catch((error) => { if (!left) out.error(error); });
      if (hold) event.waitUntil(Promise.race([recording, new Promise((resolve) => setTimeout(resolve, hold * 1000))]));
      return new Response(new ReadableStream({ start(c) { out = c; }, cancel() { left = true; } }));
    })());
  });
`;

const page = (scenario) => `<!doctype html><script type="module">
  const scenario = ${JSON.stringify(scenario)};
  const report = (what) => fetch('/report', { method: 'PUT', body: what });
  await navigator.serviceWorker.register('/worker.js');
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
  const ask = () => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => resolve(event.data);
    navigator.serviceWorker.controller.postMessage('count', [port2]);
  });
  if (scenario.idle) {
    await ask();
    setTimeout(async () => report((await ask()) === 2 ? 'memory kept' : 'memory lost'), scenario.idle * 1000);
  } else {
    const controller = new AbortController();
    if (scenario.abortAfter) setTimeout(() => controller.abort(), scenario.abortAfter * 1000);
    const from = performance.now();
    const seconds = () => Math.round((performance.now() - from) / 1000) + ' s';
    let text = '';
    try {
      const response = await fetch('/llm?' + new URLSearchParams(scenario), { signal: controller.signal });
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) text += chunk;
      report((text.endsWith('done') ? 'whole, ' : 'clean end, TRUNCATED, ') + seconds());
    } catch (error) {
      report(error.name + ': ' + error.message + ', after ' + seconds());
    }
  }
</script>`;

async function serve(scenario) {
  const seen = { report: undefined, recorded: undefined, upstream: undefined };
  const keep = (name) => (_request, response, body) => {
    seen[name] = body;
    response.writeHead(204).end();
  };
  const server = await startServer({
    '/': page(scenario),
    '/worker.js': worker,
    '/report': keep('report'),
    '/note': keep('recorded'),
    '/llm': async (_request, response) => {
      const from = Date.now();
      response.on('close', () => {
        seen.upstream = `${response.writableFinished ? 'ran to its end' : 'closed'}, ${Math.round((Date.now() - from) / 1000)} s`;
      });
      for (let i = 0; i < scenario.seconds && !response.destroyed; i++) {
        response.write('a token ');
        await pause(1000);
      }
      if (!response.destroyed) response.end('done');
    },
  });
  return { seen, server };
}

const isFirefox = process.argv[2] === 'firefox';
const folder = await mkdtemp(join(tmpdir(), 'lifetime-probe-'));
const runs = [];
for (const [title, scenario] of Object.entries(scenarios)) runs.push({ title, scenario, ...(await serve(scenario)) });
// Frames of one visible page: tabs in the background would have their timers throttled.
const top = await startServer({ '/': runs.map(({ server }) => `<iframe src="${server.origin}"></iframe>`).join('') });
const { executablePath, args, version } = isFirefox ? firefox(folder) : chromium(folder);
const browser = spawn(executablePath, [...args, top.origin], {
  stdio: 'ignore',
  detached: process.platform !== 'win32',
});
try {
  console.log(`${version ?? 'Chromium'}, no debugger attached`);
  const finished = ({ seen, scenario }) => seen.report && (scenario.idle || seen.upstream);
  await until(() => runs.every(finished), 'every scenario ends', (LONG_S + 90) * 1000);
  printTable('Worker lifetimes', [
    ['scenario', 'the page saw', 'upstream', 'the recorder'],
    ...runs.map(({ title, scenario, seen }) => [
      title,
      seen.report,
      seen.upstream ?? '-',
      scenario.style === 'stream' ? (seen.recorded ?? 'lost') : '-',
    ]),
  ]);
} finally {
  if (process.platform === 'win32') browser.kill();
  else process.kill(-browser.pid);
  for (const { server } of [...runs, { server: top }]) await server.close();
  // The browser may still be writing its profile for a moment.
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

function chromium(profile) {
  const { executablePath, version } = findChromium();
  const own = ['--headless', `--user-data-dir=${profile}`, '--no-default-browser-check'];
  return { executablePath, version, args: [...launchOptions().args, ...own] };
}

function firefox(profile) {
  const executablePath = 'firefox-esr';
  const version = spawnSync(executablePath, ['--version'], { encoding: 'utf8' }).stdout?.trim();
  return { executablePath, version, args: ['--headless', '--no-remote', '--profile', profile] };
}
