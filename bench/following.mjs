// What does following an answer to a verdict cost beside reading it, and what does converting one cost?
//
//   npm run bench:following        (some two minutes)
//
// One run, one browser, the product's code in a service worker. Everything is done in turn, in another order every round;
// each answer is read as often as it is followed, and what following adds is the difference of the two. A task that does
// not end as it should (a verdict that is not `complete`, a conversion that is refused) ends the run.
// Writes bench/results/following.json.

import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { startChromium } from './chromium.mjs';
import { figuresOf, mulberry, printTable, quantile, shuffled } from './figures.mjs';
import { answersOf } from './streams.mjs';

const RESULTS = new URL('results/', import.meta.url);
const WARM_UP_ROUNDS = 3;
const ROUNDS = 30;
const START_ROUNDS = 5;
const LARGE = 1_000_000;
const SMALL = 120_000;
/** What following an answer of 1 MB may cost beyond reading it, in milliseconds. */
const GOAL = 20;

/** Where the bytes of an answer come from. */
const sources = {
  pieces: 'an event a piece, from memory',
  server: 'all at once, from a server',
};

const answers = { [LARGE]: answersOf(LARGE), [SMALL]: answersOf(SMALL) };
const names = Object.keys(answers[LARGE]);

const site = await startSite(await workerScript());
const browser = await startChromium();
try {
  const page = await browser.open(site.url);
  await page.run('ready');
  const load = [loadavg()[0]];

  const following = await measure(followingTasks(), WARM_UP_ROUNDS, ROUNDS);
  const converting = await measure(convertingTasks(), WARM_UP_ROUNDS, ROUNDS);
  const starting = await measure(startingTasks(), 0, START_ROUNDS, () => page.stopWorkers());
  load.push(loadavg()[0]);

  const tables = {
    following: names.flatMap((name) => Object.keys(sources).map((source) => followed(following, name, source))),
    starting: names.map((name) => followed(starting, name, 'pieces')),
    converting: [SMALL, LARGE].flatMap((bytes) => shapesOf(bytes).map((one) => converted(converting, one))),
  };
  print(tables);
  console.log(
    `\nms, medians with p25-p75. ${browser.version}, ${availableParallelism()} cores, load ${load.map((one) => one.toFixed(1)).join(' to ')}`,
  );
  await write(tables, load);

  /** Does every task once a round, in turn, and gathers what each took. */
  async function measure(tasks, warmUp, rounds, prepare) {
    const random = mulberry(1);
    const samples = new Map(tasks.map(({ id }) => [id, []]));
    for (let round = -warmUp; round < rounds; round++)
      for (const task of shuffled(tasks, random)) {
        await prepare?.();
        const { ms, bytes, verdict } = await page.run(`run(${JSON.stringify(task)})`);
        const right = task.task === 'convert' || bytes === task.bytes;
        if (!right || (verdict ? !verdict.complete : /follow|convert/.test(task.task)))
          throw new Error(`Cannot count ${task.id}: ${bytes} bytes, ${JSON.stringify(verdict)}`);
        if (round >= 0) samples.get(task.id).push(ms);
      }
    return samples;
  }
} finally {
  await browser.close();
  await site.close();
}

function followingTasks() {
  return names.flatMap((name) => Object.keys(sources).flatMap((source) => readingTasks(name, source)));
}

function startingTasks() {
  return names.flatMap((name) => readingTasks(name, 'pieces'));
}

function readingTasks(name, source) {
  const path = `/answers/${LARGE}/${name}`;
  const bytes = sizeOf(answers[LARGE][name]);
  return ['read', 'follow'].map((task) => ({ id: `${task} ${name} ${source}`, task, path, how: source, bytes }));
}

function convertingTasks() {
  return [SMALL, LARGE].flatMap((bytes) => [
    ...shapesOf(bytes).map(({ id, path, shape }) => ({ id, task: 'convert', path, how: shape })),
    ...names.map((name) => ({
      id: `text ${bytes} ${name}`,
      task: 'text',
      path: `/answers/${bytes}/${name}`,
      bytes: Buffer.concat(answers[bytes][name].pieces.map((piece) => Buffer.from(piece))).toString().length,
    })),
  ]);
}

function shapesOf(bytes) {
  return Object.entries(answers[bytes]).flatMap(([name, { title, to }]) =>
    to.map((shape) => ({
      id: `convert ${bytes} ${name} ${shape}`,
      path: `/answers/${bytes}/${name}`,
      title: `${title} → ${shape}`,
      name,
      bytes,
      shape,
    })),
  );
}

function sizeOf({ pieces }) {
  return pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
}

