import type { EntryMeta } from '../entry.ts';
import { checksum, checksumBytes, checksumOf, digestOf, isSame, partBytes } from './checksum.ts';

/**
 * One answer in a segment, checked by itself:
 *
 *     marker 8 | checksum 16 | flags 4 | length of the meta 4 | of the body 4 | stamp 8 | key 32 | meta | body
 *
 * The marker is random, the same for all records of a segment: an answer that holds the bytes of a record is never taken
 * for one. The checksum covers all that follows it.
 */
export interface StoredRecord {
  readonly meta: EntryMeta;
  /** When it was first committed: of two records of one key the later one counts. */
  readonly stamp: number;
  readonly flags: number;
  /** The body as it lies in the file: compressed, when `flags` say so. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export const isGzip = 1;
/** No answer, but what the segment says of other segments, in JSON. */
export const isNotes = 2;

export const markerBytes = 8;
const recordHeadBytes = 76;
const coveredFrom = markerBytes + checksumBytes;
/** A meta that is longer is not stored: a record's first part must hold it whole. */
const longestMeta = 524_288;

interface RecordHead {
  readonly flags: number;
  readonly metaLength: number;
  readonly bodyLength: number;
  readonly stamp: number;
  readonly key: string;
}

/** Bytes of a record that is read whole. In parts 2 MB take half as long again. */
const longestHeld = 8_000_000;

const decoder = new TextDecoder();

/** Could this meta be longer than `longestMeta`? Reckons with six bytes a character, as JSON may need, to make no text. */
export function mayBeTooLong({ url, model, servedBy, tag, statusText, headers, request }: EntryMeta): boolean {
  const texts = [url, model, servedBy, tag, statusText, request?.url, request?.body, ...headers.flat()];
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 400) * 6 > longestMeta;
}

/** Meta as it lies in the file: without its key, which the record's head has. */
export function metaText({ key: _key, ...rest }: EntryMeta): string {
  return JSON.stringify(rest);
}

/** Bytes a record takes. */
export function recordLength(meta: Uint8Array, body: Uint8Array): number {
  return recordHeadBytes + meta.byteLength + body.byteLength;
}

/** Writes a record into bytes of its length. Costs a copy and a digest of the body. */
export async function encodeRecord(
  bytes: Uint8Array<ArrayBuffer>,
  marker: Uint8Array,
  key: string,
  meta: Uint8Array,
  { stamp, flags, body }: Pick<StoredRecord, 'stamp' | 'flags' | 'body'>,
): Promise<void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  bytes.set(marker);
  view.setUint32(24, flags);
  view.setUint32(28, meta.byteLength);
  view.setUint32(32, body.byteLength);
  view.setFloat64(36, stamp);
  writeKey(view, 44, key);
  bytes.set(meta, recordHeadBytes);
  bytes.set(body, recordHeadBytes + meta.byteLength);
  bytes.set(await checksum(bytes.subarray(coveredFrom)), markerBytes);
}

/** The record that begins with these bytes, or `undefined` where they are not what was written. */
export async function decodeRecord(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<(StoredRecord & { readonly length: number }) | undefined> {
  const head = readHead(bytes);
  if (!head) return undefined;
  const length = recordHeadBytes + head.metaLength + head.bodyLength;
  if (length > bytes.byteLength) return undefined;
  if (!isSame(await checksum(bytes.subarray(coveredFrom, length)), bytes.subarray(markerBytes, coveredFrom)))
    return undefined;
  return { ...head, meta: metaIn(bytes, head), body: bytes.subarray(length - head.bodyLength, length), length };
}

/** An answer as it was read; a Blob where it was read in parts. */
export interface ReadRecord {
  readonly meta: EntryMeta;
  readonly flags: number;
  readonly body: Blob | Uint8Array<ArrayBuffer>;
}

/**
 * Reads one record of a file and checks it: in one slice; one of more than 8 MB a megabyte at a time, each part given to the
 * browser before the next is read, so that the worker never holds it whole. `undefined`: damaged. Rejects where the file is
 * gone.
 */
export async function readRecord(file: Blob, at: number, length: number): Promise<ReadRecord | undefined> {
  if (length <= longestHeld) {
    const record = await decodeRecord(await bytesOf(file, at, length));
    return record?.length === length ? record : undefined;
  }
  const first = await bytesOf(file, at, coveredFrom + partBytes);
  const head = readHead(first);
  if (!head || recordHeadBytes + head.metaLength + head.bodyLength !== length) return undefined;
  const covered = first.subarray(coveredFrom);
  const digests = [await digestOf(covered)];
  const begin = first.subarray(recordHeadBytes + head.metaLength);
  const parts = [new Blob([begin])];
  for (let from = first.byteLength; from < length; from += partBytes) {
    const part = await bytesOf(file, at + from, Math.min(partBytes, length - from));
    if (part.byteLength === 0) return undefined;
    digests.push(await digestOf(part));
    parts.push(new Blob([part]));
  }
  if (!isSame(await checksumOf(digests), first.subarray(markerBytes, coveredFrom))) return undefined;
  return { meta: metaIn(first, head), flags: head.flags, body: new Blob(parts) };
}

function readHead(bytes: Uint8Array): RecordHead | undefined {
  if (bytes.byteLength < recordHeadBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const metaLength = view.getUint32(28);
  if (metaLength > longestMeta) return undefined;
  return {
    flags: view.getUint32(24),
    metaLength,
    bodyLength: view.getUint32(32),
    stamp: view.getFloat64(36),
    key: readKey(bytes, 44),
  };
}

function metaIn(bytes: Uint8Array, { key, metaLength }: RecordHead): EntryMeta {
  const text = decoder.decode(bytes.subarray(recordHeadBytes, recordHeadBytes + metaLength));
  return { key, ...(JSON.parse(text) as Omit<EntryMeta, 'key'>) };
}

export function writeKey(view: DataView, at: number, key: string): void {
  for (let i = 0; i < 8; i++) view.setUint32(at + 4 * i, Number.parseInt(key.slice(8 * i, 8 * i + 8), 16));
}

export function readKey(bytes: Uint8Array, at: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let key = '';
  for (let i = 0; i < 8; i++)
    key += view
      .getUint32(at + 4 * i)
      .toString(16)
      .padStart(8, '0');
  return key;
}

export async function bytesOf(file: Blob, at: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.slice(at, at + length).arrayBuffer());
}
