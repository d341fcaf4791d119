import { check } from './cassette/check.ts';
import { difference } from './cassette/difference.ts';
import { importing } from './cassette/import.ts';
import { list } from './cassette/list.ts';
import { merge } from './cassette/merge.ts';
import { prune } from './cassette/prune.ts';
import { show } from './cassette/show.ts';
import { type Command, CommandError } from './command.ts';

const commands: Readonly<Record<string, Command>> = {
  ls: list,
  show,
  diff: difference,
  prune,
  merge,
  import: importing,
  check,
};

/** `npx refrain cassette <command>`: recorded answers in files (docs/cassette.md). */
export const cassette: Command = {
  usage: `cassette <${Object.keys(commands).join('|')}> …`,
  summary: 'Reads, compares and changes cassettes. `npx refrain cassette` tells how.',
  async run([name, ...args]) {
    if (name === undefined || /^(-h|--help|help)$/.test(name)) {
      console.log(
        Object.values(commands)
          .map(({ usage, summary }) => `npx refrain ${usage}\n    ${summary}`)
          .join('\n'),
      );
      return 0;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command)
      throw new CommandError(
        `Cannot run "refrain cassette ${name}": there is no such command, one of ${Object.keys(commands).join(', ')} is needed`,
      );
    return command.run(args);
  },
};
