import { afterAll, expect, test } from 'vitest';
import { readJson, writeJson } from './json-file.ts';

const root = await navigator.storage.getDirectory();
const folder = await root.getDirectoryHandle(crypto.randomUUID(), { create: true });

afterAll(() => root.removeEntry(folder.name, { recursive: true }));

async function write(name: string, content: string): Promise<void> {
  const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
  await writable.write(content);
  await writable.close();
}

test('readJson gives back what writeJson wrote, and the newer of two', async () => {
  await writeJson(folder, 'a.json', { long: 'x'.repeat(1000) });
  await writeJson(folder, 'a.json', { é: [1, null, '😀'] });
  expect(await readJson(folder, 'a.json')).toEqual({ é: [1, null, '😀'] });
});

test('readJson gives undefined, when there is no such file', async () => {
  expect(await readJson(folder, 'none.json')).toBeUndefined();
});

test('readJson gives undefined, when the file is empty, cut or no JSON', async () => {
  for (const content of ['', '{"a":', 'oops', '{}}']) {
    await write('damaged.json', content);
    expect(await readJson(folder, 'damaged.json')).toBeUndefined();
  }
});

test('readJson gives undefined, when a folder has the name or the folder is gone', async () => {
  await folder.getDirectoryHandle('folder.json', { create: true });
  expect(await readJson(folder, 'folder.json')).toBeUndefined();
  const gone = await folder.getDirectoryHandle('gone', { create: true });
  await folder.removeEntry('gone');
  expect(await readJson(gone, 'a.json')).toBeUndefined();
  await expect(writeJson(gone, 'a.json', {})).rejects.toThrow();
});

test('readJson sees the old file or the new one, whole, while one is written', async () => {
  await writeJson(folder, 'b.json', { version: 0, pad: 'x'.repeat(100_000) });
  const writes = (async () => {
    for (let version = 1; version <= 10; version++)
      await writeJson(folder, 'b.json', { version, pad: 'y'.repeat(50_000) });
  })();
  let last = 0;
  for (let i = 0; i < 30; i++) {
    const read = (await readJson(folder, 'b.json')) as { version: number } | undefined;
    // A file that is replaced between two steps of reading is one that could not be read, never half of one.
    if (!read) continue;
    expect(read.version).toBeGreaterThanOrEqual(last);
    last = read.version;
  }
  await writes;
  expect(await readJson(folder, 'b.json')).toMatchObject({ version: 10 });
});
