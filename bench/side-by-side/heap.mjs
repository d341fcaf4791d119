// The worker's heap while misses go on and on: its memory tier is small here and full before the first reading.

import { refrainMiss } from '../contenders/index.mjs';
import { call, onStage, say } from './stage.mjs';

const BUDGET = '2MB';
const AT_ONCE = 20;

/** Resolves with bytes after so many misses, and the bytes a miss between the first reading and the last. */
export async function measureHeap({ readings }) {
  const contender = { ...refrainMiss, head: `<script src="/refrain.js" data-memory="${BUDGET}"></script>` };
  return onStage({ refrain: { contender, asked: ['4kB'] } }, async ({ pages, site, browser }) => {
    const page = pages.get('refrain');
    const seen = [];
    let misses = 0;
    for (const until of readings) {
      say(`heap: to ${until.toLocaleString('en')} misses`);
      for (; misses < until; misses += AT_ONCE) {
        const numbers = Array.from({ length: AT_ONCE }, (_, i) => misses + i);
        await call(page, contender, { request: '2kB', answer: '4kB', numbers });
      }
      await page.run(contender.settle);
      const { memory } = await page.run('refrain.stats()');
      if (site.calls('refrain') !== misses) throw new Error(`Cannot measure the heap: not every call was a miss`);
      const { used, arrays } = await browser.heapOfWorker(site.url('refrain'));
      seen.push({ misses, used, arrays, kept: memory.entries });
    }
    const [first, last] = [seen[0], seen.at(-1)];
    const bytes = ({ used, arrays }) => used + arrays;
    const slope = (bytes(last) - bytes(first)) / (last.misses - first.misses);
    return { budget: BUDGET, readings: seen, bytesAMiss: slope, growth: bytes(last) / bytes(first) };
  });
}
