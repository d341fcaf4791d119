import type { Page } from './asking.ts';

/** Files of Refrain's folder in OPFS: path → what tells that it was written anew. */
export type FilesOnDisk = Readonly<Record<string, string>>;

/** What may happen to a file behind the store's back. */
export const damages = ['one bit flipped', 'cut to half', 'emptied', 'overwritten with noise', 'deleted'] as const;
export type Damage = (typeof damages)[number];

/** Lists the files Refrain has on disk, from the page. */
export function filesOnDisk(page: Page): Promise<FilesOnDisk> {
  return page.evaluate(async () => {
    const found: Record<string, string> = {};
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle, `${path}/${name}`);
        else {
          const file = await (handle as FileSystemFileHandle).getFile();
          found[`${path}/${name}`] = `${file.size} bytes at ${file.lastModified}`;
        }
      }
    };
    const root = await navigator.storage.getDirectory();
    await walk(await root.getDirectoryHandle('refrain', { create: true }), 'refrain');
    return found;
  });
}

/** Files that came between two listings and have stayed as they were in a third. */
export function broughtBetween(before: FilesOnDisk, after: FilesOnDisk, later: FilesOnDisk): string[] {
  return Object.keys(after).filter((path) => !(path in before) && later[path] === after[path]);
}

/** Damages files, from the page. */
export function damageFiles(page: Page, paths: readonly string[], damage: Damage): Promise<void> {
  return page.evaluate(
    async ([all, how]) => {
      for (const path of all) {
        const parts = path.split('/');
        const name = parts.pop() as string;
        let folder = await navigator.storage.getDirectory();
        for (const part of parts) folder = await folder.getDirectoryHandle(part);
        if (how === 'deleted') {
          await folder.removeEntry(name);
          continue;
        }
        const handle = await folder.getFileHandle(name);
        const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
        const middle = bytes.length >> 1;
        if (how === 'one bit flipped') bytes[middle] = (bytes[middle] ?? 0) ^ 1;
        if (how === 'overwritten with noise') {
          for (let i = 0; i < bytes.length; i += 65_536) crypto.getRandomValues(bytes.subarray(i, i + 65_536));
        }
        const length = how === 'emptied' ? 0 : how === 'cut to half' ? middle : bytes.length;
        const writable = await handle.createWritable();
        await writable.write(bytes.subarray(0, length));
        await writable.close();
      }
    },
    [paths, damage] as const,
  );
}

/** Everything Refrain has on disk, as one string of bytes. */
export function bytesOnDisk(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const texts: string[] = [];
    const walk = async (folder: FileSystemDirectoryHandle): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        texts.push(name);
        if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle);
        else
          texts.push(
            new TextDecoder('latin1').decode(await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer()),
          );
      }
    };
    await walk(await navigator.storage.getDirectory());
    return texts.join('\n');
  });
}
