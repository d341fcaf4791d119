import { headersOf, serve } from './serve.mjs';

/** As much as Refrain keeps in memory. */
const BUDGET = 64_000_000;

const memory = new Map();
const onDisk = new Set();
let bytesInMemory = 0;
const folder = navigator.storage.getDirectory().then((root) => root.getDirectoryHandle('answers', { create: true }));

serve({
  async answer(event, key, later) {
    const kept = memory.get(key);
    if (kept) {
      // To the end: the first is the one not used for longest.
      memory.delete(key);
      memory.set(key, kept);
      return replay(kept, 'memory');
    }
    const found = await read(key);
    if (found) {
      later(keep(key, found));
      return replay(found, 'file');
    }
    const response = await fetch(event.request);
    if (response.ok) {
      const copy = response.clone();
      later(copy.arrayBuffer().then((bytes) => keep(key, { type: headersOf(copy)['content-type'], bytes })));
    }
    return response;
  },
  async forget() {
    await evictTo(0);
  },
});

function replay({ type, bytes }, place) {
  return new Response(bytes, { headers: { 'content-type': type, 'x-answered-by': place } });
}

async function keep(key, entry) {
  memory.set(key, entry);
  bytesInMemory += entry.bytes.byteLength;
  await evictTo(BUDGET);
}

async function evictTo(bytes) {
  while (bytesInMemory > bytes) {
    const [key, entry] = memory.entries().next().value;
    memory.delete(key);
    bytesInMemory -= entry.bytes.byteLength;
    if (!onDisk.has(key)) await write(key, entry);
  }
}

/** One line of JSON, then the body. */
async function write(key, { type, bytes }) {
  const writable = await (await (await folder).getFileHandle(key, { create: true })).createWritable();
  await writable.write(new Blob([`${JSON.stringify({ type })}\n`, bytes]));
  await writable.close();
  onDisk.add(key);
}

async function read(key) {
  const handle = await (await folder).getFileHandle(key).catch(() => undefined);
  if (!handle) return undefined;
  const whole = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  onDisk.add(key);
  const end = whole.indexOf(10);
  const { type } = JSON.parse(new TextDecoder().decode(whole.subarray(0, end)));
  return { type, bytes: whole.slice(end + 1).buffer };
}
