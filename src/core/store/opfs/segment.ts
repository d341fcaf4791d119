import type { EntryMeta } from '../entry.ts';
import { checksum, isSame } from './checksum.ts';
import { decodeFooter, encodeFooter, type Footer, footerBytes, magic } from './footer.ts';
import { gunzip, gzip } from './gzip.ts';
import { bytesOf, encodeRecord, isNotes, markerBytes, metaText, recordLength, type StoredRecord } from './record.ts';
import { encodeRows, type Row, Rows, rowBytes } from './rows.ts';

/**
 * A segment: a file of records that is written once, named once and never changed. docs/format.md has the offsets and
 * what a reader does with each kind of damage.
 *
 *     head: magic, marker | record … | metas | rows | replaces | footer
 */
export const segmentEnding = '.segment';
export const headBytes = magic.length + markerBytes;
/** Read at once from the end of a file: the rows of a thousand answers. */
const tailBytes = 65_536;

const pageBytes = 1 << 20;
/** Of the record that holds notes. */
const noKey = '0'.repeat(64);

/** A key that was removed: records of it with an earlier stamp are void. */
export interface Removal {
  readonly key: string;
  readonly stamp: number;
}

export interface SegmentContent {
  readonly records: readonly StoredRecord[];
  readonly removals: readonly Removal[];
  /** Segments whose living answers this one holds: they are void, even where they are still there. */
  readonly replaces: readonly string[];
  readonly merged: boolean;
}

