import type { Cassettes } from '../src/core/cassette/cassettes.ts';
import { faultText, readCassette } from '../src/core/cassette/read-cassette.ts';
import type { RecordedAnswer, Recording } from '../src/core/cassette/recording.ts';
import { notWhole } from '../src/core/cassette/whole.ts';
import { writeCassette } from '../src/core/cassette/write-cassette.ts';
import { sha256, utf8Of } from '../src/core/digest.ts';
import type { ImportResult } from '../src/core/protocol/messages.ts';

/** What it needs of the worker. */
export interface CassettesPlatform {
  readonly fetch: (url: string) => Promise<Response>;
  /** The scope's folder; rejects where there is no disk. */
  readonly directory: () => Promise<FileSystemDirectoryHandle>;
  readonly problem: (code: string, message: string) => void;
}

type Recordings = ReadonlyMap<string, Recording>;

const nothing: Recordings = new Map();
const folderName = 'cassettes';
/** Names of imported cassettes: this, and the digest of the text. */
const imported = 'refrain:';

/**
 * Cassettes that pages name by URL, and those that pages have imported, which lie in the scope's folder. Read whole into
 * memory at the first call that needs one; forgotten with the worker.
 */
export class LoadedCassettes implements Cassettes {
  readonly #loaded = new Map<string, Promise<Recordings>>();
  readonly #proven = new WeakSet<RecordedAnswer>();

  readonly #platform: CassettesPlatform;

  constructor(platform: CassettesPlatform) {
    this.#platform = platform;
  }

  async find(names: readonly string[], key: string): Promise<Recording | undefined> {
    for (const name of names) {
      const recording = (await this.#load(name)).get(key);
      if (recording) return recording;
    }
    return undefined;
  }

  async all(names: readonly string[]): Promise<Recording[]> {
    const loaded = await Promise.all(names.map((name) => this.#load(name)));
    return loaded.flatMap((recordings) => [...recordings.values()]);
  }

  isWhole(recording: Recording, answer: RecordedAnswer): boolean {
    if (this.#proven.has(answer)) return true;
    const reason = notWhole(recording, answer);
    if (reason)
      this.#platform.problem(`recording ${recording.key}`, `Cannot replay a recording of ${recording.url}: ${reason}`);
    else this.#proven.add(answer);
    return reason === undefined;
  }

  /** A page that loads names these: their files may have changed since. Returns at once. */
  renew(names: readonly string[]): void {
    for (const name of names) {
      if (!name.startsWith(imported)) this.#loaded.delete(name);
      void this.#load(name);
    }
  }

  /**
   * Takes a cassette in, under a name that pages can give.
   * @throws Error where something in it is damaged, unless what is sound is asked for (`partial`)
   */
  async import(text: string, partial: boolean): Promise<ImportResult> {
    const { recordings, faults } = readCassette(text, notWhole);
    const [first] = faults;
    if (first && !partial) throw new Error(refusal(faults.map(faultText)));
    const sound = first ? writeCassette(recordings) : text;
    const name = imported + (await sha256(utf8Of(sound)));
    this.#loaded.set(name, Promise.resolve(byKey(recordings)));
    await this.#write(name, sound).catch(() => {});
    const answers = recordings.reduce((sum, recording) => sum + recording.answers.length, 0);
    return { name, recordings: recordings.length, answers, faults };
  }

  /** Forgets what was imported. */
  async clear(): Promise<void> {
    this.#loaded.clear();
    const directory = await this.#platform.directory().catch(() => undefined);
    await directory?.removeEntry(folderName, { recursive: true }).catch(() => {});
  }

  #load(name: string): Promise<Recordings> {
    const known = this.#loaded.get(name);
    if (known) return known;
    const loading = this.#read(name).catch((error: Error) => {
      this.#platform.problem(`cassette ${name}`, `Cannot read the cassette ${name}: ${error.message}`);
      return nothing;
    });
    this.#loaded.set(name, loading);
    return loading;
  }

  async #read(name: string): Promise<Recordings> {
    const { recordings, faults } = readCassette(await this.#textOf(name));
    if (faults.length > 0) throw new Error(faults.map(faultText).slice(0, 3).join('; '));
    return byKey(recordings);
  }

  async #textOf(name: string): Promise<string> {
    if (name.startsWith(imported)) return this.#stored(name);
    const response = await this.#platform.fetch(name);
    if (!response.ok) throw new Error(`the server answers ${response.status}, a file of that name is needed`);
    return response.text();
  }

  async #stored(name: string): Promise<string> {
    try {
      const folder = await (await this.#platform.directory()).getDirectoryHandle(folderName);
      return await (await (await folder.getFileHandle(fileName(name))).getFile()).text();
    } catch {
      throw new Error('it is not here any more, importing it again is needed');
    }
  }

  async #write(name: string, text: string): Promise<void> {
    const folder = await (await this.#platform.directory()).getDirectoryHandle(folderName, { create: true });
    const writable = await (await folder.getFileHandle(fileName(name), { create: true })).createWritable();
    await writable.write(text);
    await writable.close();
  }
}

function fileName(name: string): string {
  return `${name.slice(imported.length)}.refrain`;
}

function byKey(recordings: readonly Recording[]): Recordings {
  return new Map(recordings.map((recording) => [recording.key, recording]));
}

function refusal([first, ...others]: readonly string[]): string {
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `Cannot import the cassette: ${first}${more}; with { partial: true } what is sound is taken`;
}
