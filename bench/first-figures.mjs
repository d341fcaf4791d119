// What does an answer from memory, from OPFS and from upstream cost, beside a worker that answers a constant?
//
//   npm run build && npm run bench        (about a minute)
//
// One run, one browser, the built scripts; the contenders are asked in turn, in another order every round, and what
// answered each call is checked: one that is not answered as its name says ends the run. Only ratios of one run mean
// anything. Writes bench/results/first-figures.json.

import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { startChromium } from './chromium.mjs';
import { figuresOf, mulberry, printTable, ratioOf, shuffled } from './figures.mjs';
import { answer, question } from './question.mjs';
import { answerDigest, installations, startSite } from './site.mjs';

const RESULTS = new URL('results/', import.meta.url);
const WARM_UP_ROUNDS = 30;
const ROUNDS = 300;
const START_ROUNDS = 40;
/** Questions that hits are asked in turn. */
const ASKED_BEFORE = 20;
const STORED = 500;
const BASE = 'constant';

/**
 * The contenders with a worker that runs already. `number` chooses the question, `before` and `after` run in the page
 * outside the time that is taken, `upstream` is the number of calls that must reach the LLM, `is` what else must hold.
 */
const running = {
  direct: {
    title: 'no worker, local upstream',
    installation: 'none',
    upstream: 1,
    is: (seen) => !seen.byWorker && seen.cacheStatus === null,
  },
  constant: {
    title: 'worker that answers a constant',
    installation: 'constant',
    upstream: 0,
    is: (seen) => seen.byWorker && seen.start !== null,
  },
  'constant-blob': {
    title: 'worker that answers a constant, as a Blob',
    installation: 'constant-blob',
    upstream: 0,
    is: (seen) => seen.byWorker && seen.start !== null,
  },
  'pass-through': {
    title: 'worker that passes on, local upstream',
    installation: 'pass-through',
    upstream: 1,
    is: (seen) => seen.byWorker && seen.cacheStatus === null,
  },
  memory: {
    title: 'Refrain, memory hit',
    installation: 'refrain',
    number: (round) => round % ASKED_BEFORE,
    upstream: 0,
    is: (seen) => seen.byWorker && isHit(seen, 'memory'),
  },
  opfs: {
    title: 'Refrain, OPFS hit',
    installation: 'refrain',
    number: (round) => round % ASKED_BEFORE,
    before: 'refrain.forgetMemory()',
    upstream: 0,
    is: (seen) => seen.byWorker && isHit(seen, 'opfs'),
  },
  miss: {
    title: 'Refrain, miss, local upstream',
    installation: 'refrain',
    // What is written to disk behind the answer must not slow the next contender down.
    after: 'refrain.flush()',
    upstream: 1,
    is: (seen) => seen.byWorker && seen.cacheStatus === 'refrain; fwd=miss',
  },
};

/** The contenders whose worker has just been stopped. */
const starting = {
  'start-constant': { ...running.constant, is: (seen) => running.constant.is(seen) && isNew(seen.start) },
  'start-pass-through': { ...running['pass-through'], title: 'worker that passes on, local upstream' },
  'start-empty': {
    ...running.miss,
    title: 'Refrain with 0 answers stored, miss',
    after: 'refrain.purge()',
  },
  'start-full': {
    ...running.opfs,
    title: `Refrain with ${STORED} answers stored, OPFS hit`,
    number: (round) => (round * 37) % STORED,
    before: undefined,
  },
};

const contenders = { ...running, ...starting };

const starts = new Set();

/** Is this start of a worker none that answered before? */
function isNew(start) {
  const before = starts.size;
  return starts.add(start).size > before;
}

function isHit({ cacheStatus }, tier) {
  return new RegExp(`^refrain; hit; ttl=\\d+; detail=${tier}$`).test(cacheStatus ?? '');
}

