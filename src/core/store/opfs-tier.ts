import type { Report } from '../report/events.ts';
import { type Entry, type EntryMeta, sizeOf } from './entry.ts';
import { batches, bytesIn, canWrite, writeBatch } from './opfs/commit.ts';
import { type Evicted, evict } from './opfs/eviction.ts';
import { ageOf } from './opfs/files.ts';
import { gunzipBody } from './opfs/gzip.ts';
import { startOf } from './opfs/key-index.ts';
import { chooseRun, gather, type MergeLimits, replaceBy } from './opfs/merging.ts';
import { isGzip, mayBeTooLong, type ReadRecord, readRecord } from './opfs/record.ts';
import { dropEmpty, livingIn, removeKeys, segmentsOf } from './opfs/removal.ts';
import { SegmentFolder } from './opfs/segment-folder.ts';
import { sideBySide } from './opfs/side-by-side.ts';
import { Uses } from './opfs/uses.ts';
import { type Located, type VerifyProgress, type VerifyReport, verify } from './opfs/verify.ts';
import type { RemovalReason, Tier, TierUsage } from './tier.ts';

/** Bytes accepted and not yet written: beyond this, answers stay in memory alone until the disk has caught up. */
const queueLimit = 32_000_000;
/** After a failed write, how long to wait before trying the disk again, in milliseconds. */
const writePause = 30_000;

/** How many files there may be, and how large. */
export interface OpfsLimits extends MergeLimits {
  /** A start reads fewer than so many segments beside the checkpoint, or, while little is written, some times as many. */
  readonly uncovered: number;
}

/** The same, counted in answers: in a worker that has just started, a hundred rows are taken in in 1 ms. */
const uncoveredAnswers = 200;

const usualLimits: OpfsLimits = { neighbours: 8, target: 8_000_000, uncovered: 8 };
/** The same for checkpoints when calls never pause: a start reads a segment a millisecond. */
const coveredWhenBusy = 16;
/** Segments that a budget holds at least, if they are as large as they may be. */
const fewestSegments = 16;
/** A body of more bytes than this is given to the browser while it is decompressed. */
const longBody = 4_000_000;
/** A segment whose last answer has been stale for so long goes, in milliseconds. Until then `force-cache` may still use it. */
const staleFor = 24 * 60 * 60 * 1000;
/** So often is looked for what has expired where nothing else has changed, in milliseconds. */
const expiryPause = 60 * 60 * 1000;

/** What the tier needs of the platform. */
export interface OpfsPlatform {
  /** The folder that holds the segments; rejects where there is none. Asked once. */
  readonly directory: () => Promise<FileSystemDirectoryHandle>;
  /** Runs one at a time what removes or merges, of all workers that share the folder. */
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>;
  readonly now: () => number;
  /**
   * What a commit waits for, unless it is flushed: writing takes some milliseconds of the thread that hands over the
   * answer. Default: nothing.
   */
  readonly pause?: () => Promise<void>;
  readonly report: Report;
}

/**
 * Answers on disk, in segments that are written once. Nothing here is on a request's path but `get`.
 * Whatever changes files of this tier runs in `#serial`, one after the other; but for checkpoints, and the gathering of
 * merges, which run alone among all workers.
 */
export class OpfsTier implements Tier {
  readonly name = 'opfs';
  /** Why nothing can be kept on disk here, once that is known. */
  #unavailable: string | undefined;
  /** Accepted, not yet committed. */
  readonly #pending = new Map<string, Entry>();
  #pendingBytes = 0;
  #opening: Promise<SegmentFolder | undefined> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  /** Where the next commit is, if there is to be one. */
  #next: 'paused' | 'queued' | undefined;
  /**
   * Keys whose answers on disk are no longer to be served, and that could not be written: they are misses here, and the next
   * commit says so to later workers.
   */
  readonly #outdated = new Set<string>();
  /** Removals that wait: merging gives way to them. */
  #removals = 0;
  /** Something was written or removed since `maintain` ran. So it is at a start: a crash may lie before it. */
  #isChanged = true;
  #maintained = 0;
  /** The browser refused a write: nothing is tried before this moment; 0 when it has not. */
  #resting = 0;
  /** More came than may wait, and that was said. */
  #isBehind = false;
  #makingRoom: Promise<void> | undefined;
  #covering: Promise<void> | undefined;
  /** Removals of what turned out damaged. */
  readonly #mending = new Set<Promise<void>>();
  /** Segments that could not be merged in this worker's life. */
  readonly #unmerged = new Set<string>();
  readonly #uses = new Uses();

