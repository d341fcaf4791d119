/** Reads a small JSON file; `undefined` when it is absent or damaged. Never rejects. */
export async function readJson(directory: FileSystemDirectoryHandle, name: string): Promise<unknown> {
  try {
    const handle = await directory.getFileHandle(name);
    return JSON.parse(await (await handle.getFile()).text());
  } catch {
    return undefined;
  }
}

/** Replaces a small JSON file in one step: a reader sees the old or the new one, whole. About 5 ms. Rejects when the disk does. */
export async function writeJson(directory: FileSystemDirectoryHandle, name: string, value: unknown): Promise<void> {
  const handle = await directory.getFileHandle(name, { create: true });
  const writable = await handle.createWritable();
  await writable.write(JSON.stringify(value));
  await writable.close();
}
