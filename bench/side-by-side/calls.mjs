// Calls to workers that run: every work, answered again and again, or never asked before.

import { contenders, isConstant } from '../contenders/index.mjs';
import { figuresOf, quantile, ratioOf } from '../figures.mjs';
import { byTime, call, interleaved, onStage, say } from './stage.mjs';
import { answers, requests, titleOfRequest } from './works.mjs';

/** Questions that are asked in turn, or more where more are asked at once. */
const ASKED_BEFORE = 8;
/** Rounds that do not count, more where most goals are: a worker gets faster at first. */
const WARM_UP = 4;
const LONG_WARM_UP = 30;
const INSTANT = ['4kB', '120kB', '2MB'];

const alone = ['repeated', 'never-seen'].flatMap((kind) =>
  Object.keys(requests).flatMap((request) => INSTANT.map((answer) => ({ kind, request, answer, atOnce: 1 }))),
);
const together = [
  ...[8, 64].flatMap((atOnce) =>
    ['repeated', 'never-seen'].map((kind) => ({ kind, request: '2kB', answer: '4kB', atOnce })),
  ),
  { kind: 'repeated', request: '20kB', answer: '120kB', atOnce: 8 },
  { kind: 'repeated', request: '20kB', answer: '120kB', atOnce: 64 },
  { kind: 'identical', request: '2kB', answer: '4kB', atOnce: 64 },
  { kind: 'identical', request: '20kB', answer: '120kB', atOnce: 64 },
];

const kinds = {
  repeated: 'asked before',
  'never-seen': 'never asked before, upstream at once',
  identical: 'the same new question at once',
};

export { kinds };

export function titleOfWork({ request, answer, atOnce }) {
  const work = `${titleOfRequest[request]} for ${answers[answer].title}`;
  return atOnce === 1 ? work : `${work}, ${atOnce} at once`;
}

/** Resolves with a cell for each work: its contenders' samples, or why they have none. */
export async function measureCalls({ rounds }) {
  const hosts = Object.fromEntries(contenders.map((contender) => [contender.name, { contender, asked: INSTANT }]));
  return onStage(hosts, async (stage) => {
    const cells = [];
    for (const [index, work] of [...alone, ...together].entries()) {
      say(`calls: ${kinds[work.kind]}, ${titleOfWork(work)}`);
      cells.push(await measureCell(stage, hosts, work, index * 1_000_000, rounds));
    }
    return cells;
  });
}

/** `first` is the number of the first question of this work: no other has the same. */
async function measureCell(stage, hosts, work, first, rounds) {
  const { kind, request, answer, atOnce } = work;
  const taking = Object.keys(hosts).filter((name) => hosts[name].contender[kind]);
  const leftOut = {};
  const kept = Math.max(ASKED_BEFORE, atOnce);
  if (kind === 'repeated')
    for (const name of taking) {
      const why = await fill(stage, name, hosts[name].contender, { request, answer, first, count: kept });
      if (why) leftOut[name] = why;
    }
  const names = taking.filter((name) => !leftOut[name]);
  const isLarge = request === '1MB' || answer === '2MB';
  const size = isLarge ? 'large' : atOnce > 8 ? 'many' : request === '20kB' && answer === '120kB' ? 'goal' : 'small';
  const warmUp = Math.min(size === 'goal' ? LONG_WARM_UP : WARM_UP, rounds[size]);
  const samples = await interleaved(names, warmUp, rounds[size], (name, round) =>
    stage.ask(name, { kind, request, answer, numbers: numbersOf(work, first, kept, round) }),
  );
  return cellOf(work, samples, leftOut);
}

function numbersOf({ kind, atOnce }, first, kept, round) {
  if (kind === 'identical') return Array(atOnce).fill(first + round);
  return Array.from(
    { length: atOnce },
    (_, i) => first + (kind === 'repeated' ? (round + i) % kept : round * atOnce + i),
  );
}

/** Asks for the answers that will be repeated. Resolves with why they cannot be, where they do not fit. */
async function fill({ pages, site }, name, contender, { request, answer, first, count }) {
  const page = pages.get(name);
  if (contender.begin) await page.run(contender.begin);
  const calls = site.calls(name);
  for (let i = 0; i < count; i += ASKED_BEFORE)
    await call(page, contender, {
      request,
      answer,
      numbers: Array.from({ length: ASKED_BEFORE }, (_, j) => first + i + j),
    });
  const reached = site.calls(name) - calls;
  if (contender.settle && reached !== count)
    throw new Error(`Cannot measure ${name}: of ${count} calls never made before, ${reached} reached upstream`);
  const why = contender.settle && (await page.run(contender.settle));
  return typeof why === 'string' ? why : undefined;
}

/** `constant` is the constant worker that was fastest in this cell, to which ratios are. */
export function cellOf(work, samples, leftOut = {}, isBase = (name) => isConstant({ name })) {
  const p50 = (name) => quantile(byTime(samples[name]).toEnd, 0.5);
  const bases = Object.keys(samples).filter(isBase);
  const constant = bases.reduce((one, other) => (p50(other) < p50(one) ? other : one), bases[0]);
  const rows = Object.keys(samples).map((name) => ({
    name,
    toEnd: part('toEnd', name),
    toFirst: part('toFirst', name),
    reached: samples[name].reduce((sum, { reached }) => sum + reached, 0) / samples[name].length,
    samples: byTime(samples[name]),
  }));
  return { ...work, title: titleOfWork(work), constant, rows, leftOut };

  function part(which, name) {
    const own = byTime(samples[name])[which];
    const base = byTime(samples[constant])[which];
    return { ...figuresOf(own), ratioOfP50: ratioOf(own, base, 0.5), ratioOfP95: ratioOf(own, base, 0.95) };
  }
}
