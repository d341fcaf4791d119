import { parseArgs } from 'node:util';
import { faultText, type Prove, readCassette } from '../../core/cassette/read-cassette.ts';
import { secretInText, withoutCredentials } from '../../core/cassette/secrets.ts';
import { notWhole } from '../../core/cassette/whole.ts';
import { type Command, CommandError } from '../command.ts';
import { textOf } from './cassette-files.ts';
import { counted } from './wording.ts';

export const check: Command = {
  usage: 'cassette check <file…>',
  summary: 'Tells what in a cassette is damaged, not whole, or may be a credential. Exit code 1 where something is.',
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
    if (positionals.length === 0) throw new CommandError('Cannot check a cassette: no file is named, one is needed');
    let isSound = true;
    for (const path of positionals) {
      const { recordings, faults } = readCassette(await textOf(path), unfit);
      for (const fault of faults) console.log(`${path}: ${faultText(fault)}`);
      if (faults.length === 0) console.log(`${path}: ${counted(recordings.length, 'question')}, all sound`);
      isSound &&= faults.length === 0;
    }
    return isSound ? 0 : 1;
  },
};

const unfit: Prove = (recording, answer) => {
  const secret = secretInText(new TextDecoder().decode(answer.body));
  if (secret) return `the answer has a member "${secret}", which may hold a credential`;
  const clean = withoutCredentials(new URL(recording.url));
  return clean === recording.url ? notWhole(recording, answer) : `the URL may hold a credential, ${clean} is needed`;
};
