// What does an answer from memory, from OPFS and from upstream cost, beside a worker that answers a constant, and beside what
// others would use?
//
//   npm run bench                          (about a quarter of an hour; installs the others' packages when it is first run)
//   npm run bench -- --quick               (some minutes; few rounds, for trying)
//   npm run bench -- --only calls          (one part: calls, starts, paced, parts or heap)
//
// One run, the built scripts; the contenders are asked in turn, in another order every round, and what answered each call is
// checked: one that is not answered as its title says ends the run. Only ratios of one run mean anything. Writes
// bench/results/side-by-side.json and .html; a whole run also the README's figures. Trials are written beside them.

import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { installPackages } from '../build/install-packages.mjs';
import { findChromium } from '../e2e/browser/find-chromium.mjs';
import { whyPortkeyIsLeftOut } from './contenders/index.mjs';
import { printTable } from './figures.mjs';
import { measureCalls } from './side-by-side/calls.mjs';
import { goalsOf } from './side-by-side/goals.mjs';
import { measureHeap } from './side-by-side/heap.mjs';
import { writeIntoReadme } from './side-by-side/into-readme.mjs';
import { measurePaced } from './side-by-side/paced.mjs';
import { page } from './side-by-side/page.mjs';
import { measureParts } from './side-by-side/parts.mjs';
import { say } from './side-by-side/stage.mjs';
import { measureStarts } from './side-by-side/starts.mjs';
import { goalsTable, tablesOf } from './side-by-side/tables.mjs';

const RESULTS = new URL('results/', import.meta.url);

const parts = {
  calls: measureCalls,
  starts: measureStarts,
  paced: measurePaced,
  parts: measureParts,
  heap: measureHeap,
};

/** `goal`: the work that most goals are about; `large`: bodies or answers of megabytes; `many`: 64 calls at once. */
const whole = {
  rounds: { goal: 120, small: 40, large: 20, many: 8, starts: 40, paced: 25, parts: 40 },
  most: 100_000,
  readings: [1000, 4000, 7000, 10_000],
};
const quick = {
  rounds: { goal: 10, small: 4, large: 3, many: 2, starts: 5, paced: 3, parts: 4 },
  most: 2000,
  readings: [1000, 1400],
};

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
if (values.only && !parts[values.only])
  throw new RangeError(`Cannot run part "${values.only}": one of ${Object.keys(parts).join(', ')} is needed`);
const isWhole = !values.quick && !values.only;
const size = values.quick ? quick : whole;

installPackages(new URL('./', import.meta.url));
const run = {
  at: new Date().toISOString(),
  browser: findChromium()?.version ?? 'no browser',
  node: process.version,
  processor: cpus()[0]?.model,
  cores: availableParallelism(),
  load: [loadavg()[0]],
  ...size,
  unit: 'ms',
};
const start = performance.now();
const results = { run, leftOut: {} };
if (!values.only || values.only === 'calls') {
  say("calls: is Portkey's gateway to be measured?");
  const why = await whyPortkeyIsLeftOut();
  results.leftOut["Portkey's open gateway"] = why ?? 'it caches now: it is to be made a contender';
}
for (const [name, measure] of Object.entries(parts))
  if (!values.only || values.only === name) results[name] = await measure(size);
run.load.push(loadavg()[0]);
run.minutes = (performance.now() - start) / 60_000;
results.goals = goalsOf(results);

for (const { title, head, rows } of tablesOf(results)) printTable(title, [head, ...rows]);
for (const [name, why] of Object.entries(results.leftOut)) console.log(`\nLeft out: ${name}. ${why}`);
for (const { title, leftOut } of results.calls ?? [])
  for (const [name, why] of Object.entries(leftOut)) console.log(`Left out: ${name}, ${title}. ${why}`);
const { title, head, rows } = goalsTable(results.goals);
printTable(title, [head, ...rows]);
console.log(
  `\nRatios with their 95% interval. ${run.browser}, ${run.cores} cores, load ${run.load.map((one) => one.toFixed(1)).join(' to ')}, ${run.minutes.toFixed(0)} minutes`,
);
await write(isWhole ? 'side-by-side' : 'side-by-side-trial');
if (isWhole) await writeIntoReadme(results);

async function write(name) {
  await mkdir(RESULTS, { recursive: true });
  const thousandths = (_key, value) => (typeof value === 'number' ? Math.round(value * 1000) / 1000 : value);
  await writeFile(new URL(`${name}.json`, RESULTS), `${JSON.stringify(results, thousandths)}\n`);
  await writeFile(new URL(`${name}.html`, RESULTS), page(results));
  console.log(`Written: bench/results/${name}.json and .html`);
}
