import type { EntryMeta } from '../entry.ts';
import { Backlog } from './backlog.ts';
import { Catalog, type Segment } from './catalog.ts';
import { Checkpoint, checkpointEnding, writeCheckpoint } from './checkpoint.ts';
import { ageOf, fileName, probeName, writeFile } from './files.ts';
import type { KeyStart, Place } from './key-index.ts';
import { kindOf, readRecords, rebuildIndex } from './rebuild.ts';
import { isNotes } from './record.ts';
import {
  readIndex,
  readMetas,
  type SegmentContent,
  type SegmentIndex,
  segmentEnding,
  writeSegment,
} from './segment.ts';
import { sideBySide } from './side-by-side.ts';

/**
 * The first lookups of a start read a bucket of the checkpoint each, which is sooner done: a miss looks up its key, its
 * other shapes and its key again, four in all. With a third question to come, all is read.
 */
const findsBeforeFilling = 9;
/** After this many milliseconds nobody is writing any more what lies there unfinished. */
const leftoverAge = 60_000;

/** An answer that counts for its key, and where its record lies. */
export interface LivingAnswer {
  readonly key: KeyStart;
  readonly place: Place;
  readonly meta: EntryMeta;
}

/** The segments of a folder, and what is known of them. */
export class SegmentFolder {
  readonly catalog = new Catalog();
  /** Files that hold nothing any more, and could not be deleted yet: every merged segment names them, so that they stay void. */
  readonly void = new Set<string>();
  /** Files of a newer version: left alone. */
  readonly newer = new Set<string>();
  /** Names that are no segments of ours; looked at once. */
  readonly #foreign = new Set<string>();
  /** Held open: half the cost of opening by name, and they stay valid because files never change. */
  readonly #files = new Map<number, Promise<File>>();
  /** As they were listed last: looking one up by name is a round trip to the browser. */
  #handles: ReadonlyMap<string, FileSystemFileHandle> = new Map();
  #latest = 0;
  /** Of a millisecond. A stamp has room for it until the year 10,000. */
  readonly #fraction = Math.floor(Math.random() * 1000) / 1024;
  /** What the newest checkpoint knows and the catalog does not yet. */
  #backlog: Backlog | undefined;
  #filling: Promise<void> | undefined;
  /** Keys looked up since the start. */
  #looked = 0;
  /** Segments that the newest checkpoint knows. */
  #covered: ReadonlySet<string> = new Set();
  readonly #checkpoints = new Set<string>();

  constructor(
    readonly directory: FileSystemDirectoryHandle,
    readonly now: () => number,
  ) {}

  /** A moment later than every write before, whatever the clock says; hardly ever the same as another worker's. */
  nextStamp(): number {
    this.#latest = Math.max(this.now(), this.#latest + 1);
    return this.#latest + this.#fraction;
  }