  readonly #platform: OpfsPlatform;
  #budget: number;
  readonly #limits: OpfsLimits;

  constructor(platform: OpfsPlatform, budget: number, limits = usualLimits) {
    this.#platform = platform;
    this.#budget = budget;
    this.#limits = limits;
  }

  async get(key: string): Promise<Entry | undefined> {
    const pending = this.#pending.get(key);
    if (pending || this.#outdated.has(key)) return pending;
    const folder = await this.open();
    return folder && this.#read(folder, key, 2).catch(() => undefined);
  }

  async #read(folder: SegmentFolder, key: string, attempts: number): Promise<Entry | undefined> {
    const start = startOf(key);
    const place = await folder.find(start);
    const segment = place && folder.catalog.segments.get(place.segment);
    if (!segment || place.length === 0) return undefined;
    let record: ReadRecord | undefined;
    try {
      record = await readRecord(await folder.file(segment), place.at, place.length);
    } catch {
      if (attempts === 0) return undefined;
      // Merged meanwhile, here or by another worker: it lies elsewhere now.
      folder.release(segment);
      const now = await folder.find(start);
      if (now?.segment === place.segment && now.at === place.at) await this.#serial(() => folder.refresh());
      return this.#read(folder, key, attempts - 1);
    }
    if (!record) {
      this.#mend(folder, { name: key, place });
      return undefined;
    }
    const body = await bodyOf(record);
    return body && record.meta.key === key ? { meta: record.meta, body } : undefined;
  }

  noteUse(key: string): void {
    this.#uses.mark(startOf(key));
  }

  async put(entry: Entry): Promise<void> {
    if (this.#unavailable !== undefined) return;
    const { key } = entry.meta;
    this.#dropPending(key);
    if (this.#hasRoom(entry)) {
      this.#outdated.delete(key);
      this.#pending.set(key, entry);
      this.#pendingBytes += sizeOf(entry);
    } else this.#outdated.add(key);
    // All that arrives until a commit begins goes into it: one write a flush.
    if (this.#next || this.#isResting) return;
    const { pause } = this.#platform;
    if (!pause) this.#queueCommit();
    else {
      this.#next = 'paused';
      void pause().then(() => this.#next === 'paused' && this.#queueCommit());
    }
  }

  #queueCommit(): void {
    this.#next = 'queued';
    this.#serial(() => this.#commit()).catch(() => {});
  }

  get #isResting(): boolean {
    return this.#platform.now() < this.#resting;
  }

  /** May it wait to be written? */
  #hasRoom(entry: Entry): boolean {
    if (this.#isResting || mayBeTooLong(entry.meta)) return false;
    if (this.#pendingBytes + sizeOf(entry) <= queueLimit) return true;
    if (!this.#isBehind)
      this.#problem(
        'disk-behind',
        'Cannot keep all answers on disk: 32 MB may wait to be written, the rest is kept in memory',
      );
    this.#isBehind = true;
    return false;
  }

  async remove(
    accepts: (meta: EntryMeta) => boolean,
    reason: RemovalReason,
    among?: readonly string[],
  ): Promise<EntryMeta[]> {
    const removed = new Map<string, EntryMeta>();
    return this.#exclusively(
      async (folder) => {
        for (const { meta } of [...this.#pending.values()])
          if (accepts(meta)) {
            this.#dropPending(meta.key);
            removed.set(meta.key, meta);
          }
        return folder;
      },
      // Metas are read while others write: what they replace meanwhile is not meant.
      async (folder) => {
        const living = await sideBySide(folder ? segmentsOf(folder, among) : [], (segment) =>
          livingIn(folder as SegmentFolder, segment),
        );
        const found = living.flat().filter(({ meta }) => accepts(meta));
        return this.#serial(async () => {
          const there = found.filter(({ key, place }) => folder?.catalog.isLiving(key, place));
          for (const { meta } of there) removed.set(meta.key, meta);
          if (folder)
            await this.#removeKeys(
              folder,
              there.map(({ meta }) => meta.key),
              reason,
            );
          this.#removed(reason, [...removed.keys()]);
          return [...removed.values()];
        });
      },
    );
  }

