// The worker's heap while misses go on and on: its memory tier is small here and full before the first reading. Beside it a
// worker that only passes the same calls on: what its heap gains, the browser keeps for each call. The rest is what Refrain
// knows of answers on disk, which goes when they are purged, or a leak.

import { passThrough, refrainMiss } from '../contenders/index.mjs';
import { call, onStage, say } from './stage.mjs';

const BUDGET = '2MB';
const AT_ONCE = 20;

/** Resolves with bytes after so many misses, and the bytes a miss between the first reading and the last. */
export async function measureHeap({ readings }) {
  const refrain = { ...refrainMiss, head: `<script src="/refrain.js" data-memory="${BUDGET}"></script>` };
  const hosts = {
    refrain: { contender: refrain, asked: ['4kB'] },
    passing: { contender: passThrough, asked: ['4kB'] },
  };
  return onStage(hosts, async ({ pages, site, browser }) => {
    const page = pages.get('refrain');
    const seen = [];
    let misses = 0;
    for (const until of readings) {
      say(`heap: to ${until.toLocaleString('en')} misses`);
      for (; misses < until; misses += AT_ONCE) {
        const numbers = Array.from({ length: AT_ONCE }, (_, i) => misses + i);
        for (const [name, { contender }] of Object.entries(hosts))
          await call(pages.get(name), contender, { request: '2kB', answer: '4kB', numbers });
      }
      await page.run(refrain.settle);
      for (const name of Object.keys(hosts))
        if (site.calls(name) !== misses) throw new Error('Cannot measure the heap: not every call was a miss');
      seen.push(await reading());
    }
    await page.run('refrain.purge().then(() => {})');
    const purged = await reading();
    const [first, last] = [seen[0], seen.at(-1)];
    const slope = (last.bytes - first.bytes) / (last.misses - first.misses);
    return { budget: BUDGET, readings: seen, purged, bytesAMiss: slope, growth: last.bytes / first.bytes };

    async function reading() {
      const { memory, opfs } = await page.run('refrain.stats()');
      const [bytes, passing] = [await heapOf('refrain'), await heapOf('passing')];
      return { misses, bytes, passing, inMemory: memory.entries, onDisk: opfs.entries };
    }

    async function heapOf(name) {
      const { used, arrays } = await browser.heapOfWorker(site.url(name));
      return used + arrays;
    }
  });
}