function followed(samples, name, source) {
  const [reading, following] = ['read', 'follow'].map((task) => samples.get(`${task} ${name} ${source}`));
  const answer = answers[LARGE][name];
  return {
    name,
    title: answer.title,
    source,
    bytes: sizeOf(answer),
    pieces: answer.pieces.length,
    reading: figuresOf(reading),
    following: figuresOf(following),
    added: addedOf(reading, following),
    samples: { reading, following },
  };
}

function converted(samples, { id, name, title, bytes, shape }) {
  const [reading, converting] = [samples.get(`text ${bytes} ${name}`), samples.get(id)];
  return {
    name,
    title,
    bytes,
    shape,
    reading: figuresOf(reading),
    converting: figuresOf(converting),
    added: addedOf(reading, converting),
    samples: { reading, converting },
  };
}

/**
 * The difference of two tasks' medians, with the interval it falls into 95 times of 100 when rounds are drawn again at
 * random (bootstrap).
 */
function addedOf(base, samples, draws = 500) {
  const random = mulberry(samples.length);
  const difference = (ours, theirs) => quantile(ours, 0.5) - quantile(theirs, 0.5);
  const differences = Array.from({ length: draws }, () => {
    const rounds = samples.map(() => Math.floor(random() * samples.length));
    const [ours, theirs] = [samples, base].map((all) => rounds.map((round) => all[round]));
    return difference(ours, theirs);
  });
  return { ms: difference(samples, base), low: quantile(differences, 0.025), high: quantile(differences, 0.975) };
}

function print({ following, starting, converting }) {
  const ms = (value) => value.toFixed(1);
  const spread = ({ p25, p50, p75 }) => `${ms(p50)} (${ms(p25)}-${ms(p75)})`;
  const added = ({ ms: one, low, high }) => `${ms(one)} (${ms(low)} to ${ms(high)})`;
  const rows = (table) =>
    table.map((row) => [
      row.title,
      String(row.pieces),
      spread(row.reading),
      spread(row.following),
      added(row.added),
      row.added.ms < GOAL ? '' : 'over',
    ]);
  const head = ['', 'pieces', 'reading', 'and following', 'added (95% interval)', `goal ${GOAL}`];
  for (const source of Object.keys(sources))
    printTable(`Following 1 MB, ${sources[source]}, ${ROUNDS} rounds`, [
      head,
      ...rows(following.filter((row) => row.source === source)),
    ]);
  printTable(`The first answer of a worker that has just started, ${sources.pieces}, ${START_ROUNDS} rounds`, [
    head,
    ...rows(starting),
  ]);
  printTable(`Converting, from one Blob to another, ${ROUNDS} rounds`, [
    ['', 'kB', 'reading', 'and converting', 'added (95% interval)'],
    ...converting.map((row) => [
      row.title,
      String(row.bytes / 1000),
      spread(row.reading),
      spread(row.converting),
      added(row.added),
    ]),
  ]);
}

async function write(tables, load) {
  const run = {
    at: new Date().toISOString(),
    browser: browser.version,
    node: process.version,
    processor: cpus()[0]?.model,
    cores: availableParallelism(),
    load,
    unit: 'ms',
    goal: GOAL,
  };
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL('following.json', RESULTS), `${JSON.stringify({ run, ...tables })}\n`);
  console.log('Written: bench/results/following.json');
}

/** `following-worker.mjs` with what it imports, minified, as one classic script. */
async function workerScript() {
  const entry = fileURLToPath(new URL('following-worker.mjs', import.meta.url));
  const [{ output }] = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: { write: false, target: 'es2022', lib: { entry, name: 'following', formats: ['iife'] } },
  });
  return output[0].code;
}

async function startSite(worker) {
  const page = `<!doctype html><link rel="icon" href="data:,"><script>
    const ready = navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => {});
    async function run({ task, path, how }) {
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
      active.postMessage({ task, path, how }, [port2]);
      const { seen, error } = await answered;
      if (error) throw new Error(task + ' ' + path + ': ' + error);
      return seen;
    }
  </script>`;
  const server = createServer(({ url }, response) => {
    const [, bytes, name, about] = /^\/answers\/(\d+)\/([^/]+)(\/about)?$/.exec(url) ?? [];
    const answer = answers[bytes]?.[name];
    const [type, body] = answer
      ? served(answer, about)
      : url === '/worker.js'
        ? ['text/javascript', worker]
        : ['text/html; charset=utf-8', page];
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

function served({ pieces, title: _, to: _to, ...about }, asksAbout) {
  if (!asksAbout) return [about.type, Buffer.concat(pieces.map((piece) => Buffer.from(piece)))];
  const lengths = pieces.map((piece) => Buffer.byteLength(piece));
  return ['application/json', JSON.stringify({ ...about, lengths })];
}
