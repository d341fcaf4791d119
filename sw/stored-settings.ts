import { createMatcher, type Matcher } from '../src/core/formats/endpoints.ts';
import type { Introduction } from '../src/core/protocol/messages.ts';
import { defaultBudgets, type Endpoint, type PageSettings, type WorkerSettings } from '../src/core/settings/options.ts';
import type { EntryMeta } from '../src/core/store/entry.ts';
import { readJson, writeJson } from '../src/core/store/json-file.ts';
import { type Drift, hasDrifted, noteServed } from '../src/core/store/model-drift.ts';

const fileName = 'settings.json';
const day = 24 * 60 * 60 * 1000;
/** An endpoint that no page has named for so long is no longer taken. */
const endpointLifetime = 60 * day;
/** A site whose pages have not had the script for so long has left Refrain. */
const longestAbsence = 7 * day;

/** When something was first and last named by a page, in milliseconds since the epoch. */
interface Seen {
  first: number;
  last: number;
}

/** What outlives the worker, of all pages of its scope together. */
interface Stored {
  endpoints: (Endpoint & Seen)[];
  exclude: (Endpoint & Seen)[];
  memory: number;
  disk: number;
  /** Some page named partitions, models or a mode: a client that does not say its own is not answered from the cache. */
  demanding: boolean;
  /** The worker's own Content-Security-Policy may forbid upstream calls. */
  restricted: boolean;
  /** Model → version → when pages had it in their catalog. */
  models: Record<string, Record<string, Seen>>;
  /** Aliases with the models that were seen to serve them. */
  drift: Drift;
  /** The day a page last had the script, in milliseconds since the epoch; 0 before the first. */
  present: number;
}

function initial(): Stored {
  return {
    ...{ endpoints: [], exclude: [], ...defaultBudgets, demanding: false, restricted: false, models: {}, drift: {} },
    present: 0,
  };
}

/** What a worker keeps when it gives its site up: that it has. */
export const keptWhenLeft = fileName;

/** What it needs of the worker. */
export interface SettingsPlatform {
  readonly directory: () => Promise<FileSystemDirectoryHandle>;
  readonly now: () => number;
  readonly conflict: (message: string) => void;
}

/**
 * The worker's settings: the endpoints of all pages united, the last writer's budgets. A restarted worker gets its first
 * fetch event before they can be read (docs/discoveries/worker-start.md): until `read` resolves there is no matcher.
 */
export class StoredSettings {
  /** Decides which URLs are taken; `undefined` until the stored settings are read. */
  matcher: Matcher | undefined;
  readonly read: Promise<void>;
  #stored = initial();
  #saving: Promise<void> = Promise.resolve();
  #isQueued = false;
  /** Budgets that a page has named since this worker started. */
  readonly #named = new Set<string>();

  readonly #platform: SettingsPlatform;
  readonly #host: WorkerSettings;

  /** @param host what the app's own worker says of its settings. It counts as long as that says it, and is not stored */
  constructor(platform: SettingsPlatform, host: WorkerSettings = { endpoints: [], exclude: [] }) {
    this.#platform = platform;
    this.#host = host;
    this.read = this.#load();
  }

  get memory(): number {
    return this.#stored.memory;
  }

  get disk(): number {
    return this.#stored.disk;
  }

  get demanding(): boolean {
    return this.#stored.demanding;
  }

  get restricted(): boolean {
    return this.#stored.restricted;
  }

  /** No page has ever had the script. */
  get isScriptless(): boolean {
    return this.#stored.present === 0;
  }

  /** No page has had the script for a week: whoever took the tag away wants nothing to be in between. */
  get isAbandoned(): boolean {
    const { present } = this.#stored;
    return present > 0 && this.#platform.now() - present > longestAbsence + day;
  }

