// What does a restarted worker still have when its first fetch event arrives, what starts it under static routes, and how
// does a page come back under control after a hard reload?
//
//   node docs/discoveries/probes/worker-start.mjs

import {
  median,
  openControlled,
  pause,
  printTable,
  startBrowser,
  startServer,
  TAKE_CONTROL,
  watchWorkers,
} from './laboratory.mjs';

const RESTARTS = 50;
const FIRST_VISITS = 20;
const TABS = 4;

const worker = `${TAKE_CONTROL}
  let counter = 0;
  const routed = new URL(location.href).searchParams.has('routes');
  addEventListener('install', (event) => {
    if (routed) event.addRoutes({ condition: { or: [{ requestMethod: 'GET' }, { requestMode: 'navigate' }] }, source: 'network' });
    event.waitUntil(store());
  });

  const openDatabase = () => new Promise((resolve, reject) => {
    const opening = indexedDB.open('configuration', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('all');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  async function store() {
    const text = JSON.stringify({ endpoints: ['https://llm.example/*'] });
    await (await caches.open('configuration')).put('/configuration', new Response(text));
    await done((await openDatabase()).transaction('all', 'readwrite').objectStore('all').put(text, 'one'));
    const file = await (await navigator.storage.getDirectory()).getFileHandle('configuration', { create: true });
    const out = await file.createWritable();
    await out.write(text);
    await out.close();
  }
  const readers = {
    'Cache Storage': async () => (await (await caches.open('configuration')).match('/configuration'))?.text(),
    IndexedDB: async () => done((await openDatabase()).transaction('all').objectStore('all').get('one')),
    OPFS: async () => (await (await (await navigator.storage.getDirectory()).getFileHandle('configuration')).getFile()).text(),
  };
  // Started as early as a worker can, and each on its own, so that none waits for another.
  const startedAt = performance.now();
  const readAt = {};
  const readings = Object.entries(readers).map(async ([name, read]) => {
    const text = await read().catch(() => undefined);
    if (text) readAt[name] = performance.now() - startedAt;
  });

  addEventListener('fetch', (event) => {
    if (event.request.method !== 'POST') return;
    const eventAt = performance.now() - startedAt;
    const known = Object.keys(readAt);
    event.respondWith((async () => {
      await Promise.all(readings);
      return Response.json({ counter: ++counter, eventAt, known, readAt });
    })());
  });
`;

const site = await startServer({ '/': '<title>probe</title>', '/worker.js': worker, '/data': '{}' });
const browser = await startBrowser();

/** One POST, which every worker here answers; `ms` is what the page waited. */
const post = (page) =>
  page.evaluate(async () => {
    const from = performance.now();
    const answer = await (await fetch('/llm', { method: 'POST', body: '{}' })).json();
    return { ...answer, ms: performance.now() - from };
  });

async function firstEvents() {
  const context = await browser.newContext();
  const page = await openControlled(context, site.origin);
  const workers = await watchWorkers(context, page);
  const firsts = [];
  const again = [];
  for (let i = 0; i < RESTARTS; i++) {
    await workers.stop();
    firsts.push(await post(page));
    again.push(await post(page));
  }
  const rows = [['store', 'read before the first fetch event', 'read how long after it (median)']];
  for (const name of Object.keys(firsts[0].readAt)) {
    const before = firsts.filter((first) => first.known.includes(name)).length;
    const late = median(firsts.map((first) => first.readAt[name] - first.eventAt));
    rows.push([name, `${before} of ${RESTARTS}`, `${late.toFixed(1)} ms`]);
  }
  printTable(`First fetch event after a restart, ${RESTARTS} restarts`, rows);
  const lost = firsts.filter((first) => first.counter === 1).length;
  console.log(
    `\nMemory (a counter) was lost in ${lost} of ${RESTARTS} restarts; without one it went on to ${again.at(-1).counter}.`,
  );
  console.log(
    `The first event came ${median(firsts.map((first) => first.eventAt)).toFixed(1)} ms after the script began (median).`,
  );
  console.log(
    `A POST took ${median(firsts.map((first) => first.ms)).toFixed(0)} ms with the worker stopped, ${median(again.map((next) => next.ms)).toFixed(0)} ms with it running (medians, all three stores read).`,
  );
  await context.close();
}

