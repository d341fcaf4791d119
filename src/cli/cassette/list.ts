import { parseArgs } from 'node:util';
import type { Recording } from '../../core/cassette/recording.ts';
import { type Command, CommandError } from '../command.ts';
import { table } from '../table.ts';
import { recordingsOf } from './cassette-files.ts';
import { counted, dated, newestOf, placeOf, shortKey, sized } from './wording.ts';

export const list: Command = {
  usage: 'cassette ls <file…> [--json] [--partial]',
  summary: 'Lists what is recorded, a row a question.',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, partial: { type: 'boolean' } },
    });
    if (positionals.length === 0) throw new CommandError('Cannot list a cassette: no file is named, one is needed');
    const files: [path: string, recordings: readonly Recording[]][] = [];
    for (const path of positionals) files.push([path, await recordingsOf(path, values.partial)]);
    console.log(values.json ? jsonOf(files) : files.map(([path, all]) => textOf(path, all)).join('\n\n'));
    return 0;
  },
};

function textOf(path: string, recordings: readonly Recording[]): string {
  const answers = recordings.reduce((sum, one) => sum + one.answers.length, 0);
  const head = `${path}: ${counted(recordings.length, 'question')}, ${counted(answers, 'answer')}`;
  if (recordings.length === 0) return head;
  const rows = recordings.map((one) => [
    shortKey(one),
    placeOf(one),
    one.model ?? '',
    String(one.answers.length),
    sized(bytesOf(one)),
    dated(newestOf(one)),
    one.tag ?? '',
  ]);
  return `${head}\n\n${table(['key', 'URL', 'model', 'answers', 'bytes', 'recorded', 'tag'], rows)}`;
}

function jsonOf(files: readonly [string, readonly Recording[]][]): string {
  const rows = files.flatMap(([file, recordings]) =>
    recordings.map((one) => ({
      file,
      ...{ key: one.key, format: one.format, url: one.url, model: one.model, tag: one.tag },
      answers: one.answers.length,
      bytes: bytesOf(one),
      recorded: new Date(newestOf(one)).toISOString(),
    })),
  );
  return JSON.stringify(rows, null, 2);
}

function bytesOf({ answers }: Recording): number {
  return answers.reduce((sum, { body }) => sum + body.byteLength, 0);
}
