import type { Segment } from './catalog.ts';
import type { Place } from './key-index.ts';
import { bytesOf, decodeRecord } from './record.ts';
import type { SegmentFolder } from './segment-folder.ts';

/** How far verifying has come. */
export interface VerifyProgress {
  readonly step: VerifyStep;
  readonly done: number;
  readonly of: number;
}

/** What verifying found and mended. */
export interface VerifyReport {
  /** Segments whose index was damaged and was rebuilt from their records. */
  rebuilt: number;
  /** Answers that were read and compared with their checksum. */
  checked: number;
  /** Answers that were damaged, and were removed. */
  damaged: number;
  /** Files deleted that held nothing: left by a crash, replaced, or of an older version. */
  swept: number;
  /** Files of a newer version, left alone. */
  newer: number;
}

/** A key and where its record lies. */
export interface Located {
  readonly name: string;
  readonly place: Place;
}

/** What the steps need of the tier; `folder` was read from the segments themselves, without a checkpoint. */
export interface Verifying {
  readonly folder: SegmentFolder;
  readonly progress: (progress: VerifyProgress) => void;
  /** Removes those that are still where they were found. */
  readonly removeDamaged: (found: readonly Located[]) => Promise<void>;
  /** Rewrites what is damaged, and merges. */
  readonly merge: () => Promise<void>;
}

type Step = (verifying: Verifying, report: VerifyReport) => Promise<void>;

/** In this order. */
const steps = { indexes: countRebuilt, records: checkRecords, files: sweep, segments: merge, checkpoint };
type VerifyStep = keyof typeof steps;

/** Runs every step. Reads every byte. */
export async function verify(verifying: Verifying): Promise<VerifyReport> {
  const report = { rebuilt: 0, checked: 0, damaged: 0, swept: 0, newer: 0 };
  for (const [name, run] of Object.entries(steps) as [VerifyStep, Step][]) {
    await run(verifying, report);
    verifying.progress({ step: name, done: 1, of: 1 });
  }
  return report;
}

async function countRebuilt({ folder }: Verifying, report: VerifyReport): Promise<void> {
  report.rebuilt = folder.catalog.inOrder().filter(({ whole }) => !whole).length;
  report.newer = folder.newer.size;
}

async function checkRecords({ folder, progress, removeDamaged }: Verifying, report: VerifyReport): Promise<void> {
  const segments = folder.catalog.inOrder();
  for (const [i, segment] of segments.entries()) {
    // A file that is gone was merged or evicted meanwhile.
    const damaged = await damagedIn(folder, segment, report).catch(() => []);
    report.damaged += damaged.length;
    await removeDamaged(damaged);
    progress({ step: 'records', done: i, of: segments.length });
  }
}

async function damagedIn(folder: SegmentFolder, segment: Segment, report: VerifyReport): Promise<Located[]> {
  const { rows } = await folder.indexOf(segment);
  const bytes = await bytesOf(await folder.file(segment), 0, segment.size);
  const damaged: Located[] = [];
  for (let i = 0; i < rows.count; i++) {
    const place = rows.place(i, segment.number);
    if (!folder.catalog.isLiving(rows.start(i), place)) continue;
    report.checked++;
    const record = await decodeRecord(bytes.subarray(place.at, place.at + place.length));
    if (record?.meta.key !== rows.key(i)) damaged.push({ name: rows.key(i), place });
  }
  return damaged;
}

async function sweep({ folder }: Verifying, report: VerifyReport): Promise<void> {
  report.swept = (await folder.sweep()).length;
}

async function merge(verifying: Verifying): Promise<void> {
  await verifying.merge();
}

async function checkpoint({ folder }: Verifying): Promise<void> {
  await folder.checkpoint();
}
