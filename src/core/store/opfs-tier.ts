import type { Report } from '../report/events.ts';
import { type Entry, type EntryMeta, sizeOf } from './entry.ts';
import { type Location, readBody, readSegment, type SegmentIndex, segmentEnding, writeSegment } from './segment.ts';
import type { RemovalReason, Tier, TierUsage } from './tier.ts';

/** Bytes accepted and not yet written: beyond this, answers stay in memory alone until the disk has caught up. */
const queueLimit = 32_000_000;
/** Neighbouring small segments are merged when there are more of them than this: each costs a start about a millisecond. */
const mergeAbove = 24;
const smallSegment = 1_000_000;
/** After a failed write, how long to wait before trying the disk again, in milliseconds. */
const writePause = 30_000;

/** After this many milliseconds nobody is writing any more. */
const leftoverAge = 60_000;

interface Segment {
  readonly name: string;
  /** Held open: half the cost of opening by name, and it stays valid because the file never changes. */
  readonly file: Blob;
  /** Living entries. */
  readonly keys: Set<string>;
  /** Every entry in the file, replaced and removed ones too: what is removed must not come back at the next start. */
  readonly holds: ReadonlySet<string>;
}

interface Place extends Location {
  readonly segment: Segment;
}

/** What the tier needs of the platform. */
export interface OpfsPlatform {
  /** The folder that holds the segments; rejects where there is none. Asked once. */
  readonly directory: () => Promise<FileSystemDirectoryHandle>;
  readonly now: () => number;
  readonly report: Report;
}

/**
 * Answers on disk, in segments that are written once. Nothing here is on a request's path but `get`.
 * One writer at a time: everything that changes files runs in `serial`.
 */
export class OpfsTier implements Tier {
  readonly name = 'opfs';
  /** Why nothing can be kept on disk here, once that is known. */
  #unavailable: string | undefined;

  /** Every key here is in exactly one segment's `keys`. */
  readonly #places = new Map<string, Place>();
  readonly #segments = new Map<string, Segment>();
  /** Accepted, not yet committed. */
  readonly #pending = new Map<string, Entry>();
  #pendingBytes = 0;
  /** Void segments that could not be deleted: every later segment names them, so that they never come back. */
  readonly #undeleted = new Set<string>();
  #opening: Promise<FileSystemDirectoryHandle | undefined> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #commitWaits = false;
  #resting = 0;

  readonly #platform: OpfsPlatform;
  #budget: number;

  constructor(platform: OpfsPlatform, budget: number) {
    this.#platform = platform;
    this.#budget = budget;
  }

  async get(key: string): Promise<Entry | undefined> {
    const pending = this.#pending.get(key);
    if (pending) return pending;
    if (!(await this.open())) return undefined;
    const place = this.#places.get(key);
    if (!place) return undefined;
    const body = await readBody(place.segment.file, place).catch(() => undefined);
    if (body) return { meta: place.meta, body: new Blob([body]) };
    // Its segment was rewritten while it was being read: it lies elsewhere now.
    const moved = this.#places.get(key);
    if (moved && moved !== place) return this.get(key);
    // Damaged, or another version of this worker has moved it.
    void this.#removeSoon((meta) => meta.key === key, 'damaged', place.segment);
    return undefined;
  }