  /** A page has the script. Costs a write of the file, once a day. */
  notePresent(): void {
    const now = this.#platform.now();
    if (now - this.#stored.present < day) return;
    this.#stored.present = now - (now % day);
    this.#changed();
  }

  /** Takes what a page says; resolves once it holds, before it is saved. */
  async introduce({ page, worker }: Introduction): Promise<void> {
    await this.read;
    this.notePresent();
    const before = JSON.stringify(this.#stored);
    const now = this.#platform.now();
    unite(this.#stored.endpoints, worker.endpoints, now);
    unite(this.#stored.exclude, worker.exclude, now);
    this.#takeBudgets(worker);
    this.#stored.demanding ||= isDemanding(page);
    for (const [model, version] of Object.entries(page.models)) {
      const versions = this.#stored.models[model] ?? {};
      versions[version] = { first: versions[version]?.first ?? today(now), last: today(now) };
      this.#stored.models[model] = versions;
    }
    if (JSON.stringify(this.#stored) !== before) this.#changed();
  }

  async setRestricted(restricted: boolean): Promise<void> {
    await this.read;
    if (this.#stored.restricted === restricted) return;
    this.#stored.restricted = restricted;
    this.#changed();
    await this.#saving;
  }

  /**
   * Is this model version one that a newer has replaced for good? Only a day after the newer was first seen, and a day
   * after a page last had the older: two builds in one browser must not take each other's answers away.
   */
  isOutdated(model: string, version: string): boolean {
    const versions = this.#stored.models[model];
    if (!versions) return false;
    const yesterday = this.#platform.now() - day;
    const own = versions[version] ?? { first: 0, last: 0 };
    if (own.last > yesterday) return false;
    return Object.values(versions).some((other) => other.last > own.last && other.first <= yesterday);
  }

  /** Runs a removal when there are versions that newer ones have replaced for good, and then forgets these. */
  async removeOutdated(
    remove: (isOutdated: (model: string, version: string) => boolean) => Promise<unknown>,
  ): Promise<void> {
    const outdated = Object.entries(this.#stored.models).flatMap(([model, versions]) =>
      Object.keys(versions)
        .filter((version) => this.isOutdated(model, version))
        .map((version) => [model, version] as const),
    );
    if (outdated.length === 0) return;
    await remove((model, version) => this.isOutdated(model, version));
    for (const [model, version] of outdated) delete this.#stored.models[model]?.[version];
    this.#changed();
  }

  /** Notes which model really answered. */
  noteServed(meta: EntryMeta): void {
    if (noteServed(this.#stored.drift, meta)) this.#changed();
  }

  /** Was this answer given before its alias moved to another model? */
  hasDrifted(meta: EntryMeta): boolean {
    return hasDrifted(this.#stored.drift, meta);
  }

  async #load(): Promise<void> {
    try {
      const file = await readJson(await this.#platform.directory(), fileName);
      if (isSound(file)) this.#stored = { ...initial(), ...file, ...budgetsIn(file) };
      // A clock that was put back must not make the absence longer, nor hide it for years.
      this.#stored.present = Math.min(Number(this.#stored.present) || 0, this.#platform.now());
      const oldest = this.#platform.now() - endpointLifetime;
      this.#stored.endpoints = this.#stored.endpoints.filter(({ last }) => last > oldest);
      this.#stored.exclude = this.#stored.exclude.filter(({ last }) => last > oldest);
    } catch {
      // Without a disk, or with a damaged file, pages say it again.
      this.#stored = initial();
    }
    this.#takeBudgets(this.#host);
    this.#match();
  }

  #match(): void {
    const { endpoints, exclude } = this.#stored;
    this.matcher = createMatcher([...endpoints, ...this.#host.endpoints], [...exclude, ...this.#host.exclude]);
  }

  #changed(): void {
    this.#match();
    // One write for all that changes before it begins.
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#saving = this.#saving.then(() => this.#save()).catch(() => {});
  }

  async #save(): Promise<void> {
    this.#isQueued = false;
    await writeJson(await this.#platform.directory(), fileName, this.#stored);
  }

  #takeBudgets(worker: WorkerSettings): void {
    for (const name of ['memory', 'disk'] as const) {
      const bytes = worker[name];
      if (bytes === undefined) continue;
      if (this.#named.has(name) && this.#stored[name] !== bytes)
        this.#platform.conflict(
          `Cannot keep two budgets for one worker: pages of this scope name data-${name} ${this.#stored[name]} and ${bytes} bytes, the last one counts until they agree`,
        );
      this.#named.add(name);
      this.#stored[name] = bytes;
    }
  }
}

function budgetsIn({ memory, disk }: Stored): typeof defaultBudgets {
  const sound = (bytes: unknown, byDefault: number) =>
    Number.isSafeInteger(bytes) && (bytes as number) >= 0 ? (bytes as number) : byDefault;
  return { memory: sound(memory, defaultBudgets.memory), disk: sound(disk, defaultBudgets.disk) };
}

/** Written by us, so looked at only as far as a damaged file could break what reads it. */
function isSound(file: unknown): file is Stored {
  if (typeof file !== 'object' || file === null) return false;
  const { endpoints, exclude, models, drift = {} } = file as Partial<Stored>;
  return (
    [endpoints, exclude].every(Array.isArray) &&
    [models, drift].every((part) => typeof part === 'object' && part !== null)
  );
}

function unite(known: (Endpoint & Seen)[], named: readonly Endpoint[], now: number): void {
  for (const { pattern, base } of named) {
    const present = known.find((endpoint) => endpoint.pattern === pattern && endpoint.base === base);
    if (present) present.last = today(now);
    else known.push({ pattern, base, first: today(now), last: today(now) });
  }
}

/** To the hour, so that naming it again does not write the file again. */
function today(now: number): number {
  return now - (now % (60 * 60 * 1000));
}

function isDemanding({ partition, models, mode }: PageSettings): boolean {
  return (
    partition !== null || Object.keys(models).length > 0 || mode === 'record' || mode === 'replay' || mode === 'off'
  );
}
