import { readJson, writeJson } from '../src/core/store/json-file.ts';
import { lockNamed } from './lock.ts';

const fileName = 'secret.json';
const algorithm = { name: 'HMAC', hash: 'SHA-256' };

/**
 * The secret of this install, under which credentials are hashed into partitions. It never leaves the browser. Two workers
 * that start at once agree on one, by a lock. Where nothing can be stored it lives as long as the worker, like its answers.
 */
export async function installSecret(
  directory: () => Promise<FileSystemDirectoryHandle>,
  scope: string,
): Promise<CryptoKey> {
  try {
    const folder = await directory();
    // The lock is a round trip to the browser, and the first call waits for the secret: only who finds none takes it.
    const present = await read(folder);
    return await importSecret(present ?? (await lockNamed(`refrain secret ${scope}`)(() => readOrCreate(folder))));
  } catch {
    return importSecret(createSecret());
  }
}

async function read(folder: FileSystemDirectoryHandle): Promise<number[] | undefined> {
  const stored = await readJson(folder, fileName);
  return Array.isArray(stored) && stored.length === 32 ? (stored as number[]) : undefined;
}

async function readOrCreate(folder: FileSystemDirectoryHandle): Promise<number[]> {
  const stored = await read(folder);
  if (stored) return stored;
  const created = createSecret();
  await writeJson(folder, fileName, created);
  return created;
}

function createSecret(): number[] {
  return [...crypto.getRandomValues(new Uint8Array(32))];
}

function importSecret(bytes: number[]): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', new Uint8Array(bytes), algorithm, false, ['sign']);
}
