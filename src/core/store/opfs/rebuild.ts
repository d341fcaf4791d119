import { decodeFooter, footerBytes, magic } from './footer.ts';
import { bytesOf, decodeRecord, isNotes, markerBytes, type StoredRecord } from './record.ts';
import { encodeRows, Rows } from './rows.ts';
import { headBytes, type Removal, removalRow, rowOf, type SegmentIndex, summaryOf } from './segment.ts';

/** What a file is that has no sound index. */
export type FileKind = 'segment' | 'older' | 'newer' | 'foreign';

/** What a file's first bytes, or its last, say it is. */
export async function kindOf(file: Blob): Promise<FileKind> {
  const head = await bytesOf(file, 0, magic.length);
  const text = new TextDecoder().decode(head);
  if (text === magic || (await footerOf(file))) return 'segment';
  if (!/^REFRAIN\d$/.test(text)) return 'foreign';
  return text < magic ? 'older' : 'newer';
}

/**
 * The sound records of a segment whose index is damaged, and their offsets. Where one is damaged the search goes on at the
 * next marker, so that each costs itself alone. Reads the whole file.
 */
export async function readRecords(
  file: Blob,
): Promise<(StoredRecord & { readonly at: number; readonly length: number })[]> {
  const bytes = await bytesOf(file, 0, file.size);
  const marker = (await footerOf(file))?.marker ?? bytes.slice(magic.length, headBytes);
  const found: (StoredRecord & { at: number; length: number })[] = [];
  let at = indexOf(bytes, marker, headBytes);
  while (at >= 0) {
    const record = await decodeRecord(bytes.subarray(at));
    if (record) found.push({ ...record, at });
    at = indexOf(bytes, marker, at + (record?.length ?? 1));
  }
  return found;
}

/** The index of a segment, made anew from its records. */
export async function rebuildIndex(file: Blob): Promise<SegmentIndex> {
  const records = await readRecords(file);
  const removals: Removal[] = [];
  const replaces: string[] = [];
  for (const { flags, body } of records) {
    if ((flags & isNotes) === 0) continue;
    const notes = JSON.parse(new TextDecoder().decode(body));
    removals.push(...notes.removals);
    replaces.push(...notes.replaces);
  }
  const answers = records.filter(({ flags }) => (flags & isNotes) === 0);
  const rows = [
    ...answers.map(({ meta, stamp, at, length }) => rowOf(meta, stamp, at, length)),
    ...removals.map(removalRow),
  ];
  return { ...summaryOf(rows), rows: new Rows(encodeRows(rows)), replaces, merged: false, whole: false };
}

async function footerOf(file: Blob) {
  return decodeFooter(await bytesOf(file, Math.max(0, file.size - footerBytes), footerBytes));
}

function indexOf(bytes: Uint8Array, marker: Uint8Array, from: number): number {
  const first = marker[0] as number;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1))
    if (at + markerBytes <= bytes.byteLength && marker.every((byte, i) => bytes[at + i] === byte)) return at;
  return -1;
}
