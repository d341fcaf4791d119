// What does the page see of a Response that its worker made, and are chunk edges kept?
//
//   node docs/discoveries/probes/response-identity.mjs

import { allowAnyOrigin, openControlled, printTable, startBrowser, startServer, TAKE_CONTROL } from './laboratory.mjs';

const CHUNKS = [1, 10, 100, 1000, 10_000, 70_000, 200_000];

const worker = `${TAKE_CONTROL}
  const sizes = ${JSON.stringify(CHUNKS)};
  const turn = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const answers = {
    synthetic: () => new Response('made here', { status: 201, statusText: 'Made', headers: { 'content-type': 'text/plain', 'x-own': '1' } }),
    passed: (request) => fetch(request),
    rewrapped: async (request) => { const answer = await fetch(request); return new Response(answer.body, answer); },
    error: () => Response.error(),
    atOnce: () => new Response(new ReadableStream({ start(c) { for (const n of sizes) c.enqueue(new Uint8Array(n)); c.close(); } })),
    onPull: () => { let i = 0; return new Response(new ReadableStream({ pull(c) { if (i < sizes.length) c.enqueue(new Uint8Array(sizes[i++])); else c.close(); } }, { highWaterMark: 0 })); },
    paced: () => { let i = 0; return new Response(new ReadableStream({ async pull(c) { await turn(50); if (i < sizes.length) c.enqueue(new Uint8Array(sizes[i++])); else c.close(); } }, { highWaterMark: 0 })); },
    blob: () => new Response(new Blob(sizes.map((n) => new Uint8Array(n)))),
    buffer: () => new Response(new Uint8Array(sizes.reduce((a, b) => a + b))),
  };
  addEventListener('fetch', (event) => {
    const how = new URL(event.request.url).searchParams.get('how');
    if (how) event.respondWith(answers[how](event.request));
  });
`;

const plain = (_request, response) =>
  response.writeHead(200, { ...allowAnyOrigin, 'x-own': '1' }).end('from the network');
const redirect = (_request, response) =>
  response.writeHead(302, { ...allowAnyOrigin, location: `/final${new URL(_request.url, 'http://x').search}` }).end();
const upstream = await startServer({ '/llm': plain, '/moved': redirect, '/final': plain });
const site = await startServer({
  '/': '<title>probe</title>',
  '/worker.js': worker,
  '/llm': plain,
  '/moved': redirect,
  '/final': plain,
});
const browser = await startBrowser();
try {
  const page = await openControlled(await browser.newContext(), site.origin);

  const look = (url) =>
    page.evaluate(async (target) => {
      try {
        const answer = await fetch(target, { method: 'GET' });
        return {
          url: answer.url,
          type: answer.type,
          redirected: answer.redirected,
          status: `${answer.status} ${answer.statusText}`,
          own: answer.headers.get('x-own'),
        };
      } catch (error) {
        return { url: String(error), type: '-', redirected: '-', status: '-', own: '-' };
      }
    }, url);
  const shorten = (text) => text.replaceAll(upstream.origin, 'other').replaceAll(site.origin, 'site');
  const rows = [['request', 'answer', 'url', 'type', 'redirected', 'status', 'x-own']];
  for (const origin of [site.origin, upstream.origin]) {
    for (const [path, how] of [
      ['/llm', ''],
      ['/llm', 'synthetic'],
      ['/llm', 'passed'],
      ['/llm', 'rewrapped'],
      ['/moved', ''],
      ['/moved', 'passed'],
      ['/moved', 'rewrapped'],
      ['/llm', 'error'],
    ]) {
      const url = `${origin}${path}${how && `?how=${how}`}`;
      const seen = await look(url);
      rows.push([
        shorten(origin + path),
        how || 'no worker',
        shorten(seen.url),
        seen.type,
        seen.redirected,
        seen.status,
        seen.own,
      ]);
    }
  }
  console.log(`Chromium ${browser.version()}`);
  printTable('What the page sees', rows);

  const chunks = [
    ['the worker gives', 'the page reads chunks of'],
    ['(sizes given)', CHUNKS.join(', ')],
  ];
  for (const how of ['atOnce', 'onPull', 'paced', 'blob', 'buffer']) {
    const sizes = await page.evaluate(async (url) => {
      const read = [];
      for await (const chunk of (await fetch(url)).body) read.push(chunk.byteLength);
      return read;
    }, `${site.origin}/llm?how=${how}`);
    chunks.push([
      how,
      sizes.length > 12 ? `${sizes.length} chunks: ${sizes.slice(0, 8).join(', ')} …` : sizes.join(', '),
    ]);
  }
  printTable('Chunk edges', chunks);
} finally {
  await browser.close();
  await site.close();
  await upstream.close();
}
