import { parseArgs } from 'node:util';
import { mergeCassettes } from '../../core/cassette/merge-cassettes.ts';
import type { Recording } from '../../core/cassette/recording.ts';
import { type Command, CommandError } from '../command.ts';
import { recordingsOf, writeCassetteFile } from './cassette-files.ts';
import { counted } from './wording.ts';

export const merge: Command = {
  usage: 'cassette merge <file> <other file…> -o <out> [--partial]',
  summary: 'Puts cassettes together. Of two recordings of one question the one with the newer answer stays.',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { out: { type: 'string', short: 'o' }, partial: { type: 'boolean' } },
    });
    if (positionals.length < 2)
      throw new CommandError(`Cannot merge ${counted(positionals.length, 'file')}: two or more are needed`);
    if (values.out === undefined)
      throw new CommandError('Cannot merge: nothing says where to, -o with a file is needed');
    let merged: readonly Recording[] = [];
    for (const path of positionals) merged = mergeCassettes(merged, await recordingsOf(path, values.partial));
    await writeCassetteFile(values.out, merged);
    console.log(`${values.out}: ${counted(merged.length, 'question')}`);
    return 0;
  },
};
