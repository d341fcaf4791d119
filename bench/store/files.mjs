// One file an answer in the origin's private file system: length of the head, head in JSON, body.

import { bytesIn, eraseFolder, folderNamed } from './folder.mjs';
import { serve } from './worker.mjs';

/** Files written side by side: one after the other takes longer, all at once not less. */
const AT_ONCE = 16;

serve(async (name) => {
  const folder = await folderNamed(name);
  return {
    async get(key) {
      const handle = await folder.getFileHandle(key).catch(() => undefined);
      if (!handle) return undefined;
      const bytes = await (await handle.getFile()).arrayBuffer();
      const length = new DataView(bytes).getUint32(0);
      const headers = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
      return new Response(new Uint8Array(bytes, 4 + length), { headers });
    },
    async put(answers) {
      const waiting = answers.values();
      const writeAll = async () => {
        for (const answer of waiting) await write(folder, answer);
      };
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, answers.length) }, writeAll));
    },
    bytes: () => bytesIn(folder),
    erase: () => eraseFolder(name),
  };
});

async function write(folder, { key, headers, bytes }) {
  const head = new TextEncoder().encode(JSON.stringify(headers));
  const whole = new Uint8Array(4 + head.byteLength + bytes.byteLength);
  new DataView(whole.buffer).setUint32(0, head.byteLength);
  whole.set(head, 4);
  whole.set(bytes, 4 + head.byteLength);
  const writable = await (await folder.getFileHandle(key, { create: true })).createWritable();
  await writable.write(whole);
  await writable.close();
}
