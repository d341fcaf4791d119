// When the page gives up a call (abort, navigation, tab closed), who tells the worker and when does the upstream
// connection close: before the response's headers, and while its body streams?
//
//   node docs/discoveries/probes/aborts.mjs        (about three minutes)

import {
  median,
  openControlled,
  pause,
  printTable,
  startBrowser,
  startServer,
  TAKE_CONTROL,
  until,
} from './laboratory.mjs';

const RUNS = 3;
const UPSTREAM_MS = 4000;
const GIVE_UP_MS = 1000;
const LATE_HEADERS_MS = 2000;
const POLL_MS = 500;

const worker = `${TAKE_CONTROL}
  const note = (id, what) => fetch('/note?id=' + id + '&what=' + what, { keepalive: true });
  const flights = new Map();
  addEventListener('message', (event) => {
    note(event.data.abort, 'message');
    flights.get(event.data.abort)?.abort();
  });
  addEventListener('fetch', (event) => {
    const url = new URL(event.request.url);
    const style = url.searchParams.get('style');
    if (!style || style === 'no worker') return;
    const id = url.searchParams.get('id');
    event.request.signal.addEventListener('abort', () => note(id, 'signal'));
    if (style === 'fetch(event.request)') return event.respondWith(fetch(event.request));
    if (style === 'request.signal passed on') return event.respondWith(fetch(url, { signal: event.request.signal }));
    const controller = new AbortController();
    flights.set(id, controller);
    let timer;
    const poll = async () => {
      if (await clients.get(event.clientId)) return;
      clearInterval(timer);
      note(id, 'poll');
      controller.abort();
    };
    if (style.includes('poll')) timer = setInterval(poll, ${POLL_MS});
    event.respondWith((async () => {
      const upstream = await fetch(url, { signal: controller.signal });
      const reader = upstream.body.getReader();
      return new Response(new ReadableStream({
        async pull(out) {
          const { done, value } = await reader.read();
          if (!done) return out.enqueue(value);
          clearInterval(timer);
          out.close();
        },
        cancel() {
          clearInterval(timer);
          note(id, 'cancel');
          controller.abort();
        },
      }));
    })());
  });
`;

const calls = new Map();
const site = await startServer({
  '/': '<title>probe</title>',
  '/elsewhere': '<title>elsewhere</title>',
  '/worker.js': worker,
  '/note': (request, response) => {
    const { searchParams } = new URL(request.url, site.origin);
    calls.get(searchParams.get('id')).notes.push([searchParams.get('what'), Date.now()]);
    response.writeHead(204).end();
  },
  '/llm': async (request, response) => {
    const { searchParams } = new URL(request.url, site.origin);
    const call = calls.get(searchParams.get('id'));
    response.on('close', () => {
      call.ended = { at: Date.now(), whole: response.writableFinished };
    });
    const end = Date.now() + UPSTREAM_MS;
    response.setHeader('cache-control', 'no-store');
    const moment = searchParams.get('moment');
    if (moment === 'late headers') await pause(LATE_HEADERS_MS);
    if (moment !== 'waiting') {
      while (Date.now() < end && !response.destroyed) {
        response.write('data: a token\n\n');
        await pause(100);
      }
    } else await pause(UPSTREAM_MS);
    if (!response.destroyed) response.end('data: [DONE]\n\n');
  },
});

let calling = 0;
async function giveUp(context, moment, act, style) {
  const page = await openControlled(context, `${site.origin}/`);
  const id = String(++calling);
  const call = { notes: [], ended: undefined };
  calls.set(id, call);
  await page.evaluate(
    ([url, byMessage]) => {
      const controller = new AbortController();
      window.controller = controller;
      controller.signal.addEventListener('abort', () => {
        if (byMessage)
          navigator.serviceWorker.controller.postMessage({ abort: new URL(url, location.href).searchParams.get('id') });
      });
      fetch(url, { signal: controller.signal })
        .then((response) => response.text())
        .catch(() => {});
    },
    [`/llm?${new URLSearchParams({ id, moment, style })}`, style.includes('message')],
  );
  await pause(GIVE_UP_MS);
  const at = Date.now();
  if (act === 'abort') await page.evaluate(() => window.controller.abort());
  if (act === 'navigation') await page.goto(`${site.origin}/elsewhere`);
  if (act === 'tab closed') await page.close();
  await until(() => call.ended, 'the upstream call ends');
  // A note may still be on its way when the connection is already closed.
  await pause(POLL_MS + 200);
  await page.close();
  return {
    closed: call.ended.whole ? undefined : call.ended.at - at,
    told: call.notes.map(([what, when]) => [what, when - at]),
  };
}

