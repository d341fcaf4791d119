// The goals, and whether this run met them: each a ratio of two contenders of the same rounds.

import { ratioOf } from '../figures.mjs';

/**
 * Resolves goals to `{ name, most, p50, p95, met }`: the most that is asked for, and the ratios of both quantiles with their
 * intervals; `note` says what has no ratio. A goal whose part was not run is missing.
 */
export function goalsOf({ calls, starts, paced, parts, heap }) {
  const cell = (kind, atOnce = 1) =>
    calls?.find(
      (one) => one.kind === kind && one.request === '20kB' && one.answer === '120kB' && one.atOnce === atOnce,
    );
  const hit = cell('repeated');
  const miss = cell('never-seen');
  const identical = cell('identical', 64);
  const most = starts && Object.keys(starts.counts).findLast((name) => name.startsWith('refrain-disk-'));
  return [
    hit && goal('memory hit / constant', 1.05, hit, 'refrain-memory', hit.constant),
    hit && goal('checked OPFS hit / Workbox over Cache Storage', 1.1, hit, 'refrain-disk', 'workbox'),
    miss &&
      goal('miss, first byte / pass-through, upstream at once', 1.15, miss, 'refrain-miss', 'pass-through', 'toFirst'),
    miss && goal('miss, whole answer / pass-through, upstream at once', 1.3, miss, 'refrain-miss', 'pass-through'),
    paced && goal('miss / pass-through, 200 ms and 50 tokens/s', 1.01, paced, 'refrain-miss', 'pass-through'),
    parts &&
      goalOf(
        `${parts.count} parts in an open page / no worker`,
        1.02,
        parts.open.samples.refrain,
        parts.open.samples.none,
      ),
    parts && goalOf(`loading a page with them / no worker`, 1.02, parts.page.samples.refrain, parts.page.samples.none),
    parts && {
      name: 'starts of the worker by parts in an open page',
      most: 0,
      p50: exactly(parts.started.open),
      met: parts.started.open === 0,
    },
    starts &&
      goal(
        `first call after a start, ${starts.counts[most].toLocaleString('en')} stored / constant`,
        1.3,
        starts,
        most,
        starts.constant,
      ),
    identical && goal('64 identical calls / 64 on the constant', 1.2, identical, 'refrain-miss', identical.constant),
    identical && {
      name: 'upstream calls for 64 identical ones',
      most: 1,
      p50: exactly(identical.rows.find(({ name }) => name === 'refrain-miss').reached),
      met: identical.rows.find(({ name }) => name === 'refrain-miss').reached === 1,
    },
    heap && {
      name: `worker heap, ${heap.readings.at(-1).misses.toLocaleString('en')} misses / ${heap.readings[0].misses.toLocaleString('en')}`,
      most: 1.05,
      p50: exactly(heap.growth),
      met: heap.growth <= 1.05,
      note: `${heap.bytesAMiss.toFixed(0)} bytes a miss`,
    },
  ].filter(Boolean);
}

function goal(name, most, { rows }, ours, theirs, time = 'toEnd') {
  const samples = (which) => rows.find((row) => row.name === which).samples[time];
  return goalOf(name, most, samples(ours), samples(theirs));
}

function goalOf(name, most, ours, theirs) {
  const [p50, p95] = [0.5, 0.95].map((share) => ratioOf(ours, theirs, share));
  return { name, most, p50, p95, met: p50.ratio <= most && p95.ratio <= most };
}

function exactly(value) {
  return { ratio: value, low: value, high: value };
}
