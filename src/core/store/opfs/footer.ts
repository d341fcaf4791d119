import { checksum, checksumBytes, isSame } from './checksum.ts';
import { markerBytes } from './record.ts';

/** First and last 8 bytes of a segment, and first 8 of a checkpoint: the version of both. */
export const magic = 'REFRAIN2';

/** What the end of a segment says of it. All is known without reading an answer or a meta. */
export interface Footer {
  /** Rows of the index, removed keys among them. */
  readonly rows: number;
  /** Bytes of the names it replaces. */
  readonly replaces: number;
  /** Bytes of the metas. */
  readonly metas: number;
  /** Made by merging: text in it is compressed, the metas too. */
  readonly merged: boolean;
  /** The smallest stamp of its answers; `Infinity` without any. */
  readonly oldest: number;
  /** When the last of its answers stops being fresh, in milliseconds since the epoch; 0 without any. */
  readonly expires: number;
  /** The latest stamp of its removals; 0 without any. */
  readonly removal: number;
  readonly marker: Uint8Array<ArrayBuffer>;
  readonly indexChecksum: Uint8Array<ArrayBuffer>;
  readonly metasChecksum: Uint8Array<ArrayBuffer>;
}

/** rows 4 | replaces 4 | metas 4 | flags 4 | oldest 8 | expires 8 | removal 8 | marker 8 | checksums 16 + 16 + 16 | magic 8 */
export const footerBytes = 104;
const coveredBytes = footerBytes - checksumBytes - magic.length;

export async function encodeFooter(footer: Footer): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(footerBytes);
  const view = new DataView(bytes.buffer);
  const { rows, replaces, metas, merged, oldest, expires, removal } = footer;
  for (const [i, value] of [rows, replaces, metas, merged ? 1 : 0].entries()) view.setUint32(4 * i, value);
  for (const [i, value] of [oldest, expires, removal].entries()) view.setFloat64(16 + 8 * i, value);
  bytes.set(footer.marker, 40);
  bytes.set(footer.indexChecksum, 48);
  bytes.set(footer.metasChecksum, 64);
  bytes.set(await checksum(bytes.subarray(0, coveredBytes)), coveredBytes);
  bytes.set(new TextEncoder().encode(magic), footerBytes - magic.length);
  return bytes;
}

/** `undefined` where the bytes are not those of a footer of this version. */
export async function decodeFooter(bytes: Uint8Array<ArrayBuffer>): Promise<Footer | undefined> {
  const covered = bytes.subarray(0, coveredBytes);
  const sum = bytes.subarray(coveredBytes, footerBytes - magic.length);
  if (bytes.byteLength !== footerBytes || !isMagic(bytes.subarray(-magic.length))) return undefined;
  if (!isSame(await checksum(covered), sum)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    rows: view.getUint32(0),
    replaces: view.getUint32(4),
    metas: view.getUint32(8),
    merged: view.getUint32(12) === 1,
    oldest: view.getFloat64(16),
    expires: view.getFloat64(24),
    removal: view.getFloat64(32),
    marker: bytes.slice(40, 40 + markerBytes),
    indexChecksum: bytes.slice(48, 64),
    metasChecksum: bytes.slice(64, 80),
  };
}

/** Are these the first bytes of a file of this version, or its last? */
export function isMagic(bytes: Uint8Array<ArrayBuffer>): boolean {
  return new TextDecoder().decode(bytes) === magic;
}
