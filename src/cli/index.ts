#!/usr/bin/env node
import { cassette } from './cassette.ts';
import { type Command, isCommandError, readCommand } from './command.ts';
import { doctor } from './doctor/index.ts';
import { init } from './init.ts';

/** Replaced at build time by the package's version. */
declare const __REFRAIN_VERSION__: string;

/** Every command of `npx refrain`, by name; each is a file of its own. */
const commands: Readonly<Record<string, Command>> = { init, doctor, cassette };

const [name = 'help', ...args] = process.argv.slice(2);
if (name === '--version') console.log(__REFRAIN_VERSION__);
else if (/^(-h|--help|help)$/.test(name)) console.log(usage());
else await run(name, args);

/** Runs one command. What a user did wrong is one sentence and exit code 2, anything else a stack trace. */
async function run(name: string, args: readonly string[]): Promise<void> {
  try {
    process.exitCode = await readCommand(commands, name).run(args);
  } catch (error) {
    if (!isCommandError(error)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

function usage(): string {
  const lines = Object.values(commands).map(({ usage, summary }) => `  npx refrain ${usage}\n      ${summary}`);
  return ['Refrain never asks an LLM the same question twice.', '', ...lines].join('\n');
}
