import type { KeyStart, Place } from './key-index.ts';
import { readKey, writeKey } from './record.ts';

/** key 32 | stamp 8 | expires 8 | at 4 | length 4 | bytes 4 */
export const rowBytes = 60;

/** One line of a segment's index; a removed key has no length. */
export interface Row extends Omit<Place, 'segment'> {
  readonly key: string;
  /** When the answer stops being fresh, in milliseconds since the epoch; `Infinity` never. */
  readonly expires: number;
}

/** The rows of a segment's index, read in place: metas aside, all that is known of its records. */
export class Rows {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get count(): number {
    return Math.floor(this.#bytes.byteLength / rowBytes);
  }

  start(i: number): KeyStart {
    return { high: this.#view.getUint32(i * rowBytes), low: this.#view.getUint32(i * rowBytes + 4) };
  }

  /** The whole key. Costs making a string, which `start` does not. */
  key(i: number): string {
    return readKey(this.#bytes, i * rowBytes);
  }

  stamp(i: number): number {
    return this.#view.getFloat64(i * rowBytes + 32);
  }

  expires(i: number): number {
    return this.#view.getFloat64(i * rowBytes + 40);
  }

  isRemoval(i: number): boolean {
    return this.#view.getUint32(i * rowBytes + 52) === 0;
  }

  place(i: number, segment: number): Place {
    const at = i * rowBytes + 48;
    return {
      segment,
      at: this.#view.getUint32(at),
      length: this.#view.getUint32(at + 4),
      bytes: this.#view.getUint32(at + 8),
      stamp: this.stamp(i),
    };
  }
}

export function encodeRows(rows: readonly Row[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(rows.length * rowBytes);
  const view = new DataView(bytes.buffer);
  for (const [i, { key, stamp, expires, at, length, bytes: size }] of rows.entries()) {
    const from = i * rowBytes;
    writeKey(view, from, key);
    view.setFloat64(from + 32, stamp);
    view.setFloat64(from + 40, expires);
    view.setUint32(from + 48, at);
    view.setUint32(from + 52, length);
    view.setUint32(from + 56, size);
  }
  return bytes;
}
