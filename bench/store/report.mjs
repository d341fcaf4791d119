// What the measurements say: tables, goals met or not, and the file of results.

import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { figuresOf, printTable, quantile, ratioOf } from '../figures.mjs';
import { LARGE, SIZES, SMALL } from './answers.mjs';

const RESULTS = new URL('../results/', import.meta.url);

const titles = {
  constant: 'a worker with two answers in memory',
  engine: 'this engine',
  'cache-storage': 'Cache Storage',
  'idb-keyval': 'IndexedDB (idb-keyval)',
  files: 'a file an answer',
};

/** Prints all tables, and writes them with their samples. */
export async function report(results, { browser, load, minutes }) {
  const tables = tablesOf(results);
  const goals = goalsOf(results);
  for (const { title, head, rows } of tables) printTable(title, [head, ...rows]);
  printTable('Goals', [
    ['', 'goal', 'is', ''],
    ...goals.map(({ name, goal, is, met }) => [
      name,
      goal,
      is === undefined ? 'not measured' : digits(is),
      is === undefined ? '' : met ? 'met' : 'MISSED',
    ]),
  ]);
  console.log(
    `\nms and medians where nothing else is said; ratios with their 95% interval. Answers: server-sent events, ${SIZES}. ` +
      `Bytes on disk: navigator.storage.estimate(). ` +
      `${browser}, ${availableParallelism()} cores, load ${load.map((one) => one.toFixed(1)).join(' to ')}, ${minutes.toFixed(0)} minutes`,
  );
  const run = {
    at: new Date().toISOString(),
    browser,
    node: process.version,
    processor: cpus()[0]?.model,
    cores: availableParallelism(),
    load,
    minutes,
    sizes: SIZES,
    unit: 'ms',
  };
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL('store.json', RESULTS), `${JSON.stringify({ run, goals, tables, ...results })}\n`);
  console.log('Written: bench/results/store.json');
}

function tablesOf(results) {
  const { rounds, raw, merged } = results;
  const engine = `engine-${results.counts.at(-1)}`;
  const cache = largest(results, 'cache-storage');
  return [
    timesTable(`One answer of 8 kB until durable, into an empty store, ${rounds.single} rounds`, results.single),
    timesTable(`A burst of 1,000 answers of 2 kB until durable, into an empty store`, results.burst2),
    timesTable(`A burst of 1,000 answers of 120 kB until durable, into an empty store`, results.burst120),
    timesTable(`One answer of 8 kB until durable, into a filled store`, results.singleGrown, engine),
    timesTable(`A burst of 1,000 answers of 2 kB until durable, into a filled store`, results.burst2Grown, engine),
    fillTable(results),
    ...[raw, merged].flatMap(({ hits }) =>
      [SMALL, LARGE].map((size) =>
        timesTable(
          `A hit of ${size / 1000} kB, warm, ${hits === raw.hits ? 'as it was stored' : 'after merging and compressing'}, ${rounds.hits} rounds`,
          hits[size],
          cache,
        ),
      ),
    ),
    timesTable(`The first hit after a start of the worker, 8 kB, ${rounds.starts} rounds`, results.starts, cache),
    timesTable(
      `The first hit after a start of the browser, 8 kB, ${rounds.restarts} restarts`,
      results.restarts,
      cache,
    ),
    heapTable(results),
    diskTable(results),
    growthTable(results),
  ];
}

/** Ratios of each store's largest number of answers to its smallest. */
function growthTable(results) {
  const { hosts, filled, singleGrown, burst2Grown, raw, merged, starts } = results;
  const stores = groupedBy(Object.keys(filled), (host) => hosts[host].store);
  const columns = {
    'one answer': singleGrown,
    burst: burst2Grown,
    'hit, 8 kB': raw.hits[SMALL],
    'hit, merged': merged.hits[SMALL],
    'hit, 120 kB': raw.hits[LARGE],
    'first hit': starts,
  };
  const rows = Object.values(stores)
    .map((own) => own.sort((a, b) => hosts[a].count - hosts[b].count))
    .filter((own) => own.length > 1)
    .map((own) => [
      `${titleOf(own.at(-1))} / ${hosts[own[0]].count.toLocaleString('en')}`,
      ...Object.values(columns).map((samples) => ratio(ratioOf(samples[own.at(-1)], samples[own[0]], 0.5))),
    ]);
  return { title: 'How each grows with its answers: ratios of medians', head: ['', ...Object.keys(columns)], rows };
}

/** Times by host, with ratios to one of them: where it is not named, to the first. */
function timesTable(title, samples, base = Object.keys(samples)[0]) {
  return {
    title,
    head: ['', 'p50 ratio', 'p95 ratio', 'p50', 'p25-p75', 'p95'],
    rows: Object.keys(samples).map((name) => {
      const { p25, p50, p75, p95 } = figuresOf(samples[name]);
      return [
        titleOf(name),
        name === base ? '1' : ratio(ratioOf(samples[name], samples[base], 0.5)),
        name === base ? '1' : digits(p95 / quantile(samples[base], 0.95)),
        ...[digits(p50), `${digits(p25)}-${digits(p75)}`, digits(p95)],
      ];
    }),
  };
}

function groupedBy(values, nameOf) {
  const groups = {};
  for (const value of values) {
    groups[nameOf(value)] ??= [];
    groups[nameOf(value)].push(value);
  }
  return groups;
}

