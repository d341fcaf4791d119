// Folders of the origin's private file system.

export async function folderNamed(name) {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(name, { create: true });
}

export async function eraseFolder(name) {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(name, { recursive: true });
}

/** The bytes of its files. */
export async function bytesIn(folder) {
  let bytes = 0;
  for await (const handle of folder.values()) bytes += (await handle.getFile()).size;
  return bytes;
}