  async put(entry: Entry): Promise<void> {
    if (this.#unavailable !== undefined || this.#platform.now() < this.#resting) return;
    const size = sizeOf(entry);
    if (this.#pendingBytes + size > queueLimit) {
      this.#problem(
        'disk-behind',
        'Cannot keep answers on disk: more than 32 MB wait to be written, they are kept in memory',
      );
      return;
    }
    const older = this.#pending.get(entry.meta.key);
    if (older) this.#pendingBytes -= sizeOf(older);
    this.#pending.set(entry.meta.key, entry);
    this.#pendingBytes += size;
    if (this.#commitWaits) return;
    this.#commitWaits = true;
    // All that arrives while another commit runs goes into the next: one write a flush.
    void this.#serial(() => this.#commit());
  }

  remove(accepts: (meta: EntryMeta) => boolean, reason: RemovalReason): Promise<EntryMeta[]> {
    return this.#removeSoon(accepts, reason);
  }

  async list(): Promise<EntryMeta[]> {
    await this.open();
    const metas = new Map([...this.#places].map(([key, place]) => [key, place.meta]));
    for (const [key, entry] of this.#pending) metas.set(key, entry.meta);
    return [...metas.values()].sort((a, b) => b.storedAt - a.storedAt);
  }

  async flush(): Promise<void> {
    await this.#serial(async () => {});
  }

  async usage(): Promise<TierUsage> {
    await this.open();
    const waiting = [...this.#pending.keys()].filter((key) => !this.#places.has(key)).length;
    return {
      entries: this.#places.size + waiting,
      bytes: this.#bytesOnDisk() + this.#pendingBytes,
      budget: this.#budget,
    };
  }

  setBudget(bytes: number): void {
    if (bytes === this.#budget) return;
    this.#budget = bytes;
    void this.#serial(() => this.#evict());
  }

  /** Whether answers can be kept on disk now, and if not, why. */
  get trouble(): string | undefined {
    return this.#unavailable ?? (this.#platform.now() < this.#resting ? 'the browser refuses to write' : undefined);
  }

  /** Reads every segment's index, once; other calls wait for it. Never rejects: `undefined` means memory-only. */
  open(): Promise<FileSystemDirectoryHandle | undefined> {
    this.#opening ??= this.#load().catch((error: unknown) => {
      this.#unavailable = String(error);
      this.#problem(
        'no-disk',
        `Cannot keep answers on disk: ${String(error)}, they are kept in memory until the worker stops`,
      );
      return undefined;
    });
    return this.#opening;
  }

  async #load(): Promise<FileSystemDirectoryHandle> {
    const directory = await this.#platform.directory();
    const found: { name: string; file: File; index: SegmentIndex }[] = [];
    const leftovers: string[] = [];
    const read = async (name: string, handle: FileSystemFileHandle) => {
      const file = await handle.getFile();
      const index = name.endsWith(segmentEnding) ? await readSegment(file) : undefined;
      if (index) found.push({ name, file, index });
      else if (this.#isLeftover(name, file)) leftovers.push(name);
    };
    const reads: Promise<void>[] = [];
    // A file that cannot be read now is left for another start.
    for await (const [name, handle] of directory.entries())
      if (handle.kind === 'file') reads.push(read(name, handle as FileSystemFileHandle).catch(() => {}));
    await Promise.all(reads);
    // Of two answers for one key and one moment, the later segment's counts.
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    const replaced = new Set(found.flatMap(({ index }) => index.replaces));
    for (const { name, file, index } of found) if (!replaced.has(name)) this.#adopt(name, file, index);
    const present = new Set(found.map(({ name }) => name));
    const gone = [...leftovers, ...[...replaced].filter((name) => present.has(name))];
    await Promise.all(gone.map((name) => this.#deleteFile(directory, name)));
    return directory;
  }

  /**
   * What a crash leaves of a commit: an empty segment, and in Chromium a swap file at full size (docs/discoveries). A young
   * one may be what another worker is writing at this moment. Anything else may be a newer version's and is left alone.
   */
  #isLeftover(name: string, file: File): boolean {
    const abandoned = name.endsWith('.crswap') || (name.endsWith(segmentEnding) && file.size === 0);
    return abandoned && this.#platform.now() - file.lastModified > leftoverAge;
  }

  /**
   * Takes a segment's entries into the index. Of two answers for one key the newer counts: by the clock at the start, and the
   * one that was just written (`latest`) whatever the clock says.
   */
  #adopt(name: string, file: Blob, index: SegmentIndex, latest = false): void {
    const holds = new Set(index.entries.map(({ meta }) => meta.key));
    const segment: Segment = { name, file, keys: new Set(), holds };
    this.#segments.set(name, segment);
    for (const location of index.entries) {
      const { key, storedAt } = location.meta;
      const present = this.#places.get(key);
      if (!latest && present && present.meta.storedAt > storedAt) continue;
      present?.segment.keys.delete(key);
      segment.keys.add(key);
      this.#places.set(key, { ...location, segment });
    }
  }

  async #commit(): Promise<void> {
    this.#commitWaits = false;
    const directory = await this.open();
    const batch = [...this.#pending.values()];
    if (batch.length === 0) return;
    if (directory && !(await this.#tryWrite(directory, batch))) {
      // Room for a tenth, and not by throwing away more than that.
      await this.#evict(this.#bytesOnDisk() * 0.9, this.#bytesOnDisk() * 0.9);
      if (!(await this.#tryWrite(directory, batch))) {
        this.#resting = this.#platform.now() + writePause;
        this.#problem(
          'disk-full',
          'Cannot keep answers on disk: the browser refuses to write, they are kept in memory until there is room',
        );
      }
    }
    for (const entry of batch) {
      // A newer answer for the same key may have come meanwhile.
      if (this.#pending.get(entry.meta.key) !== entry) continue;
      this.#pending.delete(entry.meta.key);
      this.#pendingBytes -= sizeOf(entry);
    }
    if (!directory) return;
    await this.#evict();
    await this.#dropEmpty(directory);
    await this.#mergeSmall(directory);
  }

  async #tryWrite(directory: FileSystemDirectoryHandle, entries: readonly Entry[]): Promise<boolean> {
    try {
      await this.#write(directory, entries, [], this.#platform.now());
      return true;
    } catch {
      return false;
    }
  }

  /** Writes one segment; it exists whole when this resolves, and not at all when it rejects. */
  async #write(
    directory: FileSystemDirectoryHandle,
    entries: readonly Entry[],
    replaces: readonly string[],
    age: number,
  ): Promise<void> {
    const name = segmentName(age);
    const { blob, index } = await writeSegment(entries, [...replaces, ...this.#undeleted]);
    const handle = await directory.getFileHandle(name, { create: true });
    try {
      const writable = await handle.createWritable();
      await writable.write(blob);
      await writable.close();
      this.#adopt(name, await handle.getFile(), index, true);
    } catch (error) {
      await directory.removeEntry(name).catch(() => {});
      throw error;
    }
  }

  /** Oldest segments go first, whole, until the rest fits; `atLeast` so many bytes stay. */
  async #evict(budget = this.#budget, atLeast = 0): Promise<void> {
    const directory = await this.open();
    if (!directory) return;
    let bytes = this.#bytesOnDisk();
    for (const segment of this.#oldestFirst()) {
      if (bytes <= budget || bytes - segment.file.size < atLeast) return;
      bytes -= segment.file.size;
      const keys = [...segment.keys];
      await this.#drop(directory, segment);
      if (keys.length > 0) this.#platform.report({ type: 'entry-remove', reason: 'evict', keys, tier: this.name });
    }
  }

  #removeSoon(accepts: (meta: EntryMeta) => boolean, reason: RemovalReason, only?: Segment): Promise<EntryMeta[]> {
    return this.#serial(async () => {
      const removed = new Map<string, EntryMeta>();
      const directory = await this.open();
      for (const [key, entry] of this.#pending) {
        if (only || !accepts(entry.meta)) continue;
        this.#pending.delete(key);
        this.#pendingBytes -= sizeOf(entry);
        removed.set(key, entry.meta);
      }
      for (const [key, place] of this.#places) {
        if ((only && place.segment !== only) || !accepts(place.meta)) continue;
        this.#places.delete(key);
        place.segment.keys.delete(key);
        removed.set(key, place.meta);
      }
      const touched = [...this.#segments.values()].filter(({ holds }) =>
        [...removed.keys()].some((key) => holds.has(key)),
      );
      if (directory)
        // Where there is no room to rewrite, a removal that was asked for costs the segment's other entries.
        for (const segment of touched)
          await this.#rewrite(directory, [segment]).catch(() =>
            reason === 'damaged' ? undefined : this.#drop(directory, segment),
          );
      if (removed.size > 0)
        this.#platform.report({ type: 'entry-remove', reason, keys: [...removed.keys()], tier: this.name });
      return [...removed.values()];
    });
  }

