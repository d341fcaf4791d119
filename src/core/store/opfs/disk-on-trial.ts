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

/** Puts and flushes one after the other, so that each has a segment of its own. */
export async function putEach(tier: OpfsTier, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) {
    await tier.put(entry);
    await tier.flush();
  }
}
