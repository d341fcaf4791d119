import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { faultText, readCassette } from '../../core/cassette/read-cassette.ts';
import type { Recording } from '../../core/cassette/recording.ts';
import { writeCassette } from '../../core/cassette/write-cassette.ts';
import { CommandError } from '../command.ts';

/** Text in another encoding would be read as other characters, and written so. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws CommandError where there is no such file, or it cannot be read */
export async function textOf(path: string): Promise<string> {
  try {
    return utf8.decode(await readFile(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new CommandError(`Cannot read ${path}: it has bytes that are no UTF-8, a file in UTF-8 is needed`);
    const is = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new CommandError(`Cannot read ${path}: ${is}, a file is needed`);
  }
}

/**
 * What is recorded in a file.
 * @param partial what is sound is taken, and the rest told on standard error
 * @throws CommandError with a sentence for each fault
 */
export async function recordingsOf(path: string, partial = false): Promise<readonly Recording[]> {
  const { recordings, faults } = readCassette(await textOf(path));
  if (faults.length === 0) return recordings;
  const told = faults.map((fault) => `Cannot read ${path}: ${faultText(fault)}`);
  const remedy = recordings.length > 0 ? ['With --partial what is sound is taken'] : [];
  if (!partial) throw new CommandError([...told, ...remedy].join('\n'));
  console.error(told.join('\n'));
  return recordings;
}

/**
 * Puts a cassette in place as a whole: whoever reads it meanwhile reads the old or the new one.
 * @throws CommandError where the folder is not there, or cannot be written
 */
export async function writeCassetteFile(path: string, recordings: readonly Recording[]): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeFile(unfinished, writeCassette(recordings));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new CommandError(`Cannot write ${path}: ${(error as Error).message}, a folder that can be written is needed`);
  }
}
