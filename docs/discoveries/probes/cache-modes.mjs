// Does the worker see the cache mode the app gave, also under Playwright's routing and with the cache disabled? Are the
// cache-control and pragma headers that the browser adds for some modes visible to the worker?
//
//   node docs/discoveries/probes/cache-modes.mjs

import { allowAnyOrigin, openControlled, printTable, startBrowser, startServer, TAKE_CONTROL } from './laboratory.mjs';

const MODES = ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'];

const worker = `${TAKE_CONTROL}
  addEventListener('fetch', (event) => {
    const { request } = event;
    if (!request.url.includes('/llm')) return;
    event.respondWith((async () => {
      const headers = [...request.headers].filter(([name]) => /cache-control|pragma/.test(name));
      if (request.cache !== 'only-if-cached') await fetch(request.clone());
      return Response.json({ mode: request.cache, headers });
    })());
  });
`;

let upstreamSaw = '';
const answer = (request, response) => {
  const names = Object.entries(request.headers).filter(([name]) => /cache-control|pragma/.test(name));
  upstreamSaw = names.map(([name, value]) => `${name}: ${value}`).join(', ') || 'no such header';
  response.writeHead(200, { ...allowAnyOrigin, 'cache-control': 'no-store' }).end('{}');
};
const other = await startServer({ '/llm': answer });
const site = await startServer({ '/': '<title>probe</title>', '/worker.js': worker, '/llm': answer });
const browser = await startBrowser();

async function disableCache(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
}

const situations = {
  'nothing special': async () => {},
  'page.route("**/*")': (page) => page.route('**/*', (route) => route.continue()),
  'page.route of another URL': (page) => page.route('**/never-asked', (route) => route.abort()),
  'context.route("**/*")': (page) => page.context().route('**/*', (route) => route.continue()),
  'Network.setCacheDisabled': disableCache,
};
const calls = [
  ['GET, same origin', 'GET', site.origin],
  ['GET, other origin', 'GET', other.origin],
  ['POST, same origin', 'POST', site.origin],
  ['POST, other origin', 'POST', other.origin],
];

/** One call from a page of its own, since one combination crashes the page. */
async function call(context, arrange, controlled, { headers, ...init }) {
  const page = controlled ? await openControlled(context, site.origin) : await context.newPage();
  if (!controlled) await page.goto(site.origin);
  await arrange(page);
  upstreamSaw = 'not called';
  const look = page.evaluate(
    async ({ url, ...rest }) => {
      const response = await fetch(url, rest);
      return response.json();
    },
    { ...init, headers: headers ?? {}, mode: init.cache === 'only-if-cached' ? 'same-origin' : 'cors' },
  );
  const seen = await look.catch((error) => ({
    mode: error.message.split('\n')[0].replace('page.evaluate: ', '').trim(),
    headers: [],
  }));
  await page.close();
  return { mode: seen.mode, headers: seen.headers.map(([name, value]) => `${name}: ${value}`).join(', '), upstreamSaw };
}

try {
  console.log(`Chromium ${browser.version()}`);
  const modes = [['situation', 'calls', ...MODES]];
  const carried = new Map();
  let workerSawHeader = 0;
  let total = 0;
  for (const [title, arrange] of Object.entries(situations)) {
    const answers = MODES.map(() => new Set());
    for (const [, method, origin] of calls) {
      const context = await browser.newContext();
      for (const [index, cache] of MODES.entries()) {
        if (cache === 'only-if-cached' && origin !== site.origin) continue;
        const body = method === 'POST' ? '{}' : undefined;
        const seen = await call(context, arrange, true, { url: `${origin}/llm`, method, cache, body });
        total += 1;
        if (seen.headers) workerSawHeader += 1;
        answers[index].add(seen.mode);
        if (title === 'nothing special') carried.set(cache, (carried.get(cache) ?? new Set()).add(seen.upstreamSaw));
      }
      await context.close();
    }
    modes.push([title, calls.length, ...answers.map((set) => [...set].join(' or '))]);
  }
  printTable('event.request.cache as the worker sees it, for each mode the app gave', modes);
  printTable('What the browser adds on the way upstream (nothing special)', [
    ['mode', 'upstream sees'],
    ...[...carried].map(([mode, seen]) => [mode, [...seen].join(' or ')]),
  ]);
  console.log(`\nThe worker saw one of these headers in ${workerSawHeader} of ${total} calls.`);

  const context = await browser.newContext();
  const own = await call(context, async () => {}, true, {
    url: `${site.origin}/llm`,
    method: 'POST',
    headers: { 'cache-control': 'no-cache', pragma: 'no-cache' },
    body: '{}',
  });
  console.log(`Set by the app itself, the worker saw: ${own.headers}; mode ${own.mode}.`);
  const bare = [];
  for (let i = 0; i < 5; i++) {
    const seen = await call(context, disableCache, false, {
      url: `${site.origin}/llm`,
      method: 'GET',
      cache: 'only-if-cached',
    });
    bare.push(seen.mode);
  }
  console.log(`only-if-cached with the cache disabled and no worker, 5 times: ${[...new Set(bare)].join(' or ')}`);
} finally {
  await browser.close();
  await site.close();
  await other.close();
}
