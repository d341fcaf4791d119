// What does a page see of a response whose worker is killed in the middle of it, by what its body is made of? Nothing is
// debugged but the pages.
//
//   node docs/discoveries/probes/killed-worker.mjs            (Chromium, half a minute)
//   node docs/discoveries/probes/killed-worker.mjs firefox    (needs firefox-esr)

import { spawnSync } from 'node:child_process';
import puppeteer from 'puppeteer-core';
import { startChromium } from '../../../bench/chromium.mjs';
import { pause, printTable, startServer, TAKE_CONTROL, until } from './laboratory.mjs';

/** By name: the body of a response, given upstream's. */
const bodies = {
  "upstream's own response": 'return upstream',
  'a new response with its body': 'return new Response(upstream.body)',
  'the same, its clone being read': 'drain(upstream.clone()); return new Response(upstream.body)',
  'a clone, upstream being read': 'const clone = upstream.clone(); drain(upstream); return new Response(clone.body)',
  'a clone of a clone that nobody reads, made later':
    'const kept = upstream.clone(); drain(upstream); await wait(); return new Response(kept.clone().body)',
  'one branch of tee(), the other being read':
    'const [one, other] = upstream.body.tee(); drain(new Response(other)); return new Response(one)',
  'pipeThrough(new TransformStream())': 'return new Response(upstream.body.pipeThrough(new TransformStream()))',
  'a stream that pulls':
    'const reader = upstream.body.getReader(); return new Response(new ReadableStream({ async pull(c) { const { done, value } = await reader.read(); done ? c.close() : c.enqueue(value); } }))',
  'a stream that is pushed':
    'let c; const stream = new ReadableStream({ start(given) { c = given; } }); push(upstream.body.getReader(), c); return new Response(stream)',
  'a stream of bytes that is pushed':
    "let c; const stream = new ReadableStream({ type: 'bytes', start(given) { c = given; } }); push(upstream.body.getReader(), c); return new Response(stream)",
  'a stream that is never closed':
    'return new Response(new ReadableStream({ start(c) { setInterval(() => c.enqueue(new TextEncoder().encode("tick ")), 100); } }))',
};

const worker = `${TAKE_CONTROL}
  const wait = () => new Promise((resolve) => setTimeout(resolve, 500));
  const drain = (response) => response.body.pipeTo(new WritableStream()).catch(() => {});
  async function push(reader, c) {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return c.close();
        c.enqueue(value);
      }
    } catch (error) {
      c.error(error);
    }
  }
  const answers = [${Object.values(bodies).map((code) => `async (upstream) => { ${code}; }`)}];
  addEventListener('fetch', (event) => {
    const number = new URL(event.request.url).searchParams.get('body');
    if (number !== null) event.respondWith(fetch('/upstream').then(answers[number]));
  });
`;

const takeControl = `(async () => {
  await navigator.serviceWorker.register('/worker.js');
  const { active } = await navigator.serviceWorker.ready;
  if (navigator.serviceWorker.controller) return;
  const controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
  active.postMessage('claim');
  await controlled;
})()`;

const read = (number) => `(async () => {
  window.count = 0;
  window.end = undefined;
  try {
    for (const reader = (await fetch('/answer?body=${number}')).body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return (window.end = 'a clean end');
      window.count += value.length;
    }
  } catch (error) {
    window.end = String(error);
  }
})(), undefined`;

const server = await startServer({
  '/': '<!doctype html><title>Killed</title>',
  '/worker.js': worker,
  '/upstream': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    const timer = setInterval(() => response.write('tick '), 100);
    response.on('close', () => clearInterval(timer));
  },
});
const browser = process.argv[2] === 'firefox' ? await startFirefox() : await startChromium();
try {
  const rows = [];
  for (const [number, name] of Object.keys(bodies).entries()) {
    const page = await browser.open(server.origin);
    await page.run(takeControl);
    await page.run(read(number));
    await until(() => page.run('window.count > 10'), `the page gets ${name}`);
    const from = Date.now();
    await page.stopWorkers();
    const end = await Promise.race([until(() => page.run('window.end'), 'it ends'), pause(5000)]).catch(
      () => undefined,
    );
    rows.push([name, end ?? 'nothing for 5 s', end ? `${Date.now() - from} ms` : '']);
  }
  printTable(`${browser.version}, worker killed in mid-stream`, [['body', 'the page saw', 'after'], ...rows]);
} finally {
  await browser.close();
  await server.close();
}

async function startFirefox() {
  const executablePath = spawnSync('which', ['firefox-esr'], { encoding: 'utf8' }).stdout.trim();
  const args = ['--remote-allow-system-access'];
  const firefox = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true, args });
  const send = async (method, params) => (await firefox.connection.send(method, params)).result;
  return {
    version: await firefox.version(),
    async open(url) {
      const page = await firefox.newPage();
      await page.goto(url);
      const { contexts } = await send('browsingContext.getTree', { 'moz:scope': 'chrome' });
      return {
        run: (expression) => page.evaluate(expression),
        stopWorkers: () =>
          send('script.evaluate', {
            target: { context: contexts[0].context },
            awaitPromise: true,
            expression: `(async () => {
              const all = Cc['@mozilla.org/serviceworkers/manager;1'].getService(Ci.nsIServiceWorkerManager).getAllRegistrations();
              for (let i = 0; i < all.length; i++)
                await all.queryElementAt(i, Ci.nsIServiceWorkerRegistrationInfo).activeWorker?.terminateWorker();
            })()`,
          }),
      };
    },
    close: () => firefox.close(),
  };
}
