// The product's own tier on disk and the response it makes of an entry, from the source, without what lies between.

import { replay } from '../../src/core/request/replay.ts';
import { OpfsTier } from '../../src/core/store/opfs-tier.ts';
import { createHandOver } from '../../sw/hand-over.ts';
import { bytesIn, eraseFolder, folderNamed } from './folder.mjs';
import { serve } from './worker.mjs';

const BUDGET = 4_000_000_000;
/** Bytes put before a flush is awaited: beyond 32 MB the tier keeps answers in memory alone. */
const QUEUE = 28_000_000;

const handOver = createHandOver(navigator);

serve(async (name) => {
  /** What the tier could not do, or what it removed: there is room for all and nothing is removed, or the figures mean nothing. */
  let trouble;
  const platform = {
    directory: () => folderNamed(name),
    exclusive: (work) => navigator.locks.request(name, work),
    now: () => Date.now(),
    report({ type, message, reason }) {
      if (type === 'problem' || type === 'entry-remove')
        trouble ??= message ?? `Cannot count this: answers went, ${reason}`;
    },
  };
  const tier = new OpfsTier(platform, BUDGET);
  return {
    async get(key) {
      const entry = await tier.get(key);
      return entry && replay({ entry, tier: 'opfs', left: entry.meta.ttl }, Date.now(), handOver);
    },
    async put(answers) {
      let waiting = 0;
      for (const answer of answers) {
        const entry = entryOf(answer);
        if (waiting + entry.meta.bytes > QUEUE) {
          await tier.flush();
          waiting = 0;
        }
        void tier.put(entry);
        waiting += entry.meta.bytes + 1000;
      }
      await tier.flush();
      if (trouble) throw new Error(trouble);
    },
    maintain: () => tier.maintain(),
    // Reads the whole index, as the product's worker does after its first response.
    ready: () => tier.usage(),
    bytes: async () => bytesIn(await folderNamed(name)),
    erase: () => eraseFolder(name),
  };
});

function entryOf({ number, key, headers, bytes }) {
  const meta = {
    key,
    format: 'openai-chat',
    provider: 'openai',
    model: 'gpt-4o-mini',
    servedBy: 'gpt-4o-mini-2024-07-18',
    url: 'https://api.openai.com/v1/chat/completions',
    partition: 'none',
    statusText: 'OK',
    headers,
    storedAt: Date.now(),
    ttl: 2_592_000,
    elapsed: 1000 + (number % 9000),
    tokens: { input: 430, output: Math.round(bytes.byteLength / 300) },
    bytes: bytes.byteLength,
  };
  return { meta, body: bytes };
}
