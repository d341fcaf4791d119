import { readFileSync } from 'node:fs';
import { bundle } from './bundle.mjs';

/** The built scripts, behind the tag that an app has. */
const installed = {
  head: '<script src="/refrain.js"></script>',
  files: async () => ({
    '/refrain.js': readFileSync(new URL('../../dist/refrain.js', import.meta.url)),
    '/refrain-sw.js': readFileSync(new URL('../../dist/refrain-sw.js', import.meta.url)),
    '/bulk.js': await bundle('refrain-bulk'),
  }),
  ready: 'refrain.ready',
  settle: 'refrain.flush().then(() => {})',
  stored: 'refrain.stats().then(({ opfs }) => opfs.entries)',
};

const isHit = (tier) => ({
  reaches: (reached) => reached === 0,
  is: ({ byWorker, replies }) =>
    byWorker &&
    replies.every(({ cacheStatus }) => new RegExp(`^refrain; hit; ttl=\\d+; detail=${tier}$`).test(cacheStatus ?? '')),
});

const isMiss = ({ byWorker, replies }) =>
  byWorker && replies.every(({ cacheStatus }) => /^refrain; fwd=miss(;|$)/.test(cacheStatus ?? ''));

/** One asks, the others follow it; who comes after its end has a hit. */
const isShared = ({ byWorker, replies }) =>
  byWorker && replies.every(({ cacheStatus }) => /^refrain; (fwd=miss(; collapsed)?$|hit;)/.test(cacheStatus ?? ''));

export const refrainMemory = {
  ...installed,
  name: 'refrain-memory',
  title: 'Refrain, from memory',
  repeated: isHit('memory'),
};

/** Every answer from disk is checked by its digest before it is served. */
export const refrainDisk = {
  ...installed,
  name: 'refrain-disk',
  title: 'Refrain, from OPFS',
  repeated: { ...isHit('opfs'), before: 'refrain.forgetMemory()' },
  /** A worker that has just started has nothing in memory. */
  afterStart: isHit('opfs'),
};

/** What is written to disk behind an answer must not slow the next contender down: it is waited for. */
export const refrainMiss = {
  ...installed,
  name: 'refrain-miss',
  title: 'Refrain, a miss',
  'never-seen': { reaches: (reached, calls) => reached === calls, is: isMiss, after: installed.settle },
  identical: { reaches: (reached) => reached === 1, is: isShared, after: installed.settle },
  afterStart: { reaches: (reached) => reached === 1, is: isMiss, after: 'refrain.purge().then(() => {})' },
};