/** All that is known of a segment without reading an answer or a meta. */
export interface SegmentIndex extends Pick<Footer, 'merged' | 'oldest' | 'expires' | 'removal'> {
  readonly rows: Rows;
  readonly replaces: readonly string[];
  /** The index was read; `false`: it was damaged, and rebuilt from the records. */
  readonly whole: boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A segment's bytes and its index. Costs a copy and a digest of each body. */
export async function writeSegment(content: SegmentContent): Promise<{ blob: Blob; index: SegmentIndex }> {
  const { records, removals, replaces, merged } = content;
  const marker = crypto.getRandomValues(new Uint8Array(markerBytes));
  const texts = records.map(({ meta }) => metaText(meta));
  const written: Pick<StoredRecord, 'stamp' | 'flags' | 'body'>[] = [...records];
  const encodedMetas = texts.map((text) => encoder.encode(text));
  if (removals.length + replaces.length > 0) {
    // Says again what the index says of other segments, for the day the index is damaged.
    const body = encoder.encode(JSON.stringify({ removals, replaces }));
    written.push({ stamp: 0, flags: isNotes, body });
    encodedMetas.push(encoder.encode('{}'));
  }
  const { pages, places } = pagesFor(written.map(({ body }, i) => recordLength(encodedMetas[i] as Uint8Array, body)));
  await Promise.all(
    written.map((record, i) =>
      encodeRecord(
        places[i] as Uint8Array<ArrayBuffer>,
        marker,
        records[i]?.meta.key ?? noKey,
        encodedMetas[i] as Uint8Array,
        record,
      ),
    ),
  );
  const rows = rowsOf(records, places, removals);
  const text = encoder.encode(texts.join('\n'));
  const metas = merged ? await gzip(text) : text;
  const rowPart = encodeRows(rows);
  const names = encoder.encode(replaces.join('\n'));
  const indexPart = new Uint8Array(rowPart.byteLength + names.byteLength);
  indexPart.set(rowPart);
  indexPart.set(names, rowPart.byteLength);
  const index: SegmentIndex = { ...summaryOf(rows), rows: new Rows(rowPart), replaces, merged, whole: true };
  const footer = await encodeFooter({
    ...index,
    rows: rows.length,
    replaces: names.byteLength,
    metas: metas.byteLength,
    marker,
    indexChecksum: await checksum(indexPart),
    metasChecksum: await checksum(metas),
  });
  return { blob: new Blob([encoder.encode(magic), marker, ...pages, metas, indexPart, footer]), index };
}

/** Arrays of about a megabyte, and a place of each length in them: the browser takes a few large parts sooner than many. */
function pagesFor(lengths: readonly number[]): { pages: Uint8Array<ArrayBuffer>[]; places: Uint8Array<ArrayBuffer>[] } {
  const pages: Uint8Array<ArrayBuffer>[] = [];
  const places: Uint8Array<ArrayBuffer>[] = [];
  for (let first = 0; first < lengths.length; first = places.length) {
    let [end, size] = [first, 0];
    while (end < lengths.length && size < pageBytes) {
      size += lengths[end] as number;
      end++;
    }
    const page = new Uint8Array(size);
    pages.push(page);
    for (let at = 0; places.length < end; at += places.at(-1)?.byteLength ?? 0)
      places.push(page.subarray(at, at + (lengths[places.length] as number)));
  }
  return { pages, places };
}

/** The index at the end of a segment, or `undefined` where it is damaged or none. One read for most segments. */
export async function readIndex(file: Blob): Promise<SegmentIndex | undefined> {
  const tail = await bytesOf(file, Math.max(0, file.size - tailBytes), tailBytes);
  const footer = await decodeFooter(tail.subarray(-footerBytes));
  if (!footer) return undefined;
  const length = footer.rows * rowBytes + footer.replaces;
  const from = file.size - footerBytes - length;
  if (from < headBytes) return undefined;
  const end = tail.byteLength - footerBytes;
  const bytes = length <= end ? tail.subarray(end - length, end) : await bytesOf(file, from, length);
  if (!isSame(await checksum(bytes), footer.indexChecksum)) return undefined;
  const { merged, oldest, expires, removal } = footer;
  const names = decoder.decode(bytes.subarray(footer.rows * rowBytes));
  return {
    rows: new Rows(bytes.subarray(0, footer.rows * rowBytes)),
    replaces: names === '' ? [] : names.split('\n'),
    ...{ merged, oldest, expires, removal, whole: true },
  };
}

/** The metas of a segment's answers, in the order of its rows; `undefined` where they are damaged. Reads no answer. */
export async function readMetas(file: Blob, { rows }: SegmentIndex): Promise<EntryMeta[] | undefined> {
  const footer = await decodeFooter(await bytesOf(file, Math.max(0, file.size - footerBytes), footerBytes));
  if (!footer) return undefined;
  const end = file.size - footerBytes - footer.replaces - footer.rows * rowBytes;
  const bytes = await bytesOf(file, Math.max(0, end - footer.metas), footer.metas);
  if (!isSame(await checksum(bytes), footer.metasChecksum)) return undefined;
  const text = decoder.decode(footer.merged ? await gunzip(bytes) : bytes);
  if (text === '') return [];
  return text.split('\n').map((line, i) => ({ key: rows.key(i), ...(JSON.parse(line) as Omit<EntryMeta, 'key'>) }));
}

function rowsOf(records: readonly StoredRecord[], encoded: readonly Uint8Array[], removals: readonly Removal[]): Row[] {
  let at = headBytes;
  const rows = records.map(({ meta, stamp }, i): Row => {
    const length = (encoded[i] as Uint8Array).byteLength;
    at += length;
    return rowOf(meta, stamp, at - length, length);
  });
  return [...rows, ...removals.map(removalRow)];
}

/** The line of a record in the index. */
export function rowOf(meta: EntryMeta, stamp: number, at: number, length: number): Row {
  const expires = meta.ttl === null ? Infinity : meta.storedAt + meta.ttl * 1000;
  return { key: meta.key, stamp, expires, at, length, bytes: meta.bytes };
}

export function removalRow({ key, stamp }: Removal): Row {
  return { key, stamp, expires: 0, at: 0, length: 0, bytes: 0 };
}

export function summaryOf(rows: readonly Row[]): Pick<Footer, 'oldest' | 'expires' | 'removal'> {
  let [oldest, expires, removal] = [Infinity, 0, 0];
  for (const row of rows) {
    if (row.length === 0) removal = Math.max(removal, row.stamp);
    else oldest = Math.min(oldest, row.stamp);
    expires = Math.max(expires, row.expires);
  }
  return { oldest, expires, removal };
}