  /** Replaces segments by one that holds what is still alive in them, or by none. */
  async #rewrite(directory: FileSystemDirectoryHandle, old: readonly Segment[]): Promise<void> {
    const alive: Entry[] = [];
    for (const segment of old)
      for (const key of segment.keys) {
        const place = this.#places.get(key) as Place;
        const body = await readBody(segment.file, place).catch(() => undefined);
        if (body) alive.push({ meta: place.meta, body: new Blob([body]) });
        else this.#places.delete(key);
      }
    const oldest = Math.min(...old.map(({ name }) => timeOf(name)));
    if (alive.length > 0)
      await this.#write(
        directory,
        alive,
        old.map(({ name }) => name),
        oldest,
      );
    for (const segment of old) await this.#drop(directory, segment);
  }

  /** Merges small segments, but only neighbours in age: the merged one must not take young answers along when it is evicted. */
  async #mergeSmall(directory: FileSystemDirectoryHandle): Promise<void> {
    let run: Segment[] = [];
    let longest = run;
    for (const segment of this.#oldestFirst()) {
      run = segment.file.size < smallSegment ? [...run, segment] : [];
      if (run.length > longest.length) longest = run;
    }
    if (longest.length > mergeAbove) await this.#rewrite(directory, longest).catch(() => {});
  }

  #oldestFirst(): Segment[] {
    return [...this.#segments.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #dropEmpty(directory: FileSystemDirectoryHandle): Promise<void> {
    for (const segment of [...this.#segments.values()])
      if (segment.keys.size === 0) await this.#drop(directory, segment);
  }

  async #drop(directory: FileSystemDirectoryHandle, segment: Segment): Promise<void> {
    this.#segments.delete(segment.name);
    for (const key of segment.keys) if (this.#places.get(key)?.segment === segment) this.#places.delete(key);
    await this.#deleteFile(directory, segment.name);
  }

  async #deleteFile(directory: FileSystemDirectoryHandle, name: string): Promise<void> {
    try {
      await directory.removeEntry(name);
      this.#undeleted.delete(name);
    } catch (error) {
      if ((error as DOMException).name !== 'NotFoundError') this.#undeleted.add(name);
    }
  }

  #bytesOnDisk(): number {
    let bytes = 0;
    for (const segment of this.#segments.values()) bytes += segment.file.size;
    return bytes;
  }

  /** Runs one change of files after the other, whatever became of the one before. */
  #serial<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work);
    this.#tail = run.catch(() => {});
    return run;
  }

  #problem(code: string, message: string): void {
    this.#platform.report({ type: 'problem', code, message });
  }
}

/** Sorts by the age of what is inside; the random part makes it unique, so that a name is never used twice. */
function segmentName(age: number): string {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `${String(age).padStart(15, '0')}-${[...random].map((n) => n.toString(36)).join('')}${segmentEnding}`;
}

function timeOf(name: string): number {
  return Number.parseInt(name, 10);
}
