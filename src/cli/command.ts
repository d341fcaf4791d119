/** One command of `npx refrain`. */
export interface Command {
  /** How it is typed, after `npx refrain`: `init <public-dir>`. */
  readonly usage: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /**
   * Does it, and resolves with the process's exit code: 0 done, 1 what was looked at is not as it should be.
   * @param args what was typed after the name
   * @throws CommandError where what was typed, or the file it names, cannot be used
   */
  run(args: readonly string[]): Promise<number>;
}

/** What was typed cannot be done, in one sentence: what could not be done, what is, what is needed. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** A mistake of whoever typed it: our own, or `parseArgs`'s (its codes begin so). */
export function isCommandError(error: unknown): error is Error {
  return (
    error instanceof CommandError ||
    (error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS'))
  );
}

/** @throws CommandError where there is no command of this name */
export function readCommand(commands: Readonly<Record<string, Command>>, name: string): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command)
    throw new CommandError(
      `Cannot run "refrain ${name}": there is no such command, one of ${Object.keys(commands).join(', ')} is needed`,
    );
  return command;
}
