import type { RefrainEvent } from '../src/core/report/events.ts';
import { type Counters, count, emptyCounters, restoreCounters } from '../src/core/report/stats.ts';
import { readJson, writeJson } from '../src/core/store/json-file.ts';

const fileName = 'stats.json';
/** Counters are written at most once in so many milliseconds. */
const pause = 1000;

/** Counts events, since boot and since install. What was counted in the last second before a worker dies may be lost. */
export class Statistics {
  readonly sinceBoot: Counters = emptyCounters();
  sinceInstall: Counters = emptyCounters();
  #loading: Promise<void> | undefined;
  #early: RefrainEvent[] | undefined = [];
  #saving: Promise<void> | undefined;
  #unsaved = false;

  readonly #directory: () => Promise<FileSystemDirectoryHandle>;
  readonly #after: (milliseconds: number) => Promise<void>;

  constructor(directory: () => Promise<FileSystemDirectoryHandle>, after: (milliseconds: number) => Promise<void>) {
    this.#directory = directory;
    this.#after = after;
  }

  /** Reads what earlier workers counted, once. Not before it is needed: a worker that waits must not, its predecessor counts on. */
  read(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  add(event: RefrainEvent): void {
    count(this.sinceBoot, event);
    if (this.#early) this.#early.push(event);
    else count(this.sinceInstall, event);
    this.#unsaved = true;
  }

  /** Resolves when all that is counted so far is written, about a second later. Never rejects. */
  saveSoon(): Promise<void> {
    if (!this.#unsaved) return this.#saving ?? Promise.resolve();
    this.#saving ??= this.#after(pause).then(async () => {
      this.#saving = undefined;
      await this.save();
    });
    return this.#saving;
  }

  async save(): Promise<void> {
    await this.read();
    if (!this.#unsaved) return;
    this.#unsaved = false;
    await this.#directory()
      .then((folder) => writeJson(folder, fileName, this.sinceInstall))
      .catch(() => {});
  }

  async #load(): Promise<void> {
    const stored = await this.#directory()
      .then((folder) => readJson(folder, fileName))
      .catch(() => undefined);
    this.sinceInstall = restoreCounters(stored);
    for (const event of this.#early ?? []) count(this.sinceInstall, event);
    this.#early = undefined;
  }
}