  async has(key: string): Promise<boolean> {
    const folder = await this.#filled();
    if (this.#pending.has(key)) return true;
    return !this.#outdated.has(key) && folder !== undefined && isThere(folder, key);
  }

  async list(most = Infinity): Promise<EntryMeta[]> {
    const folder = await this.#filled();
    const metas: EntryMeta[] = [...this.#pending.values()].map(({ meta }) => meta);
    for (const segment of folder?.catalog.inOrder().reverse() ?? []) {
      if (metas.length >= most) break;
      for (const { meta } of await livingIn(folder as SegmentFolder, segment).catch(() => []))
        if (!this.#pending.has(meta.key) && !this.#outdated.has(meta.key)) metas.push(meta);
    }
    return metas.sort((a, b) => b.storedAt - a.storedAt).slice(0, most);
  }

  async flush(): Promise<void> {
    if (this.#next === 'paused') this.#queueCommit();
    await this.#serial(async () => {});
    await Promise.all([this.#makingRoom, ...this.#mending]);
  }

  async usage(): Promise<TierUsage> {
    const catalog = (await this.#filled())?.catalog;
    let [entries, bodyBytes] = [catalog?.entries ?? 0, catalog?.bodyBytes ?? 0];
    for (const [key, { meta }] of this.#pending) {
      const older = catalog?.index.get(startOf(key));
      if (!older?.length) entries++;
      bodyBytes += meta.bytes - (older?.bytes ?? 0);
    }
    return {
      ...{ entries, bodyBytes },
      bytes: (catalog?.bytes ?? 0) + this.#pendingBytes,
      budget: this.#budget,
    };
  }

  setBudget(bytes: number): void {
    if (bytes === this.#budget) return;
    this.#budget = bytes;
    // Not opened for this: a worker that waits to take over must leave the folder to its predecessor.
    void this.#opening?.then((folder) => folder && this.#makeRoom(folder));
  }

  /** Whether answers can be kept on disk now, and if not, why. */
  get trouble(): string | undefined {
    return this.#unavailable ?? (this.#resting > 0 ? 'the browser refuses to write' : undefined);
  }

  /** Reads what is there, once; other calls wait for it. Never rejects: `undefined` means memory-only. */
  open(): Promise<SegmentFolder | undefined> {
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

  /**
   * What can wait until nobody waits: leftovers are swept, expired answers removed, small segments merged and compressed.
   * Gives way to removals; answers are read and written between any two steps of it. Does nothing where nothing has changed,
   * but for once an hour. Never rejects.
   */
  async maintain(): Promise<void> {
    const now = this.#platform.now();
    if (!this.#isChanged && now - this.#maintained < expiryPause) return;
    if (!(await this.open())) return;
    this.#isChanged = false;
    this.#maintained = now;
    await this.#exclusively(
      async (folder) => {
        await folder?.sweep();
        if (folder) await this.#tidy(folder);
        return folder;
      },
      async (folder) => {
        if (!folder) return;
        const isMerged = await this.#merge(folder);
        this.#isChanged ||= !isMerged;
        if (isCheckpointDue(folder, this.#limits.uncovered)) await folder.checkpoint();
      },
      false,
    ).catch(() => {
      this.#isChanged = true;
    });
  }

  /** What is there, with all of it in memory. */
  async #filled(): Promise<SegmentFolder | undefined> {
    const folder = await this.open();
    await folder?.fill();
    return folder;
  }

  /**
   * Checks all there is and mends it: indexes are read anew from the segments, every answer is compared with its checksum,
   * what holds nothing is deleted, a new checkpoint is written. Reads every byte. `undefined` where there is no disk; rejects
   * where the browser refuses to write.
   */
  async verify(progress: (progress: VerifyProgress) => void = () => {}): Promise<VerifyReport | undefined> {
    if (!(await this.open())) return undefined;
    return this.#platform.exclusive(async () => {
      const folder = await this.#serial(async () => {
        const anew = await this.#load({ withCheckpoint: false });
        this.#opening = Promise.resolve(anew);
        return anew;
      });
      return verify({
        folder,
        progress,
        removeDamaged: (found) => this.#serial(() => this.#removeLocated(folder, found)),
        merge: async () => void (await this.#merge(folder)),
      });
    });
  }

  async #load(how?: { withCheckpoint: boolean }): Promise<SegmentFolder> {
    const folder = new SegmentFolder(await this.#platform.directory(), this.#platform.now);
    await folder.open(how);
    return folder;
  }

  async #commit(): Promise<void> {
    this.#next = undefined;
    const folder = await this.open();
    const waiting = [...this.#pending.values()];
    this.#isBehind = false;
    for (const batch of batches(waiting, this.#mergeLimits.target)) {
      const isWritten = folder !== undefined && (await this.#store(folder, batch).catch(() => false));
      for (const entry of batch) {
        const { key } = entry.meta;
        // A newer answer for the same key may have come meanwhile.
        if (this.#pending.get(key) !== entry) continue;
        this.#dropPending(key);
        if (!isWritten) this.#outdated.add(key);
      }
    }
    if (!folder) return;
    this.#isChanged = true;
    void this.#makeRoom(folder);
    if (isCheckpointDue(folder, coveredWhenBusy)) this.#cover();
    if (!folder.isFilled) return;
    // What newer answers have replaced whole. Segments that remove others may be needed still.
    for (const segment of [...folder.catalog.segments.values()])
      if (segment.removal === 0 && folder.catalog.living(segment).count === 0) await folder.delete(segment);
  }

  /** Writes answers, and what is outdated beside them. Resolves with whether it could. */
  async #store(folder: SegmentFolder, batch: readonly Entry[]): Promise<boolean> {
    if (this.#isResting) return false;
    const outdated = [...this.#outdated];
    if (outdated.length > 0) await folder.fill();
    const removals = outdated.filter((key) => isThere(folder, key));
    if (batch.length + removals.length === 0) return true;
    if (this.#resting > 0 && !(await canWrite(folder.directory))) {
      this.#resting = this.#platform.now() + writePause;
      return false;
    }
    const bodies = await Promise.all(batch.map(({ body }) => bytesIn(body)));
    const tryWrite = () =>
      writeBatch(folder, batch, bodies, removals).then(
        () => true,
        () => false,
      );
    let isWritten = await tryWrite();
    // Once only: what goes on being refused is not for want of room.
    if (!isWritten && this.#resting === 0) {
      // Room for a tenth; where segments are large, by throwing away half at most. Not under the lock, so no removal may go.
      await folder.fill();
      const { bytes } = folder.catalog;
      const limits = { most: bytes * 0.9, least: bytes / 2, carried: 0, sparesRemovals: true };
      await evict(folder, limits, this.#uses, this.#evicted);
      isWritten = await tryWrite();
    }
    this.#resting = isWritten ? 0 : this.#platform.now() + writePause;
    if (isWritten) for (const key of outdated) this.#outdated.delete(key);
    else
      this.#problem(
        'disk-full',
        'Cannot keep answers on disk: the browser refuses to write, they are kept in memory until there is room',
      );
    return isWritten;
  }

  /** Evicts once more than the budget is there; at once, but not within the commit: it would hold the next one back. Never rejects. */
  async #makeRoom({ catalog }: SegmentFolder): Promise<void> {
    if (catalog.bytes <= this.#budget) return;
    this.#makingRoom ??= this.#exclusively((now) => this.#evict(now as SegmentFolder))
      .catch(() => {})
      .finally(() => {
        this.#makingRoom = undefined;
      });
    await this.#makingRoom;
  }

  /** A checkpoint while calls never pause: a start after a crash would read all segments since the last one. Never rejects. */
  #cover(): void {
    this.#covering ??= this.#exclusively(
      async (folder) => folder,
      async (folder) => folder?.checkpoint(),
      false,
    )
      .catch(() => {})
      .finally(() => {
        this.#covering = undefined;
      });
  }

  async #evict(folder: SegmentFolder): Promise<void> {
    if (folder.catalog.bytes <= this.#budget) return;
    await this.#uses.load(folder.directory);
    const limits = { most: this.#budget, least: 0, carried: this.#mergeLimits.target };
    await evict(folder, limits, this.#uses, this.#evicted);
  }

  async #tidy(folder: SegmentFolder): Promise<void> {
    await this.#expire(folder);
    await dropEmpty(folder);
    await this.#evict(folder);
    await this.#uses.save(folder.directory);
  }

  /** Segments whose last answer has been stale for a day go without being read; only their keys are, for the report. */
  async #expire(folder: SegmentFolder): Promise<void> {
    const before = this.#platform.now() - staleFor;
    const expired: string[] = [];
    for (const segment of folder.catalog.inOrder())
      if (segment.answers > 0 && segment.expires <= before)
        expired.push(...(await folder.keysIn(segment).catch(() => [])));
    await this.#removeKeys(folder, expired, 'expire');
    this.#removed('expire', expired);
  }

  /** Resolves with whether it came to its end. */
  async #merge(folder: SegmentFolder): Promise<boolean> {
    const { catalog } = folder;
    const isWanted = () => this.#removals > 0;
    for (;;) {
      const candidates = catalog.inOrder().filter(({ name }) => !this.#unmerged.has(name));
      const run = chooseRun(candidates, (segment) => catalog.living(segment), this.#mergeLimits);
      if (!run) return true;
      if (isWanted()) return false;
      try {
        const gathered = await gather(folder, run, () => true, isWanted);
        if (!gathered) return false;
        const age = ageOf(run.at(-1)?.name ?? '');
        await this.#serial(() => replaceBy(folder, gathered, age));
        this.#removed('damaged', gathered.damaged);
      } catch {
        // One of them cannot be read, or there is no room: the others need not wait for it.
        for (const { name } of run) this.#unmerged.add(name);
      }
    }
  }

  /** Segments are evicted whole: one must not be much of a small budget. */
  get #mergeLimits(): MergeLimits {
    const { neighbours, target } = this.#limits;
    return { neighbours, target: Math.min(target, this.#budget / fewestSegments) };
  }

  #mend(folder: SegmentFolder, found: Located): void {
    const mending = this.#exclusively(async (now) => {
      // Where the folder was read anew meanwhile, it is found damaged again.
      if (now === folder) await this.#removeLocated(folder, [found]);
    })
      .catch(() => {})
      .finally(() => this.#mending.delete(mending));
    this.#mending.add(mending);
  }

  /** Removes what is damaged, unless something newer has taken its place. */
  async #removeLocated(folder: SegmentFolder, found: readonly Located[]): Promise<void> {
    const names = found
      .filter(({ name, place }) => folder.catalog.isLiving(startOf(name), place))
      .map(({ name }) => name);
    await this.#removeKeys(folder, names, 'damaged');
    this.#removed('damaged', names);
  }

  async #removeKeys(folder: SegmentFolder, keys: readonly string[], reason: RemovalReason): Promise<void> {
    if (keys.length === 0) return;
    this.#isChanged = true;
    const mustHold = reason === 'purge' || reason === 'model-version';
    if (!(await removeKeys(folder, keys, mustHold, this.#evicted))) for (const key of keys) this.#outdated.add(key);
  }

  readonly #evicted: Evicted = (keys) => this.#removed('evict', keys);

  #removed(reason: RemovalReason, keys: readonly string[]): void {
    if (keys.length > 0) this.#platform.report({ type: 'entry-remove', reason, keys, tier: this.name });
  }

  #dropPending(key: string): void {
    const entry = this.#pending.get(key);
    if (!entry) return;
    this.#pending.delete(key);
    this.#pendingBytes -= sizeOf(entry);
  }

  /**
   * Alone among all workers of the folder, knowing all they have done, and alone in this one: always in this order.
   * @param then goes on among all workers, while this one may write again
   */
  async #exclusively<T, U = T>(
    work: (folder: SegmentFolder | undefined) => Promise<T>,
    then?: (result: T) => Promise<U>,
    isRemoval = true,
  ): Promise<U> {
    if (isRemoval) this.#removals++;
    try {
      return await this.#platform.exclusive(async () => {
        const result = await this.#serial(async () => {
          const folder = await this.#filled();
          await folder?.refresh();
          return work(folder);
        });
        return then ? then(result) : (result as unknown as U);
      });
    } finally {
      if (isRemoval) this.#removals--;
    }
  }

  /** Runs one change of files after the other, whatever became of the one before. */
  #serial<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work);
    const ended = () => {};
    // Not with what it resolved with: a purge's metas would stay until the next change.
    this.#tail = run.then(ended, ended);
    return run;
  }

  #problem(code: string, message: string): void {
    this.#platform.report({ type: 'problem', code, message });
  }
}

function isThere({ catalog }: SegmentFolder, key: string): boolean {
  return (catalog.index.get(startOf(key))?.length ?? 0) > 0;
}

/** When a start would read too many segments one by one; not so often that checkpoints are most of what is written. */
function isCheckpointDue({ uncovered, catalog }: SegmentFolder, most: number): boolean {
  const written = uncovered.reduce((sum, { size }) => sum + size, 0);
  const answers = uncovered.reduce((sum, one) => sum + one.answers, 0);
  const [files, rows] = [uncovered.length / most, answers / uncoveredAnswers];
  if (files < 1 && rows < 1) return false;
  return files >= 3 || rows >= 10 || catalog.index.size * 32 <= 4 * written;
}

/** The body of a record as it was stored. Its checksum was right, so it can only fail for want of memory. */
async function bodyOf({ flags, body, meta }: ReadRecord): Promise<Entry['body'] | undefined> {
  return flags & isGzip ? gunzipBody(body, meta.bytes > longBody).catch(() => undefined) : body;
}
