import { parseArgs } from 'node:util';
import type { RecordedAnswer, Recording } from '../../core/cassette/recording.ts';
import { type Command, CommandError } from '../command.ts';
import { answerText } from './answer-text.ts';
import { recordingsOf } from './cassette-files.ts';
import { dated, named } from './wording.ts';

export const show: Command = {
  usage: 'cassette show <file> [part] [--partial]',
  summary: 'Shows requests and answers: all, or those whose key, URL, model, tag or text has the part.',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { partial: { type: 'boolean' } },
    });
    const [path, part = ''] = positionals;
    if (path === undefined) throw new CommandError('Cannot show a cassette: no file is named, one is needed');
    const all = await recordingsOf(path, values.partial);
    const found = all.filter((recording) => has(recording, part.toLowerCase()));
    if (found.length === 0 && part !== '')
      throw new CommandError(
        `Cannot show "${part}": nothing in ${path} has it, a part of a key, URL, model, tag or text is needed`,
      );
    console.log(found.map(textOf).join('\n\n'));
    return 0;
  },
};

function has(recording: Recording, part: string): boolean {
  const { key, url, model = '', tag = '', request, answers } = recording;
  return (
    key.startsWith(part) ||
    [url, model, tag, request?.body ?? '', ...answers.map((answer) => answerText(recording, answer))].some((text) =>
      text.toLowerCase().includes(part),
    )
  );
}

function textOf(recording: Recording): string {
  const { key, format, tag, request, answers } = recording;
  const facts = [`key ${key}`, `format ${format}`, tag && `tag ${tag}`, request && `shape ${request.shape}`];
  const asked = request?.body ?? `(the request is not here${request?.withheld ? `: ${request.withheld}` : ''})`;
  return [
    named(recording),
    ...facts.filter(Boolean).map((fact) => `  ${fact}`),
    '',
    '  asked',
    indented(asked),
    ...answers.flatMap((answer, at) => [
      '',
      `  answered${answers.length > 1 ? ` (${at + 1} of ${answers.length})` : ''}: ${factsOf(answer)}`,
      indented(answerText(recording, answer)),
    ]),
  ].join('\n');
}

function factsOf({ storedAt, elapsed, servedBy, tokens }: RecordedAnswer): string {
  return [
    `${dated(storedAt)} UTC`,
    `in ${(elapsed / 1000).toFixed(1)} s`,
    servedBy && `by ${servedBy}`,
    tokens && `${tokens.input} tokens in, ${tokens.output} out`,
  ]
    .filter(Boolean)
    .join(', ');
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}
