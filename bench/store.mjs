// What does the store on disk cost beside Cache Storage, IndexedDB and one file an answer, and how does it grow?
//
//   npm run bench:store                                        (some fifteen minutes)
//   npm run bench:store -- --quick                             (four minutes: 1,000 answers, fewer rounds)
//   npm run bench:store -- --answers 1000,10000 --peers 1000   (numbers of answers; at most so many for the peers)
//
// One run, one browser, a profile on disk. Each store answers from a service worker of its own that does nothing else; the
// engine is the product's, from the source. Everything is done in turn, in another order every round, and each answer is
// compared with what was stored: one that differs ends the run. Only ratios of one run mean anything.
// Writes bench/results/store.json.

import { createHash } from 'node:crypto';
import { loadavg } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeProfile, removeProfile, startChromium } from './chromium.mjs';
import { mulberry, shuffled } from './figures.mjs';
import { answerMaker, keyOf, LARGE, numberOfSize, SMALL } from './store/answers.mjs';
import { report } from './store/report.mjs';
import { startSite, templates } from './store/site.mjs';

const options = parseArgs({
  options: {
    answers: { type: 'string' },
    peers: { type: 'string', default: '10000' },
    quick: { type: 'boolean', default: false },
  },
}).values;
const counts = (options.answers ?? (options.quick ? '1000' : '1000,10000,100000'))
  .split(',')
  .map(Number)
  .sort((a, b) => a - b);
const mostOfPeers = Number(options.peers);
if (![...counts, mostOfPeers].every((count) => count >= 100 && count % 100 === 0))
  throw new RangeError(`Cannot measure ${counts} and ${mostOfPeers} answers: whole hundreds are needed`);

const rounds = options.quick
  ? { single: 30, burst: 5, large: 2, hits: 100, starts: 15, restarts: 1, grown: 2 }
  : { single: 60, burst: 10, large: 4, hits: 300, starts: 20, restarts: 3, grown: 3 };
const WARM_UP_ROUNDS = 10;
/** The first bursts of a worker run code that is not compiled yet: they take several times as long. */
const BURST_WARM_UP_ROUNDS = 2;
const BURST = 1000;
/** What was erased goes on being deleted for a while, in the process that writes for all stores. In milliseconds. */
const ERASING = 500;
/** Answers a message to the worker: a worker that is at one message for minutes is stopped. */
const FILL_STEP = 1000;
/** Milliseconds a worker may take for what it is told: longer than any of it takes, shorter than the browser allows. */
const DEADLINE = 280_000;

const stores = ['engine', 'cache-storage', 'idb-keyval', 'files'];
const hosts = { constant: { store: 'constant', count: 1 } };
for (const store of stores) {
  const own = store === 'engine' ? counts : counts.filter((count) => count <= mostOfPeers);
  for (const count of [0, ...(own.length > 0 ? own : [mostOfPeers])]) hosts[`${store}-${count}`] = { store, count };
}
const emptyHosts = named(({ count }) => count === 0);
const filledHosts = named(({ store, count }) => store !== 'constant' && count > 0);
const askedHosts = ['constant', ...filledHosts];

const make = answerMaker(templates);
const digests = new Map();
const random = mulberry(1);
/** Numbers of answers that are stored in bursts: none of those that fill a store. */
let nextNumber = 1_000_000_000;

const profile = await makeProfile();
const site = await startSite(Object.fromEntries(Object.entries(hosts).map(([host, { store }]) => [host, store])));
let browser = await startChromium(profile);
let pages = new Map();
const begun = Date.now();
try {
  const load = [loadavg()[0]];
  const results = { counts, rounds, hosts };
  await openPages();

  say('bursts into empty stores');
  results.single = await burst(emptyHosts, { count: 1, size: SMALL }, rounds.single);
  results.burst2 = await burst(emptyHosts, { count: BURST, size: 2000 }, rounds.burst);
  results.burst120 = await burst(emptyHosts, { count: BURST, size: LARGE }, rounds.large);

  results.filled = {};
  for (const host of shuffled(filledHosts, random)) results.filled[host] = await fill(host);

  say('hits, not compressed');
  results.raw = { hits: await hits(), disk: await disk() };

  results.maintained = {};
  for (const host of filledHosts.filter((one) => hosts[one].store === 'engine'))
    results.maintained[host] = await maintain(host);

  say('hits, compressed');
  results.merged = { hits: await hits() };

  say('first hits after a start of the worker');
  results.starts = await starts(rounds.starts);
  results.heap = await heap();

  say('first hits after a start of the browser');
  results.restarts = await restarts(rounds.restarts);
  results.merged.disk = await disk();

  say('bursts into filled stores');
  results.singleGrown = await burst(filledHosts, { count: 1, size: SMALL }, rounds.single);
  results.burst2Grown = await burst(filledHosts, { count: BURST, size: 2000 }, rounds.grown);

  load.push(loadavg()[0]);
  const minutes = (Date.now() - begun) / 60_000;
  await report(results, { browser: browser.version, load, minutes });
} finally {
  await browser.close();
  await site.close();
  await removeProfile(profile);
}

