// Which answers are still there when the budget is less than what was asked for? The engine's policy beside plain LRU and
// FIFO, which know each answer by itself and cost nothing, and the best there could be for these frequencies.
//
//   npm run bench:eviction        (some minutes)
//
// Questions are drawn by Zipf's law; LRU and FIFO are simulated on the same draws with the same bytes an answer. The engine
// is the product's own, on real files, and merges as often as it would. Also tells how many bytes are written to disk for a
// byte that is stored. Writes bench/results/eviction.json.

import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { startChromium } from './chromium.mjs';
import { mulberry, printTable } from './figures.mjs';

const RESULTS = new URL('results/', import.meta.url);
const QUESTIONS = 10_000;
const REQUESTS = 40_000;
/** Requests until the store is full and what is there is no longer chance: not counted. */
const WARM_UP = 10_000;
const AT_ONCE = 400;
const EXPONENTS = [0.8, 1];
const SHARES = [0.05, 0.2];
/** Bytes of a record beside its body, for the simulated policies. */
const RECORD = 480;

const site = await startSite();
const browser = await startChromium();
const rows = [];
try {
  const page = await browser.open(site.url);
  const random = mulberry(3);
  const sizes = Array.from({ length: QUESTIONS }, () => Math.round(2000 * 16 ** random()));
  const total = sizes.reduce((sum, size) => sum + size + RECORD, 0);
  for (const exponent of EXPONENTS)
    for (const share of SHARES) {
      const budget = Math.round(total * share);
      const trace = zipf(exponent);
      const engine = await replay(page, trace, sizes, budget);
      const row = {
        exponent,
        share,
        engine: engine.ratio,
        lru: simulate(trace, sizes, budget, true),
        fifo: simulate(trace, sizes, budget, false),
        best: best(trace, sizes, budget),
        amplification: engine.amplification,
        used: engine.bytes / budget,
      };
      rows.push(row);
      console.error(JSON.stringify(row));
    }
} finally {
  await browser.close();
  await site.close();
}

const percent = (ratio) => `${(ratio * 100).toFixed(1)} %`;
printTable(`Hits of ${REQUESTS - WARM_UP} requests for ${QUESTIONS} questions of 2 to 32 kB`, [
  [
    'Zipf exponent',
    'budget',
    'Refrain',
    'LRU',
    'FIFO',
    'most asked kept',
    'of LRU',
    'budget in use',
    'written a byte stored',
  ],
  ...rows.map((row) => [
    String(row.exponent),
    percent(row.share),
    ...[row.engine, row.lru, row.fifo, row.best].map(percent),
    (row.engine / row.lru).toFixed(2),
    percent(row.used),
    row.amplification.toFixed(2),
  ]),
]);
await mkdir(RESULTS, { recursive: true });
await writeFile(
  new URL('eviction.json', RESULTS),
  `${JSON.stringify({ at: new Date().toISOString(), browser: browser.version, questions: QUESTIONS, requests: REQUESTS, rows })}\n`,
);
console.log('\nWritten: bench/results/eviction.json');

async function replay(page, trace, sizes, budget) {
  await page.run(`begin(${JSON.stringify({ budget, sizes })})`);
  let hits = '';
  let last;
  for (let at = 0; at < trace.length; at += AT_ONCE) {
    last = await page.run(`ask(${JSON.stringify(trace.slice(at, at + AT_ONCE))})`);
    hits += last.hits;
  }
  const counted = hits.slice(WARM_UP);
  return {
    ratio: counted.replaceAll('0', '').length / counted.length,
    amplification: last.written / last.stored,
    bytes: last.bytes,
  };
}

/** Questions by their rank: the first is asked for most. */
function zipf(exponent) {
  const random = mulberry(Math.round(exponent * 100));
  const sums = [];
  let sum = 0;
  for (let rank = 1; rank <= QUESTIONS; rank++) {
    sum += rank ** -exponent;
    sums.push(sum);
  }
  return Array.from({ length: REQUESTS }, () => {
    const drawn = random() * sum;
    let [low, high] = [0, QUESTIONS - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

function simulate(trace, sizes, budget, isLru) {
  const kept = new Map();
  let [bytes, hits] = [0, 0];
  for (const [i, question] of trace.entries()) {
    const isHit = kept.has(question);
    if (isHit && i >= WARM_UP) hits++;
    if (isHit && !isLru) continue;
    if (isHit) kept.delete(question);
    else bytes += sizes[question] + RECORD;
    kept.set(question, true);
    for (const [oldest] of kept) {
      if (bytes <= budget) break;
      kept.delete(oldest);
      bytes -= sizes[oldest] + RECORD;
    }
  }
  return hits / (trace.length - WARM_UP);
}

/** What keeps the questions asked for most often a byte, for good. */
function best(trace, sizes, budget) {
  const counts = new Map();
  for (const question of trace) counts.set(question, (counts.get(question) ?? 0) + 1);
  const worth = (question) => counts.get(question) / (sizes[question] + RECORD);
  const kept = new Set();
  let bytes = 0;
  for (const question of [...counts.keys()].sort((a, b) => worth(b) - worth(a))) {
    bytes += sizes[question] + RECORD;
    if (bytes > budget) break;
    kept.add(question);
  }
  return trace.slice(WARM_UP).filter((question) => kept.has(question)).length / (trace.length - WARM_UP);
}

async function startSite() {
  const entry = fileURLToPath(new URL('eviction-page.mjs', import.meta.url));
  const [{ output }] = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: { write: false, target: 'es2022', lib: { entry, name: 'eviction', formats: ['iife'] } },
  });
  const server = createServer(({ url }, response) => {
    const [type, body] =
      url === '/page.js'
        ? ['text/javascript', output[0].code]
        : [
            'text/html; charset=utf-8',
            '<!doctype html><link rel="icon" href="data:,"><script src="/page.js"></script>',
          ];
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${server.address().port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
