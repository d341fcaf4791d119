import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { faultText, readCassette } from '../../core/cassette/read-cassette.ts';
import type { Recording } from '../../core/cassette/recording.ts';
import { writeCassette } from '../../core/cassette/write-cassette.ts';
import { CommandError } from '../command.ts';

/** @throws CommandError where the file cannot be read */
export async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const is = error.code === 'ENOENT' ? 'it is not there' : error.message;
    throw new CommandError(`Cannot read ${path}: ${is}, the path of a file is needed`);
  });
}

/**
 * What is recorded in a file. What is damaged is told, one line a fault.
 * @param partial take what is sound
 * @throws CommandError where something is damaged, and what is sound was not asked for
 */
export async function readRecordings(path: string, partial: boolean): Promise<readonly Recording[]> {
  const { recordings, faults } = readCassette(await readText(path));
  if (faults.length === 0) return recordings;
  const told = faults.map((fault) => `${path}, ${faultText(fault)}`).join('\n');
  if (!partial) throw new CommandError(`Cannot use ${path}: it is damaged, mending it or --partial is needed\n${told}`);
  console.error(told);
  return recordings;
}

/** Puts a cassette in a file's place as a whole: a reader sees the old or the new one. */
export async function writeRecordings(path: string, recordings: readonly Recording[]): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  await writeFile(unfinished, writeCassette(recordings));
  await rename(unfinished, path).catch(async (error: Error) => {
    await rm(unfinished, { force: true });
    throw error;
  });
}
