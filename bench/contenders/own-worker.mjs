// What contenders whose worker is written here have in common: each stored answer carries the name of where it was.

import { registration } from './registration.mjs';

export function keptBy(place) {
  const hit = {
    reaches: (reached) => reached === 0,
    is: ({ byWorker, replies }) => byWorker && replies.every(({ answeredBy }) => answeredBy === place),
  };
  const miss = {
    reaches: (reached, calls) => reached === calls,
    is: ({ byWorker, replies }) => byWorker && replies.every(({ answeredBy }) => answeredBy === null),
    after: "tell('settle')",
  };
  return {
    head: registration,
    ready: 'controlled',
    settle: "tell('settle')",
    repeated: hit,
    afterStart: hit,
    'never-seen': miss,
    // None of them shares a call that is under way: who comes when the first answer is stored is spared, the others are not.
    identical: { ...miss, reaches: (reached) => reached >= 1, is: ({ byWorker }) => byWorker },
  };
}
