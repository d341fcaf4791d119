/** Holds one byte for a moment, to see whether the browser takes it. */
export const probeName = 'probe';

/** Writes a file whole or not at all: closing it is the commit. */
export async function writeFile(directory: FileSystemDirectoryHandle, name: string, content: Blob): Promise<void> {
  const handle = await directory.getFileHandle(name, { create: true });
  try {
    const writable = await handle.createWritable();
    await writable.write(content);
    await writable.close();
  } catch (error) {
    await directory.removeEntry(name).catch(() => {});
    throw error;
  }
}

/** Sorts by age; the random part makes it unique, so that a name is never used twice. */
export function fileName(age: number, ending: string): string {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `${String(Math.floor(age)).padStart(15, '0')}-${[...random].map((n) => n.toString(36)).join('')}${ending}`;
}

/** The first part of a name: milliseconds since the epoch. */
export function ageOf(name: string): number {
  return Number.parseInt(name, 10) || 0;
}