function summary(runs) {
  const closed = runs.flatMap((run) => run.closed ?? []);
  const ends = [];
  if (closed.length) ends.push(`closed after ${median(closed)} ms`);
  if (closed.length < runs.length) ends.push(`ran to its end`);
  if (closed.length && closed.length < runs.length) ends.push(`(${closed.length} of ${runs.length} closed)`);
  const told = {};
  for (const [what, ms] of runs.flatMap((run) => run.told)) told[what] = [...(told[what] ?? []), ms];
  const words = Object.entries(told).map(([what, all]) => `${what} ${all.length} of ${runs.length}, ${median(all)} ms`);
  return `${ends.join(', ')}; told: ${words.join(', ') || 'nothing'}`;
}

const ACTS = ['abort', 'navigation', 'tab closed'];
const STYLES = [
  'no worker',
  'fetch(event.request)',
  'request.signal passed on',
  'JavaScript stream',
  `JavaScript stream, poll every ${POLL_MS} ms`,
  'JavaScript stream, message on abort',
];

async function table(browser, title, moment, acts, styles) {
  const context = await browser.newContext();
  const rows = [['how the worker answers', ...acts]];
  for (const style of styles) {
    const cells = [];
    for (const act of acts) {
      if (style.includes('message') && act !== 'abort') {
        cells.push('-');
        continue;
      }
      cells.push(summary(await Promise.all(Array.from({ length: RUNS }, () => giveUp(context, moment, act, style)))));
    }
    rows.push([style, ...cells]);
  }
  printTable(title, rows);
  await context.close();
}

/** Away and back while the call is under way: does the page put aside still get its answer? */
async function awayAndBack(browser, styles) {
  const context = await browser.newContext();
  const moments = ['waiting', 'streaming'];
  const rows = [['how the worker answers', ...moments]];
  for (const style of styles) {
    const cells = [];
    for (const moment of moments) {
      const page = await openControlled(context, `${site.origin}/`);
      const id = String(++calling);
      calls.set(id, { notes: [], ended: undefined });
      await page.evaluate(
        (url) => {
          window.outcome = fetch(url)
            .then((response) => response.text())
            .then((text) => (text.endsWith('[DONE]\n\n') ? 'whole' : 'truncated'), String);
        },
        `/llm?${new URLSearchParams({ id, moment, style })}`,
      );
      await page.goto(`${site.origin}/elsewhere`);
      await pause(GIVE_UP_MS);
      // A page taken from the cache has no second load event.
      await page.goBack({ waitUntil: 'commit' });
      cells.push(await page.evaluate(() => window.outcome ?? 'loaded anew'));
      await page.close();
    }
    rows.push([style, ...cells]);
  }
  printTable(`Away for ${GIVE_UP_MS} ms and back, with the back/forward cache: the answer`, rows);
  await context.close();
}

const browser = await startBrowser();
// Playwright starts Chromium without the back/forward cache; users have it.
const withPageCache = await startBrowser({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });
try {
  console.log(
    `Chromium ${browser.version()}; upstream takes ${UPSTREAM_MS} ms, given up after ${GIVE_UP_MS} ms, ${RUNS} runs each`,
  );
  await table(browser, 'Before the headers, which come with the whole answer', 'waiting', ACTS, STYLES);
  await table(browser, `Before the headers, which come after ${LATE_HEADERS_MS} ms`, 'late headers', ACTS, STYLES);
  await table(browser, 'While the body streams', 'streaming', ACTS, STYLES);
  const kept = STYLES.filter((style) => !style.includes('message') && !style.includes('signal'));
  for (const moment of ['waiting', 'streaming']) {
    await table(withPageCache, `Navigation with the back/forward cache, ${moment}`, moment, ['navigation'], kept);
  }
  await awayAndBack(withPageCache, kept);
} finally {
  await browser.close();
  await withPageCache.close();
  await site.close();
}