function fillTable({ filled, maintained }) {
  return {
    title: 'Filling, a batch of some 16 MB at a time; merging and compressing apart',
    head: ['', 'ms an answer', 'MB/s', 'then merging, ms an answer', 'MB/s'],
    rows: Object.entries(filled).map(([host, { ms, bytes, answers }]) => {
      const merging = maintained[host]?.ms;
      return [
        titleOf(host),
        digits(ms / answers),
        digits(bytes / ms / 1000),
        ...(merging ? [digits(merging / answers), digits(bytes / merging / 1000)] : ['', '']),
      ];
    }),
  };
}

function heapTable({ heap, hosts }) {
  return {
    title: "The worker's heap after a collection, arrays outside of it included",
    head: ['', 'bytes an answer', 'kB', 'of it arrays, kB'],
    rows: Object.entries(heap).map(([host, { used, arrays }]) => [
      titleOf(host),
      hosts[host].count === 0 ? '' : digits(heapPerAnswer(heap, hosts, host)),
      digits((used + arrays) / 1000),
      digits(arrays / 1000),
    ]),
  };
}

/** What a filled store's worker holds more than an empty one's, by the number of its answers. */
function heapPerAnswer(heap, hosts, host) {
  const { store, count } = hosts[host];
  const bytes = ({ used, arrays }) => used + arrays;
  return (bytes(heap[host]) - bytes(heap[`${store}-0`])) / count;
}

function diskTable({ raw, merged, filled, hosts }) {
  return {
    title: 'Bytes on disk a byte stored',
    head: ['', 'as stored', 'at the end', 'MB stored', 'MB at the end', 'its files, MB'],
    rows: Object.keys(filled).map((host) => [
      titleOf(host),
      digits(onDisk(raw.disk[host], hosts[host].store) / filled[host].bytes),
      digits(onDisk(merged.disk[host], hosts[host].store) / filled[host].bytes),
      digits(filled[host].bytes / 1e6),
      digits(onDisk(merged.disk[host], hosts[host].store) / 1e6),
      merged.disk[host].files === undefined ? '' : digits(merged.disk[host].files / 1e6),
    ]),
  };
}

/** Without the worker's script, which the browser counts too. */
function onDisk({ usageDetails }, store) {
  const part = { 'cache-storage': 'caches', 'idb-keyval': 'indexedDB' }[store] ?? 'fileSystem';
  return usageDetails[part] ?? 0;
}

/** The goals of the engine: name, what is asked, what is, whether it is met. What was not measured has no figure. */
function goalsOf(results) {
  const { counts, burst2, burst120, raw, merged, starts, heap, hosts, filled } = results;
  const [fewest, most] = [counts[0], counts.at(-1)].map((count) => `engine-${count}`);
  const cache = largest(results, 'cache-storage');
  const p50 = (samples, name) => quantile(samples[name], 0.5);
  const over = (samples, one, other) => p50(samples, one) / p50(samples, other);
  const peers = Object.keys(starts).filter((host) => !/^(engine|constant)/.test(host) && isLargest(results, host));
  const best = peers.reduce((one, other) => (p50(starts, other) < p50(starts, one) ? other : one));
  const atMost = (name, most, is) => ({ name, goal: `<= ${most}`, is, met: is <= most });
  const atLeast = (name, least, is) => ({ name, goal: `>= ${least}`, is, met: is >= least });
  return [
    atLeast('burst of 2 kB: a file an answer / engine', 20, over(burst2, 'files-0', 'engine-0')),
    atMost('burst of 2 kB: engine / IndexedDB, relaxed', 0.5, over(burst2, 'engine-0', 'idb-keyval-0')),
    atMost('burst of 120 kB: engine / IndexedDB, relaxed', 3, over(burst120, 'engine-0', 'idb-keyval-0')),
    atMost(
      `bytes on disk a byte stored, merged, ${titleOf(most)}`,
      0.2,
      onDisk(merged.disk[most], 'engine') / filled[most].bytes,
    ),
    ...[SMALL, LARGE].flatMap((size) =>
      [
        ['raw', 1.1, raw],
        ['compressed', 1.15, merged],
      ].map(([how, goal, { hits }]) =>
        atMost(`hit of ${size / 1000} kB, ${how}: engine / Cache Storage`, goal, over(hits[size], like(cache), cache)),
      ),
    ),
    atMost(
      `first hit: ${titleOf(most)} / ${titleOf(fewest)}`,
      1.5,
      counts.length > 1 ? over(starts, most, fewest) : undefined,
    ),
    atMost(`first hit: ${titleOf(most)} / best peer, ${titleOf(best)}`, 1, over(starts, most, best)),
    atMost(`heap a stored answer, bytes, ${titleOf(most)}`, 100, heapPerAnswer(heap, hosts, most)),
  ];

  /** The engine with as many answers, or else with most of all. */
  function like(host) {
    const same = `engine-${hosts[host].count}`;
    return hosts[same] ? same : most;
  }
}

/** A store with most answers of those that were filled. */
function largest({ hosts }, store) {
  const own = Object.keys(hosts).filter((host) => hosts[host].store === store);
  return own.reduce((one, other) => (hosts[other].count > hosts[one].count ? other : one));
}

function isLargest(results, host) {
  return largest(results, results.hosts[host].store) === host;
}

function titleOf(host) {
  const [, store, count, how] = /^(.*?)(?:-(\d+))?(-strict)?$/.exec(host);
  const answers = Number(count ?? 0) === 0 ? '' : `, ${Number(count).toLocaleString('en')}`;
  return `${titles[store]}${how ? ', strict' : ''}${answers}`;
}

function ratio({ ratio: one, low, high }) {
  return `${digits(one)} (${digits(low)}-${digits(high)})`;
}

/** Three digits that mean something. */
function digits(value) {
  const size = Math.abs(value);
  return size >= 100 ? value.toFixed(0) : size < 0.01 ? value.toFixed(2) : value.toPrecision(3);
}
