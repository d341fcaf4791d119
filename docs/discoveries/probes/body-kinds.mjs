// How fast is an answer with the page, by what its worker makes the Response of, and what is left when the worker dies?
//
//   node docs/discoveries/probes/body-kinds.mjs

import { createServer } from 'node:http';
import { startChromium } from '../../../bench/chromium.mjs';
import { registration, takeControl } from '../../../bench/contenders/registration.mjs';
import { mulberry, printTable, quantile, shuffled } from '../../../bench/figures.mjs';

const ROUNDS = 150;
const SIZES = [8000, 120_000, 1_000_000];
const KINDS = ['bytes', 'blob', 'stream'];
/** Milliseconds from the headers to the worker's end. */
const PAUSES = [0, 100];

const worker = `${takeControl}
  const bodies = {
    bytes: (bytes) => bytes,
    blob: (bytes) => new Blob([bytes]),
    stream: (bytes) => new ReadableStream({ start(c) { c.enqueue(bytes); c.close(); } }),
  };
  const kept = new Map();
  addEventListener('fetch', (event) => {
    const [, kind, size] = /answer\\/(\\w+)\\/(\\d+)/.exec(event.request.url) ?? [];
    if (!kind) return;
    if (!kept.has(size)) kept.set(size, new Uint8Array(Number(size)).fill(97));
    event.respondWith(new Response(bodies[kind](kept.get(size)), { headers: { 'content-type': 'text/event-stream' } }));
  });
`;
const document = `<!doctype html><link rel="icon" href="data:,">${registration}<script>
  let held;
  async function time(kind, size) {
    const start = performance.now();
    const { byteLength } = await (await fetch('/answer/' + kind + '/' + size)).arrayBuffer();
    if (byteLength !== size) throw new Error(kind + ' gave ' + byteLength + ' bytes');
    return performance.now() - start;
  }
  async function ask(kind, size) { held = await fetch('/answer/' + kind + '/' + size); }
  function read() { return held.arrayBuffer().then((bytes) => bytes.byteLength, (error) => error.name); }
</script>`;

const server = createServer(({ url }, response) => {
  const [type, body] = url === '/worker.js' ? ['text/javascript', worker] : ['text/html', document];
  response.writeHead(200, { 'content-type': type }).end(body);
}).listen(0);
const browser = await startChromium();
try {
  const page = await browser.open(`http://localhost:${server.address().port}/`);
  await page.run('controlled');
  const random = mulberry(1);
  const samples = new Map();
  for (let round = -10; round < ROUNDS; round++)
    for (const size of SIZES)
      for (const kind of shuffled(KINDS, random)) {
        const ms = await page.run(`time('${kind}', ${size})`);
        const id = `${kind} ${size}`;
        if (round >= 0) samples.set(id, [...(samples.get(id) ?? []), ms]);
      }
  printTable('Milliseconds from fetch to the last byte, median, and of that of bytes', [
    ['', ...SIZES.map((size) => `${size / 1000} kB`)],
    ...KINDS.map((kind) => [
      kind,
      ...SIZES.map((size) => {
        const [ms, base] = [kind, 'bytes'].map((each) => quantile(samples.get(`${each} ${size}`), 0.5));
        return `${ms.toFixed(2)} (${(ms / base).toFixed(2)})`;
      }),
    ]),
  ]);
  for (const pause of PAUSES) {
    const rows = [];
    for (const kind of KINDS) {
      const row = [kind];
      for (const size of SIZES) {
        const got = [];
        for (let i = 0; i < 5; i++) {
          await page.run(`ask('${kind}', ${size})`);
          await new Promise((resolve) => setTimeout(resolve, pause));
          await page.stopWorkers();
          const read = await page.run('read()');
          got.push(read === size ? 'whole' : read);
        }
        row.push([...new Set(got)].join(' or '));
      }
      rows.push(row);
    }
    printTable(`The worker is stopped ${pause} ms after the headers, before the page has read`, [
      ['', ...SIZES.map((size) => `${size / 1000} kB`)],
      ...rows,
    ]);
  }
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