const site = await startSite(
  Object.fromEntries(Object.entries(contenders).map(([name, { installation }]) => [name, installation])),
);
const browser = await startChromium();
try {
  const pages = new Map();
  const load = [loadavg()[0]];

  for (const name of Object.keys(running)) pages.set(name, await openReady(name));
  for (const name of ['memory', 'opfs']) await fill(name, ASKED_BEFORE);
  const warm = await measure(running, WARM_UP_ROUNDS, ROUNDS);

  for (const name of Object.keys(starting)) pages.set(name, await openReady(name));
  await fill('start-full', STORED);
  const withWorker = [...pages.keys()].filter((name) => contenders[name].installation !== 'none').length;
  const cold = await measure(starting, 2, START_ROUNDS, async (name) => {
    const stopped = await pages.get(name).stopWorkers();
    if (stopped !== withWorker)
      throw new Error(`Cannot measure starts: ${stopped} workers of ${withWorker} were stopped`);
  });
  load.push(loadavg()[0]);

  print(`A worker that runs, ${ROUNDS} rounds, ${answer.byteLength} bytes`, running, warm, BASE);
  print(`The first call after the worker was stopped, ${START_ROUNDS} rounds`, starting, cold, 'start-constant');
  console.log(
    `\nms; ratios to the worker that answers a constant, with their 95% interval. ${browser.version}, ${availableParallelism()} cores, load ${load.map((one) => one.toFixed(1)).join(' to ')}`,
  );
  await write({ running: summary(running, warm, BASE), starting: summary(starting, cold, 'start-constant') }, load);

  async function openReady(name) {
    const page = await browser.open(site.url(name));
    await page.run(installations[contenders[name].installation].ready);
    return page;
  }

  /** Has a contender ask and store so many answers, numbered from 0. */
  async function fill(name, count) {
    const page = pages.get(name);
    for (let number = 0; number < count; number++) await page.run(`ask(${JSON.stringify(question(number))})`);
    await page.run('refrain.flush()');
    const { entries, opfs } = await page.run('refrain.stats()');
    if (entries !== count || opfs.entries !== count || site.calls(name) !== count)
      throw new Error(`Cannot measure ${name}: ${entries} answers are stored, ${opfs.entries} on disk, not ${count}`);
  }

  /** Asks every contender once a round, after so many rounds that do not count. Resolves with samples by name. */
  async function measure(group, warmUp, rounds, prepare = undefined) {
    const random = mulberry(1);
    const samples = Object.fromEntries(Object.keys(group).map((name) => [name, { toHeaders: [], toEnd: [] }]));
    for (let round = -warmUp; round < rounds; round++)
      for (const name of shuffled(Object.keys(group), random)) {
        await prepare?.(name);
        const { toHeaders, toEnd } = await askChecked(name, round + warmUp);
        if (round < 0) continue;
        samples[name].toHeaders.push(toHeaders);
        samples[name].toEnd.push(toEnd);
      }
    return samples;
  }

  async function askChecked(name, round) {
    const { title, before, after, number = (one) => one, upstream, is } = contenders[name];
    const page = pages.get(name);
    if (before) await page.run(before);
    const calls = site.calls(name);
    const seen = await page.run(`ask(${JSON.stringify(question(number(round)))})`);
    const reached = site.calls(name) - calls;
    if (seen.status !== 200 || seen.digest !== answerDigest || reached !== upstream || !is(seen))
      throw new Error(
        `Cannot count this as "${title}": ${reached} calls reached upstream, the page saw ${JSON.stringify(seen)}`,
      );
    if (after) await page.run(after);
    return seen;
  }
} finally {
  await browser.close();
  await site.close();
}

function summary(group, samples, base) {
  return Object.entries(group).map(([name, { title }]) => {
    const part = (which) => ({
      ...figuresOf(samples[name][which]),
      ratioOfP50: ratioOf(samples[name][which], samples[base][which], 0.5),
      ratioOfP95: ratioOf(samples[name][which], samples[base][which], 0.95),
    });
    return { name, title, toEnd: part('toEnd'), toHeaders: part('toHeaders'), samples: samples[name] };
  });
}

function print(title, group, samples, base) {
  const ms = (value) => value.toFixed(2);
  const ratio = ({ ratio: one, low, high }) => `${one.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)})`;
  printTable(title, [
    ['to the whole body', 'p50', 'p25-p75', 'p95', 'p50 ratio', 'p95 ratio', 'to headers p50', 'p95'],
    ...summary(group, samples, base).map(({ title: name, toEnd, toHeaders }) => [
      name,
      ms(toEnd.p50),
      `${ms(toEnd.p25)}-${ms(toEnd.p75)}`,
      ms(toEnd.p95),
      ratio(toEnd.ratioOfP50),
      ratio(toEnd.ratioOfP95),
      ms(toHeaders.p50),
      ms(toHeaders.p95),
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
    answerBytes: answer.byteLength,
    questionBytes: question(0).length,
    unit: 'ms',
    base: BASE,
  };
  await mkdir(RESULTS, { recursive: true });
  const file = new URL('first-figures.json', RESULTS);
  await writeFile(file, `${JSON.stringify({ run, ...tables })}\n`);
  console.log('Written: bench/results/first-figures.json');
}