function named(accepts) {
  return Object.keys(hosts).filter((host) => accepts(hosts[host]));
}

/** What is being done goes beside the figures, not among them. */
function say(what) {
  console.error(`${((Date.now() - begun) / 1000).toFixed(0).padStart(5)} s  ${what}`);
}

async function openPages() {
  pages = new Map();
  for (const host of Object.keys(hosts)) {
    const page = await browser.open(site.url(host));
    await page.run('controlled');
    pages.set(host, page);
  }
}

function tell(host, task, order = undefined) {
  const call = `tell(${JSON.stringify(task)}, ${JSON.stringify(order) ?? 'undefined'})`;
  return pages.get(host).run(call, DEADLINE);
}

/** Milliseconds by host, a burst a round. IndexedDB once more, so that what was written is on disk when it says so. */
async function burst(among, order, count) {
  const variants = among.flatMap((host) => [
    { name: host, host },
    ...(hosts[host].store === 'idb-keyval' ? [{ name: `${host}-strict`, host, how: 'strict' }] : []),
  ]);
  const samples = Object.fromEntries(variants.map(({ name }) => [name, []]));
  for (let round = -BURST_WARM_UP_ROUNDS; round < count; round++)
    for (const { name, host, how } of shuffled(variants, random)) {
      const apart = hosts[host].count === 0;
      if (order.count > 1) await after(ERASING);
      const { ms } = await tell(host, 'burst', { ...order, how, apart, from: nextNumber });
      nextNumber += order.count;
      if (round >= 0) samples[name].push(ms);
    }
  return samples;
}

async function fill(host) {
  const { count } = hosts[host];
  say(`${host}: filling`);
  const all = { ms: 0, bytes: 0, answers: 0 };
  for (let from = 0; from < count; from += FILL_STEP) {
    const seen = await tell(host, 'fill', { from, end: Math.min(count, from + FILL_STEP) });
    for (const name of Object.keys(all)) all[name] += seen[name];
  }
  return all;
}

/** Asks every filled store for an answer of each size a round. Milliseconds by size and host. */
async function hits() {
  for (const host of filledHosts) await tell(host, 'ready');
  const samples = {};
  for (const size of [SMALL, LARGE]) {
    samples[size] = Object.fromEntries(askedHosts.map((host) => [host, []]));
    for (let round = -WARM_UP_ROUNDS; round < rounds.hits; round++)
      for (const host of shuffled(askedHosts, random)) {
        const ms = await ask(host, size);
        if (round >= 0) samples[size][host].push(ms);
      }
  }
  return samples;
}

/** Asks for any answer of a size. Resolves with milliseconds, when it was the one that was stored. */
async function ask(host, size) {
  const number = numberOfSize(size, hosts[host].count, host === 'constant' ? 0 : random());
  const { ms, status, digest } = await pages.get(host).run(`ask(${JSON.stringify(keyOf(number))})`);
  if (status !== 200 || digest !== digestOf(number))
    throw new Error(`Cannot count this: ${host} answers ${status} for number ${number}, or other bytes`);
  return ms;
}

function digestOf(number) {
  if (!digests.has(number)) digests.set(number, createHash('sha256').update(make(number).bytes).digest('hex'));
  return digests.get(number);
}

async function maintain(host) {
  say(`${host}: merging and compressing`);
  await tell(host, 'maintain');
  for (;;) {
    await after(250);
    const { ms, error } = await tell(host, 'maintained');
    if (error) throw new Error(`${host}: ${error}`);
    if (ms !== undefined) return { ms };
  }
}

/** The first hit of a worker that has just been started by it, in turn. */
async function starts(count) {
  const samples = Object.fromEntries(askedHosts.map((host) => [host, []]));
  for (let round = -1; round < count; round++)
    for (const host of shuffled(askedHosts, random)) {
      const ms = await askAtStart(host);
      if (round >= 0) samples[host].push(ms);
    }
  return samples;
}

async function askAtStart(host) {
  const stopped = await pages.get(host).stopWorkers();
  if (stopped !== pages.size)
    throw new Error(`Cannot measure starts: ${stopped} workers of ${pages.size} were stopped`);
  return ask(host, SMALL);
}

/** The first hit of all after the browser was closed and started anew: no store has been touched in it before. */
async function restarts(count) {
  const samples = Object.fromEntries(askedHosts.map((host) => [host, []]));
  for (let round = 0; round < count; round++) {
    await browser.close();
    browser = await startChromium(profile);
    await openPages();
    for (const host of shuffled(askedHosts, random)) samples[host].push(await askAtStart(host));
  }
  return samples;
}

/** Bytes of heap by host, each worker having read what it keeps in memory. */
async function heap() {
  const bytes = {};
  for (const host of [...emptyHosts, ...filledHosts]) {
    await tell(host, 'ready');
    bytes[host] = await browser.heapOfWorker(site.url(host));
  }
  return bytes;
}

async function disk() {
  const bytes = {};
  for (const host of filledHosts) bytes[host] = await tell(host, 'disk');
  return bytes;
}
