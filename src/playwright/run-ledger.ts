import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one test says at its end, for the run's summary. */
export interface LedgerLine {
  /** Path of the cassette. */
  readonly cassette: string;
  readonly mode: string;
  readonly passed: boolean;
  /** Calls answered, from whatever tier. */
  readonly served: number;
  readonly missed: number;
  /** Questions whose answers were written to the cassette. */
  readonly recorded: number;
  /** Keys of the recordings that were served. */
  readonly used: readonly string[];
  readonly mayServeNothing: boolean;
  /** Folder for what the run leaves. */
  readonly outputDir: string;
}

/** The folder of this run, which its processes share: the runner makes it, and its workers inherit its name. */
const folderVariable = 'REFRAIN_RUN_FOLDER';
const startVariable = 'REFRAIN_RUN_START';

/** Makes the run's folder, once. Called in the runner, before it starts workers. */
export function openRun(): string {
  const folder = mkdtempSync(join(tmpdir(), 'refrain-run-'));
  process.env[folderVariable] = folder;
  process.env[startVariable] = String(Date.now());
  return folder;
}

/** When this run began, in milliseconds since the epoch; where nobody knows, now. */
export function runStart(): number {
  return Number(process.env[startVariable] ?? Date.now());
}

/** Writes down what a test did. Nothing where the runner has loaded no test file, as in UI mode. */
export function noteTest(line: LedgerLine): void {
  const folder = process.env[folderVariable];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(line)}\n`);
}

/** What all tests of the run have done; removes the folder. */
export function closeRun(folder: string): LedgerLine[] {
  if (!existsSync(folder)) return [];
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  return texts.flatMap((text) => text.split('\n').filter(Boolean)).map((line) => JSON.parse(line) as LedgerLine);
}
