import { parseArgs } from 'node:util';
import { faultText, readCassette } from '../../core/cassette/read-cassette.ts';
import { notWhole } from '../../core/cassette/whole.ts';
import { type Command, filesNeeded } from '../command.ts';
import { readText } from './files.ts';

export const check: Command = {
  usage: 'cassette check <file…>',
  summary: 'Names every block that is damaged, and every answer that is not whole. Exit code 1 where there is one.',
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    let found = 0;
    for (const file of filesNeeded(positionals, 'check')) {
      const { recordings, faults } = readCassette(await readText(file), notWhole);
      found += faults.length;
      for (const fault of faults) console.log(`${file}, ${faultText(fault)}`);
      console.log(`${file}: ${recordings.length} questions are sound, ${faults.length} are not`);
    }
    return found > 0 ? 1 : 0;
  },
};
