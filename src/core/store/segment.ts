import { sha256 } from '../digest.ts';
import type { Entry, EntryMeta } from './entry.ts';

/**
 * A segment: a file of entries that is written once, named once and never changed. docs/format.md has the offsets and
 * what a reader does with each kind of damage.
 *
 *     head | record … | index (JSON) | trailer
 */
export const segmentEnding = '.segment';

const magic = 'REFRAIN1';
const headBytes = magic.length;
const recordMagic = 0x52454331; // "REC1"
/** magic, length of the meta, length of the body, SHA-256 of the meta, SHA-256 of the body */
const recordHeadBytes = 4 + 4 + 4 + 32 + 32;
/** length of the index, SHA-256 of the index, magic */
const trailerBytes = 4 + 32 + magic.length;
/** Read at once from the end of a file: the index of about a hundred entries. */
const tailBytes = 65_536;

/** Where one entry's body lies in its segment. */
export interface Location {
  readonly meta: EntryMeta;
  /** Offset of the body, in bytes from the start of the file. */
  readonly at: number;
  /** Length of the body in bytes. */
  readonly length: number;
  /** SHA-256 of the body. */
  readonly digest: string;
}

export interface SegmentIndex {
  readonly entries: readonly Location[];
  /** Segments whose living entries this one holds: they are void, even if they are still there. */
  readonly replaces: readonly string[];
}

/** The bytes of a segment and its index. Costs one SHA-256 over every body. */
export async function writeSegment(
  entries: readonly Entry[],
  replaces: readonly string[],
): Promise<{ blob: Blob; index: SegmentIndex }> {
  const parts: BlobPart[] = [ascii(magic)];
  const locations: Location[] = [];
  let at = headBytes;
  for (const { meta, body: blob } of entries) {
    const body = await blob.arrayBuffer();
    const metaBytes = encode(JSON.stringify(meta));
    const digest = await sha256(body);
    const head = new DataView(new ArrayBuffer(recordHeadBytes));
    head.setUint32(0, recordMagic);
    head.setUint32(4, metaBytes.byteLength);
    head.setUint32(8, body.byteLength);
    setDigest(head, 12, await sha256(metaBytes));
    setDigest(head, 44, digest);
    parts.push(head.buffer as ArrayBuffer, metaBytes, body);
    at += recordHeadBytes + metaBytes.byteLength;
    locations.push({ meta, at, length: body.byteLength, digest });
    at += body.byteLength;
  }
  const index: SegmentIndex = { entries: locations, replaces };
  const indexBytes = encode(JSON.stringify(index));
  const trailer = new DataView(new ArrayBuffer(trailerBytes));
  trailer.setUint32(0, indexBytes.byteLength);
  setDigest(trailer, 4, await sha256(indexBytes));
  new Uint8Array(trailer.buffer).set(ascii(magic), 36);
  parts.push(indexBytes, trailer.buffer as ArrayBuffer);
  return { blob: new Blob(parts), index };
}

/**
 * Reads a segment's index; when it is damaged, rebuilds it from the records that are sound.
 * `undefined`: the file is no segment of this version (empty, foreign, of a newer version).
 * `whole` is false when the index had to be rebuilt.
 */
export async function readSegment(file: Blob): Promise<(SegmentIndex & { whole: boolean }) | undefined> {
  const index = await readIndex(file);
  if (index) return { ...index, whole: true };
  if (text(await bytesOf(file, 0, headBytes)) !== magic) return undefined;
  return { entries: await scanRecords(file), replaces: [], whole: false };
}

/** The body at a location, or `undefined` when its bytes are not those that were written. */
export async function readBody(file: Blob, location: Location): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const body = await bytesOf(file, location.at, location.length);
  return body.byteLength === location.length && (await sha256(body)) === location.digest ? body : undefined;
}

/** One read for most segments: the trailer and the index before it lie at the end of the file. */
async function readIndex(file: Blob): Promise<SegmentIndex | undefined> {
  if (file.size < headBytes + trailerBytes) return undefined;
  const tail = await bytesOf(file, Math.max(0, file.size - tailBytes), tailBytes);
  const trailer = tail.subarray(-trailerBytes);
  const view = new DataView(trailer.buffer, trailer.byteOffset);
  const length = view.getUint32(0);
  if (text(trailer.subarray(36)) !== magic || length > file.size - headBytes - trailerBytes) return undefined;
  const bytes =
    length + trailerBytes <= tail.byteLength
      ? tail.subarray(tail.byteLength - trailerBytes - length, tail.byteLength - trailerBytes)
      : await bytesOf(file, file.size - trailerBytes - length, length);
  if ((await sha256(bytes)) !== getDigest(view, 4)) return undefined;
  return JSON.parse(text(bytes)) as SegmentIndex;
}

async function scanRecords(file: Blob): Promise<Location[]> {
  const found: Location[] = [];
  let at = headBytes;
  while (at + recordHeadBytes <= file.size) {
    const head = new DataView((await bytesOf(file, at, recordHeadBytes)).buffer);
    if (head.getUint32(0) !== recordMagic) break;
    const [metaLength, length] = [head.getUint32(4), head.getUint32(8)];
    const metaAt = at + recordHeadBytes;
    at = metaAt + metaLength + length;
    if (at > file.size) break;
    const metaBytes = await bytesOf(file, metaAt, metaLength);
    // A damaged meta costs its own record; the lengths that led here lead on, and the next record's magic proves them.
    if ((await sha256(metaBytes)) !== getDigest(head, 12)) continue;
    found.push({
      meta: JSON.parse(text(metaBytes)) as EntryMeta,
      at: metaAt + metaLength,
      length,
      digest: getDigest(head, 44),
    });
  }
  return found;
}

async function bytesOf(file: Blob, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.slice(at, at + length).arrayBuffer());
}

function encode(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value);
}

const ascii = encode;

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function setDigest(view: DataView, at: number, digest: string): void {
  for (let i = 0; i < 32; i++) view.setUint8(at + i, Number.parseInt(digest.slice(2 * i, 2 * i + 2), 16));
}

function getDigest(view: DataView, at: number): string {
  let digest = '';
  for (let i = 0; i < 32; i++)
    digest += view
      .getUint8(at + i)
      .toString(16)
      .padStart(2, '0');
  return digest;
}
