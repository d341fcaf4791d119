// Which properties survive `new Request(event.request, { headers, body })` in the worker, and does passing referrer and
// referrerPolicy mend what is lost? The Referer header that upstream gets is the judge.
//
//   node docs/discoveries/probes/request-copies.mjs

import { createHash } from 'node:crypto';
import { openControlled, printTable, startBrowser, startServer, TAKE_CONTROL } from './laboratory.mjs';

const ANSWER = 'the answer';
const INTEGRITY = `sha256-${createHash('sha256').update(ANSWER).digest('base64')}`;
const PROPERTIES = [
  'method',
  'mode',
  'credentials',
  'cache',
  'redirect',
  'integrity',
  'keepalive',
  'referrer',
  'referrerPolicy',
];

const worker = `${TAKE_CONTROL}
  const copies = {
    'event.request': (request) => request,
    'new Request(r)': (request) => new Request(request),
    'new Request(r, { headers, body })': async (request) =>
      new Request(request, { headers: request.headers, body: await request.clone().text() }),
    '… with referrer, referrerPolicy': async (request) => {
      const { headers, referrer, referrerPolicy } = request;
      return new Request(request, { headers, body: await request.clone().text(), referrer, referrerPolicy });
    },
  };
  addEventListener('fetch', (event) => {
    const how = decodeURIComponent(event.request.headers.get('x-how') ?? '');
    if (!how) return;
    event.respondWith((async () => {
      const copy = await copies[how](event.request);
      const client = await clients.get(event.clientId);
      client.postMessage(Object.fromEntries(${JSON.stringify(PROPERTIES)}.map((name) => [name, String(copy[name])])));
      return fetch(copy);
    })());
  });
`;

let upstreamSaw;
const answer = (request, response, body) => {
  upstreamSaw = { Referer: request.headers.referer ?? 'none', Cookie: request.headers.cookie ?? 'none', Body: body };
  response
    .writeHead(200, {
      'access-control-allow-origin': site.origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'x-how, content-type',
      'set-cookie': 'session=1; path=/',
    })
    .end(ANSWER);
};
const page = '<title>probe</title>';
const other = await startServer({ '/llm': answer });
const site = await startServer({ '/chat/page.html': page, '/worker.js': worker, '/llm': answer });
const browser = await startBrowser();

const HOWS = [
  'event.request',
  'new Request(r)',
  'new Request(r, { headers, body })',
  '… with referrer, referrerPolicy',
];
const cases = {
  'everything set, other origin': {
    origin: other.origin,
    init: {
      mode: 'cors',
      credentials: 'include',
      cache: 'no-store',
      redirect: 'error',
      integrity: INTEGRITY,
      keepalive: true,
      referrer: '/chat/elsewhere?a=1',
      referrerPolicy: 'unsafe-url',
    },
  },
  'defaults, other origin': { origin: other.origin, init: {} },
  'defaults, same origin': { origin: site.origin, init: {} },
  "referrer: '', same origin": { origin: site.origin, init: { referrer: '' } },
  'no-referrer, same origin': { origin: site.origin, init: { referrerPolicy: 'no-referrer' } },
};

async function look(tab, url, init, how) {
  upstreamSaw = {};
  const seen = await tab.evaluate(
    async (call) => {
      const told = new Promise((resolve) => {
        navigator.serviceWorker.addEventListener('message', (event) => resolve(event.data), { once: true });
        navigator.serviceWorker.startMessages();
      });
      const headers = { 'content-type': 'application/json', 'x-how': encodeURIComponent(call.how) };
      const response = await fetch(call.url, { method: 'POST', body: '{"q":1}', headers, ...call.init });
      return { ...(await told), 'the page reads': await response.text() };
    },
    { url, init, how },
  );
  return { ...seen, ...upstreamSaw };
}

const short = (text) =>
  text.replaceAll(site.origin, 'site').replaceAll(other.origin, 'other').replace(INTEGRITY, 'sha256-…') || "''";

try {
  console.log(`Chromium ${browser.version()}`);
  const tab = await openControlled(await browser.newContext(), `${site.origin}/chat/page.html`);
  // The session cookie of the other origin, so that `credentials: 'include'` has something to carry.
  await tab.evaluate((url) => fetch(url, { credentials: 'include' }), `${other.origin}/llm`);
  for (const [title, { origin, init }] of Object.entries(cases)) {
    const columns = [];
    for (const how of HOWS) columns.push(await look(tab, `${origin}/llm`, init, how));
    const [asGiven] = columns;
    const differs = Object.keys(asGiven).filter((name) => columns.some((column) => column[name] !== asGiven[name]));
    const kept = Object.keys(asGiven).filter((name) => !differs.includes(name));
    printTable(title, [
      ['', ...HOWS],
      ...differs.map((name) => [name, ...columns.map((column) => short(column[name]))]),
    ]);
    console.log(`\nThe same in all four: ${kept.map((name) => `${name} ${short(asGiven[name])}`).join('; ')}`);
  }
} finally {
  await browser.close();
  await site.close();
  await other.close();
}
