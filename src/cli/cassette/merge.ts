import { parseArgs } from 'node:util';
import { mergeCassettes } from '../../core/cassette/merge-cassettes.ts';
import type { Recording } from '../../core/cassette/recording.ts';
import { type Command, filesNeeded, outNeeded } from '../command.ts';
import { readRecordings, writeRecordings } from './files.ts';

export const merge: Command = {
  usage: 'cassette merge <file…> -o <file> [--partial]',
  summary: 'Makes one cassette of several; of two recordings of one question the newer stays.',
  async run(args) {
    const options = { out: { type: 'string', short: 'o' }, partial: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const out = outNeeded(values.out, 'merge');
    let merged: readonly Recording[] = [];
    for (const file of filesNeeded(positionals, 'merge'))
      merged = mergeCassettes(merged, await readRecordings(file, values.partial ?? false));
    await writeRecordings(out, merged);
    console.log(`${merged.length} questions in ${out}`);
    return 0;
  },
};
