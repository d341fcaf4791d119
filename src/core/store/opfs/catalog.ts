import { KeyIndex, type KeyStart, type Place } from './key-index.ts';
import type { Rows } from './rows.ts';
import type { SegmentIndex } from './segment.ts';

/** A segment as it is known in memory: no keys, no metas. */
export interface Segment extends Pick<SegmentIndex, 'merged' | 'oldest' | 'expires' | 'removal' | 'whole'> {
  readonly number: number;
  readonly name: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Answers in the file, replaced and removed ones too. */
  readonly answers: number;
  /** Bytes of their records. */
  readonly answerBytes: number;
}

/** What is counted of a segment's living answers. */
interface Living {
  count: number;
  /** Bytes of their records. */
  bytes: number;
}

/** Which answers there are and where: the index of keys, and what is known of each segment. Counts as it goes. */
export class Catalog {
  readonly index = new KeyIndex();
  readonly segments = new Map<number, Segment>();
  readonly #living = new Map<number, Living>();
  readonly #byName = new Map<string, Segment>();
  #numbers = 0;
  /** Living answers. */
  entries = 0;
  /** Bytes of their bodies. */
  bodyBytes = 0;
  /** Bytes of all segments. */
  bytes = 0;

  named(name: string): Segment | undefined {
    return this.#byName.get(name);
  }

  living(segment: Segment): Readonly<Living> {
    return this.#living.get(segment.number) ?? { count: 0, bytes: 0 };
  }

  /** Is this the record that counts for its key? */
  isLiving(key: KeyStart, { segment, at }: Place): boolean {
    const place = this.index.get(key);
    return place !== undefined && place.length > 0 && place.segment === segment && place.at === at;
  }

  /** Oldest first: by name, which sorts by age. */
  inOrder(): Segment[] {
    return [...this.segments.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Makes a segment known, without its answers. */
  register(known: Omit<Segment, 'number'>): Segment {
    const segment = { ...known, number: ++this.#numbers };
    this.segments.set(segment.number, segment);
    this.#byName.set(segment.name, segment);
    this.#living.set(segment.number, { count: 0, bytes: 0 });
    this.bytes += segment.size;
    return segment;
  }

  /** Makes a segment known with all its answers and removals. */
  add(name: string, size: number, { rows, merged, oldest, expires, removal, whole }: SegmentIndex): Segment {
    let [answers, answerBytes] = [0, 0];
    for (let i = 0; i < rows.count; i++) {
      const { length } = rows.place(i, 0);
      if (length > 0) answers++;
      answerBytes += length;
    }
    const segment = this.register({ name, size, answers, answerBytes, merged, oldest, expires, removal, whole });
    this.index.reserve(rows.count);
    for (let i = 0; i < rows.count; i++) this.take(rows.start(i), rows.place(i, segment.number));
    return segment;
  }

  /** Takes the rows of a segment that was made known without them, as far as nothing later is known. */
  takeRows({ number }: Segment, rows: Rows): void {
    for (let i = 0; i < rows.count; i++) this.takeOlder(rows.start(i), rows.place(i, number));
  }

  /** Of two records of one key the one with the later stamp counts; of two copies of one record the last one taken. */
  take(key: KeyStart, place: Place): void {
    const present = this.index.get(key);
    if (present && present.stamp > place.stamp) return;
    if (present) this.#count(present, -1);
    this.index.set(key, place);
    this.#count(place, 1);
  }

  /** Takes a record unless the same or a later one is known. */
  takeOlder(key: KeyStart, place: Place): void {
    const present = this.index.get(key);
    if (!present || present.stamp < place.stamp) this.take(key, place);
  }

  /** Forgets a segment, and every answer and removal whose place is there. */
  drop(segment: Segment): void {
    if (!this.segments.delete(segment.number)) return;
    this.#byName.delete(segment.name);
    this.bytes -= segment.size;
    if (this.living(segment).count > 0 || segment.removal > 0)
      for (const key of this.index.keysIn(segment.number)) {
        this.#count(this.index.get(key) as Place, -1);
        this.index.delete(key);
      }
    this.#living.delete(segment.number);
  }

  #count({ segment, length, bytes }: Place, by: 1 | -1): void {
    if (length === 0) return;
    this.entries += by;
    this.bodyBytes += by * bytes;
    const living = this.#living.get(segment);
    if (!living) return;
    living.count += by;
    living.bytes += by * length;
  }
}
