import { afterAll, expect, test } from 'vitest';
import { readJson } from '../src/core/store/json-file.ts';
import { installSecret } from './install-secret.ts';

const root = await navigator.storage.getDirectory();
const folders: string[] = [];

afterAll(async () => {
  for (const name of folders) await root.removeEntry(name, { recursive: true });
});

async function createFolder(): Promise<FileSystemDirectoryHandle> {
  const name = crypto.randomUUID();
  folders.push(name);
  return root.getDirectoryHandle(name, { create: true });
}

/** What a secret makes of one text: equal for equal secrets. */
async function signatureBy(secret: CryptoKey): Promise<string> {
  return String(new Uint8Array(await crypto.subtle.sign('HMAC', secret, new TextEncoder().encode('text'))));
}

test('installSecret gives every worker of an install the same secret, and another install another', async () => {
  const folder = await createFolder();
  const [one, next] = [await installSecret(async () => folder, 'a'), await installSecret(async () => folder, 'a')];
  const other = await installSecret(createFolder, 'a');
  expect(await signatureBy(next)).toBe(await signatureBy(one));
  expect(await signatureBy(other)).not.toBe(await signatureBy(one));
});

test('installSecret gives two workers that start at once one secret', async () => {
  const folder = await createFolder();
  const secrets = await Promise.all([1, 2, 3].map(() => installSecret(async () => folder, folder.name)));
  expect(new Set(await Promise.all(secrets.map(signatureBy))).size).toBe(1);
});

test('installSecret gives a secret that cannot be read out', async () => {
  const secret = await installSecret(createFolder, 'b');
  expect(secret.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', secret)).rejects.toThrow();
});

test.each(['', '[1,2,3]', '{"length":32}', 'null'])(
  'installSecret makes a new one, when its file is damaged: %s',
  async (content) => {
    const folder = await createFolder();
    const writable = await (await folder.getFileHandle('secret.json', { create: true })).createWritable();
    await writable.write(content);
    await writable.close();
    const made = await signatureBy(await installSecret(async () => folder, folder.name));
    expect(await signatureBy(await installSecret(async () => folder, folder.name))).toBe(made);
    expect(await readJson(folder, 'secret.json')).toHaveLength(32);
  },
);

test('installSecret gives a secret for as long as the worker lives, when there is no disk', async () => {
  const noDisk = () => Promise.reject(new Error('no disk'));
  const [one, other] = [await installSecret(noDisk, 'd'), await installSecret(noDisk, 'd')];
  expect(await signatureBy(one)).toBe(await signatureBy(one));
  expect(await signatureBy(other)).not.toBe(await signatureBy(one));
});
