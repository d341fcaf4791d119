import { writeFile } from './files.ts';
import type { KeyStart } from './key-index.ts';

const usesName = 'recently-used';
const bits = 1 << 17;

/**
 * Which answers were served since they were last looked at for eviction: one bit for each, by its key, 16 kB for all. Two
 * keys may share a bit: one of them then stays a round longer. Outlives the worker; lost, it costs a few wrong choices.
 */
export class Uses {
  #marks: Uint8Array<ArrayBuffer> = new Uint8Array(bits / 8);
  #changed = false;
  #loading: Promise<void> | undefined;

  mark({ low }: KeyStart): void {
    if (this.has({ high: 0, low })) return;
    this.#changed = true;
    this.#set(low, true);
  }

  has({ low }: KeyStart): boolean {
    return ((this.#marks[(low % bits) >> 3] as number) & (1 << (low & 7))) !== 0;
  }

  clear({ low }: KeyStart): void {
    this.#set(low, false);
  }

  /** Adds what an earlier worker marked, once. Not at the start: the first answer does not need it. Never rejects. */
  load(directory: FileSystemDirectoryHandle): Promise<void> {
    this.#loading ??= this.#load(directory).catch(() => {});
    return this.#loading;
  }

  async #load(directory: FileSystemDirectoryHandle): Promise<void> {
    const handle = await directory.getFileHandle(usesName);
    const earlier = new Uint8Array(await (await handle.getFile()).arrayBuffer());
    for (let i = 0; i < this.#marks.length; i++) this.#marks[i] = (this.#marks[i] as number) | (earlier[i] ?? 0);
  }

  async save(directory: FileSystemDirectoryHandle): Promise<void> {
    if (!this.#changed) return;
    await this.load(directory);
    this.#changed = false;
    await writeFile(directory, usesName, new Blob([this.#marks]));
  }

  #set(low: number, on: boolean): void {
    const at = (low % bits) >> 3;
    const mask = 1 << (low & 7);
    this.#marks[at] = ((this.#marks[at] as number) & ~mask) | (on ? mask : 0);
  }
}
