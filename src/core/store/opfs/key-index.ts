/** Where one answer lies. */
export interface Place {
  /** Number of its segment, from 1. */
  readonly segment: number;
  /** Offset of its record, in bytes from the start of the file. */
  readonly at: number;
  /** Length of its record in bytes; 0: the key was removed, and older records of it are void. */
  readonly length: number;
  /** Length of the answer's body in bytes, as it was stored. */
  readonly bytes: number;
  /** When it was committed: of two records of one key the later one counts. */
  readonly stamp: number;
}

/** The first 64 bits of a key. Two keys of 100,000 share them once in four billion stores; the record has the whole key. */
export interface KeyStart {
  readonly high: number;
  readonly low: number;
}

export function startOf(key: string): KeyStart {
  return { high: Number.parseInt(key.slice(0, 8), 16) >>> 0, low: Number.parseInt(key.slice(8, 16), 16) >>> 0 };
}

const fewest = 64;
const columns = 6;

/**
 * Key → place, in typed arrays: 32 bytes a slot, at least three in eight slots taken, so at most 85 bytes an answer. Keys
 * are digests: their own bits choose the slot; the next free one is taken (open addressing).
 */
export class KeyIndex {
  #count = 0;
  /** high, low, segment (0: the slot is free), at, length, bytes */
  #cells = new Uint32Array(fewest * columns);
  #stamps = new Float64Array(fewest);

  /** Keys here, removed ones too. */
  get size(): number {
    return this.#count;
  }

  get(key: KeyStart): Place | undefined {
    const slot = this.#find(key.high, key.low);
    return this.#isTaken(slot) ? this.#placeAt(slot) : undefined;
  }

  /** Puts a place under a key, in place of the one that was there. */
  set({ high, low }: KeyStart, { segment, at, length, bytes, stamp }: Place): void {
    this.reserve(1);
    const slot = this.#find(high, low);
    if (!this.#isTaken(slot)) this.#count++;
    this.#cells.set([high, low, segment, at, length, bytes], slot * columns);
    this.#stamps[slot] = stamp;
  }

  /** Makes room for so many more keys at once. */
  reserve(more: number): void {
    let slots = this.#stamps.length;
    while ((this.#count + more) * 4 > slots * 3) slots *= 2;
    if (slots > this.#stamps.length) this.#resize(slots);
  }

  delete({ high, low }: KeyStart): void {
    let hole = this.#find(high, low);
    if (!this.#isTaken(hole)) return;
    this.#count--;
    // What was pushed behind the hole by it moves up, so that no search ends too early.
    const mask = this.#stamps.length - 1;
    for (let next = (hole + 1) & mask; this.#isTaken(next); next = (next + 1) & mask) {
      const home = this.#cell(next, 0) & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      this.#cells.copyWithin(hole * columns, next * columns, (next + 1) * columns);
      this.#stamps[hole] = this.#stamps[next] as number;
      hole = next;
    }
    this.#cells[hole * columns + 2] = 0;
  }

  /** Keys whose place is in this segment. Looks at every slot: half a millisecond for 100,000 keys. */
  keysIn(segment: number): KeyStart[] {
    const keys: KeyStart[] = [];
    for (let slot = 0; slot < this.#stamps.length; slot++)
      if (this.#cell(slot, 2) === segment) keys.push({ high: this.#cell(slot, 0), low: this.#cell(slot, 1) });
    return keys;
  }

  /** As it is now. Costs a copy of some megabytes for 100,000 keys. */
  copy(): KeyIndex {
    const copy = new KeyIndex();
    copy.#count = this.#count;
    copy.#cells = this.#cells.slice();
    copy.#stamps = this.#stamps.slice();
    return copy;
  }

  /** Every key and place, in no order. The index must not change meanwhile. */
  *entries(): Generator<[KeyStart, Place]> {
    for (let slot = 0; slot < this.#stamps.length; slot++)
      if (this.#isTaken(slot)) yield [{ high: this.#cell(slot, 0), low: this.#cell(slot, 1) }, this.#placeAt(slot)];
  }

  /** The slot of a key, or the free one where it would be. */
  #find(high: number, low: number): number {
    const mask = this.#stamps.length - 1;
    let slot = high & mask;
    while (this.#isTaken(slot) && (this.#cell(slot, 0) !== high || this.#cell(slot, 1) !== low))
      slot = (slot + 1) & mask;
    return slot;
  }

  #isTaken(slot: number): boolean {
    return this.#cell(slot, 2) !== 0;
  }

  #cell(slot: number, column: number): number {
    return this.#cells[slot * columns + column] as number;
  }

  #placeAt(slot: number): Place {
    return {
      segment: this.#cell(slot, 2),
      at: this.#cell(slot, 3),
      length: this.#cell(slot, 4),
      bytes: this.#cell(slot, 5),
      stamp: this.#stamps[slot] as number,
    };
  }

  #resize(slots: number): void {
    const entries = [...this.entries()];
    this.#count = 0;
    this.#cells = new Uint32Array(slots * columns);
    this.#stamps = new Float64Array(slots);
    for (const [key, place] of entries) this.set(key, place);
  }
}
