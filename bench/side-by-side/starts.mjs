// The first call after the worker was stopped, with few and with many answers stored.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  constants,
  idbKeyval,
  isConstant,
  passThrough,
  refrainDisk,
  refrainMiss,
  workbox,
} from '../contenders/index.mjs';
import { cellOf } from './calls.mjs';
import { call, interleaved, onStage, say } from './stage.mjs';

const ANSWER = '120kB';
const REQUEST = '20kB';
/** Answers among the stored that are asked for. */
const ASKED = 20;
const WARM_UP = 2;
const FILL_DEADLINE = 300_000;
const SETTLED = 50;

/** Peers keep to 10,000: filling them with more takes minutes. */
function hostsOf(most) {
  const filled = (contender, counts) => counts.map((count) => [`${contender.name}-${count}`, { contender, count }]);
  const hosts = [
    ...constants.map((contender) => [contender.name, { contender }]),
    [passThrough.name, { contender: passThrough }],
    ['refrain-0', { contender: refrainMiss }],
    ...filled(refrainDisk, [1000, most]),
    ...filled(workbox, [1000, Math.min(10_000, most)]),
    ...filled(idbKeyval, [1000, Math.min(10_000, most)]),
  ];
  return Object.fromEntries(hosts.map(([name, host]) => [name, { ...host, asked: [ANSWER] }]));
}

export async function measureStarts({ rounds, most }) {
  const hosts = hostsOf(most);
  return onStage(hosts, async (stage) => {
    for (const [name, { contender, count }] of Object.entries(hosts))
      if (count) {
        say(`starts: storing ${count.toLocaleString('en')} answers, ${contender.title}`);
        await fill(stage, name, contender, count);
      }
    say(`starts: ${rounds.starts} rounds`);
    const before = new Map(Object.keys(hosts).map((name) => [name, new Set()]));
    const samples = await interleaved(Object.keys(hosts), WARM_UP, rounds.starts, async (name, round) => {
      const stopped = await stage.pages.get(name).stopWorkers();
      if (stopped !== Object.keys(hosts).length)
        throw new Error(`Cannot measure starts: ${stopped} workers of ${Object.keys(hosts).length} were stopped`);
      // The ends of the other workers must not take the processor from this one's start.
      await sleep(SETTLED);
      const { contender, count } = hosts[name];
      const number = count ? round % ASKED : round;
      return stage.ask(name, {
        kind: contender.afterStart ? 'afterStart' : 'never-seen',
        request: REQUEST,
        answer: ANSWER,
        numbers: [number],
        extra: isConstant(contender) ? ({ replies }) => isNew(before.get(name), replies[0].start) : undefined,
      });
    });
    const cell = cellOf({ kind: 'start', request: REQUEST, answer: ANSWER, atOnce: 1 }, samples);
    return { ...cell, counts: Object.fromEntries(Object.entries(hosts).map(([name, { count }]) => [name, count])) };
  });
}

/** Is this start of a worker none that answered before? */
function isNew(starts, start) {
  return starts.size < starts.add(start).size;
}

/** The page writes most of them, the contender itself the few that are asked for. */
async function fill({ pages, site }, name, contender, count) {
  const page = pages.get(name);
  await page.run(`loadScript('/bulk.js').then(() => bench.fill(${count - ASKED}))`, FILL_DEADLINE);
  // Another writer's answers are found at a start.
  await page.stopWorkers();
  for (let number = 0; number < ASKED; number++)
    await call(page, contender, { request: REQUEST, answer: ANSWER, numbers: [number] });
  await page.run(contender.settle);
  const stored = await page.run(contender.stored);
  if (stored !== count || site.calls(name) !== ASKED)
    throw new Error(`Cannot measure ${name}: ${stored} answers are stored, not ${count}`);
}
