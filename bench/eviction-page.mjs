// The page of eviction.mjs: the product's own tier, on the origin's private files, asked for one question after the other.

import { OpfsTier } from '../src/core/store/opfs-tier.ts';
import { mulberry } from './figures.mjs';

let written = 0;
const { write } = FileSystemWritableFileStream.prototype;
FileSystemWritableFileStream.prototype.write = function (content) {
  written += content.size ?? content.byteLength;
  return write.call(this, content);
};

let run;

/** Begins anew with an empty folder. */
globalThis.begin = async ({ budget, sizes }) => {
  const root = await navigator.storage.getDirectory();
  if (run) await root.removeEntry(run.name, { recursive: true });
  const name = crypto.randomUUID();
  const folder = await root.getDirectoryHandle(name, { create: true });
  // Weeks go by in a second: what is evicted must not depend on it, what is called young must.
  let time = Date.now();
  const platform = {
    directory: async () => folder,
    exclusive: (work) => work(),
    now: () => {
      time += 1000;
      return time;
    },
    report: (event) => {
      if (event.type === 'problem') throw new Error(event.message);
    },
  };
  run = { name, sizes, tier: new OpfsTier(platform, budget), random: mulberry(7), stored: 0 };
  written = 0;
};

/** Asks for so many questions; resolves with which of them were hits. What was a miss is stored. */
globalThis.ask = async (questions) => {
  const hits = [];
  for (const [i, question] of questions.entries()) {
    const key = keyOf(question);
    const isHit = (await run.tier.get(key)) !== undefined;
    hits.push(isHit ? 1 : 0);
    if (isHit) run.tier.noteUse(key);
    else await run.tier.put(entryOf(key, run.sizes[question]));
    // As a page that asks one question after the other does.
    if (i % 8 === 7) await run.tier.flush();
  }
  await run.tier.flush();
  await run.tier.maintain();
  const { bytes, entries } = await run.tier.usage();
  return { hits: hits.join(''), bytes, entries, stored: run.stored, written };
};

function keyOf(question) {
  // Mixed, since the engine takes a key's own bits for random.
  const random = mulberry(question + 1);
  return Array.from({ length: 8 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}

/** Bytes that do not compress: the budget then counts what the other policies count. */
function entryOf(key, size) {
  run.stored += size;
  const body = new Uint8Array(size);
  crypto.getRandomValues(body);
  const meta = {
    ...{ key, format: 'openai-chat', provider: 'openai', url: 'https://api.example/v1/chat/completions' },
    ...{ partition: 'shared', statusText: 'OK', headers: [['content-type', 'application/octet-stream']] },
    ...{ storedAt: Date.now(), ttl: null, elapsed: 1000, bytes: size },
  };
  return { meta, body };
}
