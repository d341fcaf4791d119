import { type Command, readCommand } from '../command.ts';
import { check } from './check.ts';
import { diff } from './diff.ts';
import { importFile } from './import.ts';
import { ls } from './ls.ts';
import { merge } from './merge.ts';
import { prune } from './prune.ts';
import { show } from './show.ts';

const commands: Readonly<Record<string, Command>> = { ls, show, diff, merge, prune, check, import: importFile };

/** The commands below `npx refrain cassette`. */
export const cassette: Command = {
  usage: Object.values(commands)
    .map(({ usage }) => usage)
    .join('\n  npx refrain '),
  summary: 'Reads and changes cassettes, the recordings that tests are answered from.',
  run: async ([name = '', ...args]) => readCommand(commands, name, 'cassette ').run(args),
};
