// A miss with an upstream as it is: 200 ms to the headers, then 50 tokens a second. All three are asked at the same time, or
// the rounds would take minutes.

import { none, passThrough, refrainMiss } from '../contenders/index.mjs';
import { cellOf } from './calls.mjs';
import { onStage, say } from './stage.mjs';

export async function measurePaced({ rounds }) {
  const taking = [none, passThrough, refrainMiss];
  const hosts = Object.fromEntries(taking.map((contender) => [contender.name, { contender, asked: ['paced'] }]));
  const work = { kind: 'never-seen', request: '20kB', answer: 'paced', atOnce: 1 };
  return onStage(hosts, async ({ ask }) => {
    say(`paced: ${rounds.paced} rounds`);
    const samples = Object.fromEntries(Object.keys(hosts).map((name) => [name, []]));
    for (let round = -1; round < rounds.paced; round++) {
      const seen = await Promise.all(
        Object.keys(hosts).map(async (name) => [name, await ask(name, { ...work, numbers: [round + 1] })]),
      );
      if (round >= 0) for (const [name, sample] of seen) samples[name].push(sample);
    }
    return cellOf(work, samples, {}, (name) => name === passThrough.name);
  });
}