const touches = {
  'fetch GET': (page) => page.evaluate(() => fetch('/data').then((response) => response.text())),
  'image GET': (page) =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          const image = new Image();
          image.onerror = resolve;
          image.src = `/data?image=${Math.random()}`;
        }),
    ),
  'fetch POST': (page) => post(page),
  'navigation to the same site': (page) => page.goto(`${site.origin}/?${Math.random()}`),
  reload: (page) => page.reload(),
};

async function whatStartsIt() {
  const rows = [['after the worker was stopped', 'no static routes', 'GET and navigations routed to the network']];
  const started = {};
  const runs = 5;
  for (const script of ['/worker.js', '/worker.js?routes']) {
    const context = await browser.newContext();
    const page = await openControlled(context, site.origin, script);
    const workers = await watchWorkers(context, page);
    for (const [name, touch] of Object.entries(touches)) {
      let count = 0;
      for (let i = 0; i < runs; i++) {
        await workers.stop();
        await touch(page);
        // Nothing announces that a worker will stay stopped: half a second is far above a start.
        await pause(500);
        if (workers.status() !== 'stopped') count += 1;
      }
      started[name] = [...(started[name] ?? []), `started ${count} of ${runs}`];
    }
    await context.close();
  }
  for (const [name, cells] of Object.entries(started)) rows.push([name, ...cells]);
  printTable('What starts a stopped worker', rows);
}

async function hardReload() {
  const runs = 5;
  const context = await browser.newContext();
  const page = await openControlled(context, site.origin);
  const session = await context.newCDPSession(page);
  const controlled = () => page.evaluate(() => Boolean(navigator.serviceWorker.controller));
  const waits = [];
  const counts = { soft: 0, hard: 0, claimed: 0, answered: 0 };
  for (let i = 0; i < runs; i++) {
    await page.reload();
    if (await controlled()) counts.soft += 1;
    const loaded = page.waitForEvent('load');
    await session.send('Page.reload', { ignoreCache: true });
    await loaded;
    if (await controlled()) counts.hard += 1;
    waits.push(
      await page.evaluate(async () => {
        const { active } = await navigator.serviceWorker.ready;
        const from = performance.now();
        const changed = new Promise((resolve) => {
          navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
        });
        active.postMessage('claim');
        await changed;
        return performance.now() - from;
      }),
    );
    if (await controlled()) counts.claimed += 1;
    if ((await post(page)).counter) counts.answered += 1;
  }
  printTable(`Reloads, ${runs} runs`, [
    ['', 'page has a controller'],
    ['reload', `${counts.soft} of ${runs}`],
    ['hard reload', `${counts.hard} of ${runs}`],
    [
      'hard reload, then a message and clients.claim()',
      `${counts.claimed} of ${runs}, after ${median(waits).toFixed(1)} ms; the next POST reached the worker ${counts.answered} of ${runs}`,
    ],
  ]);
  await context.close();
}

/** Tabs that open together on a first visit, all of them registering the same worker. */
async function firstVisit() {
  const counts = { controlled: 0, left: 0, claimed: 0 };
  for (let i = 0; i < FIRST_VISITS; i++) {
    const context = await browser.newContext();
    const visit = async () => {
      const page = await context.newPage();
      await page.goto(site.origin);
      return page.evaluate(async () => {
        const { serviceWorker } = navigator;
        const change = (deadline) =>
          new Promise((resolve) => {
            serviceWorker.addEventListener('controllerchange', resolve, { once: true });
            setTimeout(resolve, deadline);
          });
        await serviceWorker.register('/worker.js');
        const { active } = await serviceWorker.ready;
        // Nothing announces that no controller will come: 1.5 s is far above the few milliseconds it takes.
        if (!serviceWorker.controller) await change(1500);
        if (serviceWorker.controller) return 'controlled';
        active.postMessage('claim');
        await change(5000);
        return serviceWorker.controller ? 'claimed' : 'left';
      });
    };
    for (const outcome of await Promise.all(Array.from({ length: TABS }, visit))) counts[outcome] += 1;
    await context.close();
  }
  printTable(`${TABS} tabs at once on a first visit, ${FIRST_VISITS} visits, clients.claim() in activate`, [
    ['tabs', 'under control by themselves', 'only after a message and clients.claim()', 'never'],
    [TABS * FIRST_VISITS, counts.controlled, counts.claimed, counts.left],
  ]);
}

try {
  console.log(`Chromium ${browser.version()}`);
  await firstEvents();
  await whatStartsIt();
  await hardReload();
  await firstVisit();
} finally {
  await browser.close();
  await site.close();
}
