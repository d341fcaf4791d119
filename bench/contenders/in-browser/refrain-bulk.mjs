// Stores many answers from the page with the product's own engine, in the folder and under the lock of the worker that
// stands at this page's scope: a second writer, as a second browser process would be. Keys are random.

import { OpfsTier } from '../../../src/core/store/opfs-tier.ts';
import { randomHash } from './hash.mjs';

const BUDGET = 4_000_000_000;
/** Answers put before they are awaited: of more, the tier would keep none for the disk. */
const AT_ONCE = 5000;
const BYTES = 2000;

export async function fill(count) {
  const scope = new URL('/', location.href).href;
  let trouble;
  const tier = new OpfsTier(
    {
      directory: segments,
      exclusive: (work) => navigator.locks.request(`refrain segments ${scope}`, work),
      now: () => Date.now(),
      report({ type, message, reason }) {
        if (type === 'problem' || type === 'entry-remove') trouble ??= message ?? `answers went, ${reason}`;
      },
    },
    BUDGET,
  );
  for (let stored = 0; stored < count; stored += AT_ONCE) {
    for (let i = stored; i < Math.min(count, stored + AT_ONCE); i++) void tier.put(entry(i));
    await tier.flush();
  }
  await tier.maintain();
  if (trouble) throw new Error(`Cannot fill the store: ${trouble}`);
}

async function segments() {
  let folder = await navigator.storage.getDirectory();
  for (const name of ['refrain', encodeURIComponent('/'), 'segments'])
    folder = await folder.getDirectoryHandle(name, { create: true });
  return folder;
}

function entry(number) {
  const content = 'as long as it is listened to, in short plain sentences '.repeat(40);
  const body = new TextEncoder().encode(JSON.stringify({ number, id: randomHash(), content }).slice(0, BYTES));
  const meta = {
    key: randomHash(),
    format: 'openai-chat',
    provider: 'openai',
    model: 'gpt-4o-mini',
    servedBy: 'gpt-4o-mini-2024-07-18',
    url: `${location.origin}/4kB/v1/chat/completions`,
    partition: 'none',
    statusText: 'OK',
    headers: [['content-type', 'application/json']],
    storedAt: Date.now(),
    ttl: 2_592_000,
    elapsed: 1000,
    tokens: { input: 430, output: 400 },
    bytes: body.byteLength,
  };
  return { meta, body };
}