  /** Brings the catalog up to date with the folder: what came and what went, by our hand or another worker's. */
  async refresh(handles?: ReadonlyMap<string, FileSystemFileHandle>): Promise<void> {
    handles ??= await this.#list();
    const isKnown = (name: string) => this.catalog.named(name) || this.void.has(name) || this.#foreign.has(name);
    const unknown = [...handles].filter(([name]) => name.endsWith(segmentEnding) && !isKnown(name));
    // A file that cannot be read now is left for another time.
    const found = await sideBySide(unknown, ([name, handle]) => this.#look(name, handle).catch(() => undefined));
    const segments = found.filter((each) => each !== undefined);
    for (const { index } of segments) for (const name of index.replaces) if (handles.has(name)) this.void.add(name);
    for (const { name, file, index } of segments.sort((a, b) => (a.name < b.name ? -1 : 1)))
      if (!this.void.has(name)) this.#hold(this.catalog.add(name, file.size, index), file);
    for (const segment of [...this.catalog.segments.values()])
      if (!handles.has(segment.name) || this.void.has(segment.name)) this.forget(segment);
    for (const name of this.void) if (!handles.has(name)) this.void.delete(name);
  }

  /** Reads the newest checkpoint that is sound, and the segments it does not know; without one, every segment's index. */
  async open({ withCheckpoint = true } = {}): Promise<void> {
    const handles = await this.#list();
    const names = [...handles.keys()].filter((name) => name.endsWith(checkpointEnding)).sort();
    for (const name of names) this.#checkpoints.add(name);
    while (withCheckpoint && names.length > 0 && !this.#backlog)
      await this.#takeUp(names.pop() as string, handles).catch(() => {});
    await this.refresh(handles);
  }

  /**
   * Where the record of a key lies that counts. Before the catalog is filled: one read of the checkpoint, which may know of a
   * later one, or of a removal, when a file that it does not know holds an old record.
   */
  async find(key: KeyStart): Promise<Place | undefined> {
    if (this.#backlog && ++this.#looked === findsBeforeFilling) void this.fill();
    const covered = (await this.#backlog?.find(key).catch(() => this.fill())) ?? undefined;
    const known = this.catalog.index.get(key);
    return covered && covered.stamp > (known?.stamp ?? -1) ? covered : known;
  }

  get isFilled(): boolean {
    return this.#backlog === undefined;
  }

  /** Takes in what the checkpoint knows: until then counts are wrong, and nothing but `find` and `write` may be asked. */
  fill(): Promise<void> {
    this.#filling ??= this.#fill();
    return this.#filling;
  }

  async #fill(): Promise<void> {
    const backlog = this.#backlog;
    // Damaged: the segments say the same themselves.
    await backlog?.fill(this.catalog).catch(async () => {
      this.#covered = new Set();
      for (const name of backlog.names) {
        const segment = this.catalog.named(name);
        const index = segment && (await this.indexOf(segment).catch(() => undefined));
        // One that cannot be read now would seem to hold nothing, and be deleted. Read later, it is found again.
        if (!index) {
          if (segment) this.forget(segment);
        } else if (this.catalog.named(name) === segment) this.catalog.takeRows(segment, index.rows);
      }
    });
    this.#backlog = undefined;
  }

  /** Segments a start would have to read one by one. */
  get uncovered(): Segment[] {
    return [...this.catalog.segments.values()].filter(({ name }) => !this.#covered.has(name));
  }

  /** Writes what the catalog knows, for the next start, and deletes what was written so before. */
  async checkpoint(): Promise<void> {
    const segments = [...this.catalog.segments.values()];
    const blob = await writeCheckpoint(segments, [...this.void], this.catalog.index);
    const name = fileName(this.nextStamp(), checkpointEnding);
    await writeFile(this.directory, name, blob);
    this.#covered = new Set(segments.map((segment) => segment.name));
    for (const older of this.#checkpoints) if (!(await this.#isNewer(older))) await this.deleteFile(older);
    this.#checkpoints.clear();
    this.#checkpoints.add(name);
  }

  async #takeUp(name: string, handles: ReadonlyMap<string, FileSystemFileHandle>): Promise<void> {
    const file = await handles.get(name)?.getFile();
    const checkpoint = file && (await Checkpoint.open(file));
    if (!checkpoint) return;
    for (const each of checkpoint.info.void) if (handles.has(each)) this.void.add(each);
    this.#backlog = new Backlog(checkpoint, this.catalog, (each) => handles.has(each) && !this.void.has(each));
    this.#covered = new Set(this.#backlog.names);
    for (const each of this.#covered) this.#latest = Math.max(this.#latest, ageOf(each));
  }

  async #isNewer(name: string): Promise<boolean> {
    const handle = await this.#handleOf(name).catch(() => undefined);
    return handle !== undefined && (await kindOf(await handle.getFile())) === 'newer';
  }

  async #list(): Promise<Map<string, FileSystemFileHandle>> {
    const handles = new Map<string, FileSystemFileHandle>();
    try {
      for await (const [name, handle] of this.directory.entries())
        if (handle.kind === 'file') handles.set(name, handle as FileSystemFileHandle);
    } catch (error) {
      // Deleted with the site's data: nothing is there.
      if (!isNotFound(error)) throw error;
    }
    this.#handles = handles;
    return handles;
  }

  /** The segment's file, held. Rejects when it is gone. */
  file(segment: Segment): Promise<File> {
    let file = this.#files.get(segment.number);
    if (!file) {
      file = this.#handleOf(segment.name).then((handle) => handle.getFile());
      this.#files.set(segment.number, file);
      file.catch(() => this.#files.delete(segment.number));
    }
    return file;
  }

  async #handleOf(name: string): Promise<FileSystemFileHandle> {
    return this.#handles.get(name) ?? this.directory.getFileHandle(name);
  }

  /** Lets go of a file that cannot be read any more. */
  release(segment: Segment): void {
    this.#files.delete(segment.number);
  }

  async indexOf(segment: Segment): Promise<SegmentIndex> {
    const file = await this.file(segment);
    return (await readIndex(file)) ?? rebuildIndex(file);
  }

  /** The living answers of a segment, each with its meta, in one read of the index and one of the metas. */
  async livingIn(segment: Segment): Promise<LivingAnswer[]> {
    const file = await this.file(segment);
    const index = await this.indexOf(segment);
    const metas = (index.whole ? await readMetas(file, index) : undefined) ?? (await metasInRecords(file));
    const byKey = new Map(metas.map((meta) => [meta.key, meta]));
    const found: LivingAnswer[] = [];
    for (let i = 0; i < index.rows.count; i++) {
      const place = index.rows.place(i, segment.number);
      const key = index.rows.start(i);
      const meta = byKey.get(index.rows.key(i));
      if (meta && this.catalog.isLiving(key, place)) found.push({ meta, place, key });
    }
    return found;
  }

  /** Whole keys of a segment's living answers. */
  async keysIn(segment: Segment): Promise<string[]> {
    const { rows } = await this.indexOf(segment);
    const keys: string[] = [];
    for (let i = 0; i < rows.count; i++)
      if (this.catalog.isLiving(rows.start(i), rows.place(i, segment.number))) keys.push(rows.key(i));
    return keys;
  }

  /**
   * Writes one segment; it exists whole when this resolves, and not at all when it rejects.
   * @param age its place among the others when the oldest are evicted
   */
  async write(content: SegmentContent, age = this.nextStamp()): Promise<Segment> {
    const { blob, index } = await writeSegment({ ...content, replaces: [...content.replaces, ...this.void] });
    const name = fileName(age, segmentEnding);
    await writeFile(this.directory, name, blob);
    return this.catalog.add(name, blob.size, index);
  }

  /** Deletes a segment. When the browser refuses, its file is void from the next merged segment on. */
  async delete(segment: Segment): Promise<void> {
    this.forget(segment);
    await this.deleteFile(segment.name);
  }

  async deleteFile(name: string): Promise<void> {
    try {
      await this.directory.removeEntry(name);
      this.void.delete(name);
    } catch (error) {
      if (isNotFound(error)) this.void.delete(name);
      else this.void.add(name);
    }
  }

  forget(segment: Segment): void {
    this.release(segment);
    this.catalog.drop(segment);
  }

  /** Deletes what a crash has left of a write, and what is void, of what was listed last. Resolves with the names. */
  async sweep(): Promise<string[]> {
    const swept: string[] = [];
    for (const [name, handle] of this.#handles)
      if (await this.#isLeftover(name, handle).catch(() => false)) swept.push(name);
    for (const name of swept) await this.deleteFile(name);
    return swept;
  }

  /** A young one may be what another worker is writing at this moment. */
  async #isLeftover(name: string, handle: FileSystemFileHandle): Promise<boolean> {
    if (this.void.has(name)) return true;
    const isPassing = name.endsWith('.crswap') || name === probeName;
    if (this.catalog.named(name) || !(isPassing || name.endsWith(segmentEnding))) return false;
    const file = await handle.getFile();
    return (isPassing || file.size === 0) && this.now() - file.lastModified > leftoverAge;
  }

  async #look(name: string, handle: FileSystemFileHandle) {
    const file = await handle.getFile();
    const index = await readIndex(file);
    if (index) return { name, file, index };
    const kind = await kindOf(file);
    if (kind === 'segment') return { name, file, index: await rebuildIndex(file) };
    if (kind === 'older') this.void.add(name);
    else if (file.size > 0) this.#foreign.add(name);
    if (kind === 'newer') this.newer.add(name);
    return undefined;
  }

  #hold(segment: Segment, file: File): void {
    this.#files.set(segment.number, Promise.resolve(file));
    this.#latest = Math.max(this.#latest, ageOf(segment.name));
  }
}

export function isNotFound(error: unknown): boolean {
  return (error as DOMException).name === 'NotFoundError';
}

async function metasInRecords(file: Blob): Promise<EntryMeta[]> {
  return (await readRecords(file)).filter(({ flags }) => (flags & isNotes) === 0).map(({ meta }) => meta);
}
