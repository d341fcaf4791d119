import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lock } from 'proper-lockfile';
import { mergeCassettes } from '../core/cassette/merge-cassettes.ts';
import { faultText, readCassette } from '../core/cassette/read-cassette.ts';
import type { Recording } from '../core/cassette/recording.ts';
import { writeCassette } from '../core/cassette/write-cassette.ts';
import { plainError } from './plain-error.ts';

/** How long one test waits for others that write the same file, in milliseconds: each takes some tens. */
const patience = 20_000;
/** A lock whose owner is gone is taken over after so many milliseconds. */
const stale = 5000;

/**
 * What is recorded in a file; nothing where there is none yet.
 * @throws Error where something in it is damaged: what it held would be missed in silence
 */
export function readCassetteFile(path: string): { readonly text: string; readonly recordings: readonly Recording[] } {
  if (!existsSync(path)) return { text: writeCassette([]), recordings: [] };
  const text = readFileSync(path, 'utf8');
  const { recordings, faults } = readCassette(text);
  const [first] = faults;
  if (!first) return { text, recordings };
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  throw plainError(
    `Cannot use the cassette ${path}: ${faultText(first)}${more}, mending it or recording it anew is needed`,
  );
}

/**
 * Adds recordings to a file, which other processes may do at the same time: read, merged and put in place as a whole, under
 * a lock. Of two recordings of one question the newer stays; of two of this run the one with more answers.
 * @param since when this run began, in milliseconds since the epoch
 * @throws Error where the file is damaged, or cannot be written
 */
export async function addToCassetteFile(path: string, recordings: readonly Recording[], since: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const release = await lock(path, {
    realpath: false,
    stale,
    retries: { forever: true, maxRetryTime: patience, minTimeout: 10, maxTimeout: 100 },
  });
  try {
    const present = readCassetteFile(path).recordings;
    const merged = writeCassette(mergeCassettes(present, recordings.filter(isLonger(present, since))));
    const unfinished = `${path}.${randomUUID()}`;
    await writeFile(unfinished, merged);
    await rename(unfinished, path).catch(async (error: Error) => {
      await rm(unfinished, { force: true });
      throw error;
    });
  } finally {
    await release();
  }
}

/** Another test of this run may have asked the same more often: its sequence serves this one's calls, too. */
function isLonger(present: readonly Recording[], since: number): (recording: Recording) => boolean {
  const byKey = new Map(present.map((recording) => [recording.key, recording]));
  return ({ key, answers }) => {
    const other = byKey.get(key);
    const isOfThisRun = other?.answers.every(({ storedAt }) => storedAt >= since) ?? false;
    return !other || !isOfThisRun || other.answers.length <= answers.length;
  };
}
