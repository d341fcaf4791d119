import { afterAll } from 'vitest';
import type { RefrainEvent } from '../../report/events.ts';
import type { Entry } from '../entry.ts';
import { type OpfsLimits, OpfsTier } from '../opfs-tier.ts';

const roomy = 10_000_000;
const root = await navigator.storage.getDirectory();
const folders: string[] = [];

afterAll(async () => {
  for (const name of folders) await root.removeEntry(name, { recursive: true }).catch(() => {});
});

/** A folder of its own, and the tiers of the workers that use it. */
export class Disk {
  readonly events: RefrainEvent[] = [];
  /** Milliseconds since the epoch. */
  now = 1_000_000;
  /** So much later is each look at the clock, in milliseconds: every write is a second after the one before. */
  step = 1000;
  /** The folder as the tiers see it. */
  seen: FileSystemDirectoryHandle;

  private constructor(readonly folder: FileSystemDirectoryHandle) {
    this.seen = folder;
  }

  static async create(): Promise<Disk> {
    const name = crypto.randomUUID();
    folders.push(name);
    return new Disk(await root.getDirectoryHandle(name, { create: true }));
  }

  open(budget = roomy, limits?: OpfsLimits): OpfsTier {
    const platform = {
      directory: async () => this.seen,
      exclusive: <T>(work: () => Promise<T>) => navigator.locks.request(this.folder.name, work) as Promise<T>,
      now: () => {
        this.now += this.step;
        return this.now;
      },
      report: (event: RefrainEvent) => this.events.push(event),
    };
    return new OpfsTier(platform, budget, limits);
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const name of this.folder.keys()) if (name !== 'recently-used') names.push(name);
    return names.sort();
  }

  async read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const handle = await this.folder.getFileHandle(name);
    return new Uint8Array(await (await handle.getFile()).arrayBuffer());
  }

  async write(name: string, content: Uint8Array<ArrayBuffer> | string): Promise<void> {
    const handle = await this.folder.getFileHandle(name, { create: true });
    const writable = await handle.createWritable();
    await writable.write(content);
    await writable.close();
  }

  async empty(): Promise<void> {
    for (const name of await this.names()) await this.folder.removeEntry(name);
  }

  keysRemoved(reason: string): string[] {
    return this.events.flatMap((event) => (event.type === 'entry-remove' && event.reason === reason ? event.keys : []));
  }
}

/** What the browser does at steps that cannot be timed from outside. */
export interface Hooks {
  /** Called before bytes of a file are read; rejects where they cannot be. */
  read: (name: string, from: number) => Promise<void>;
  /** No file can be made. */
  isFull: boolean;
  /** A file that cannot be deleted. */
  busy: string;
}

/** Puts hooks between the folder and the tiers that are opened from now on. Files and folder stay real. */
export async function hook(disk: Disk): Promise<Hooks> {
  const hooks: Hooks = { read: async () => {}, isFull: false, busy: '' };
  const { folder } = disk;
  const hooked = (handle: FileSystemFileHandle) => {
    const getFile = handle.getFile.bind(handle);
    return Object.assign(handle, {
      getFile: async () => {
        const file = await getFile();
        const slice = file.slice.bind(file);
        return Object.assign(file, {
          slice: (from: number, to: number) => {
            const part = slice(from, to);
            const arrayBuffer = part.arrayBuffer.bind(part);
            return Object.assign(part, {
              arrayBuffer: async () => {
                await hooks.read(handle.name, from);
                return arrayBuffer();
              },
            });
          },
        });
      },
    });
  };
  // A second handle of the same folder: the test itself goes on using the first.
  disk.seen = Object.assign(await root.getDirectoryHandle(folder.name), {
    async *entries() {
      for await (const [name, handle] of folder.entries())
        yield [name, handle.kind === 'file' ? hooked(handle as FileSystemFileHandle) : handle] as const;
    },
    getFileHandle: async (name: string, options?: FileSystemGetFileOptions) => {
      if (hooks.isFull && options?.create) throw new DOMException('full', 'QuotaExceededError');
      return hooked(await folder.getFileHandle(name, options));
    },
    removeEntry: async (name: string) => {
      if (name === hooks.busy) throw new DOMException('busy', 'NoModificationAllowedError');
      return folder.removeEntry(name);
    },
  }) as unknown as FileSystemDirectoryHandle;
  return hooks;
}

/** Puts and flushes one after the other, so that each has a segment of its own. */
export async function putEach(tier: OpfsTier, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) {
    await tier.put(entry);
    await tier.flush();
  }
}
