import { parseArgs } from 'node:util';
import type { Recording } from '../../core/cassette/recording.ts';
import { type Command, filesNeeded } from '../command.ts';
import { table, terminalWidth } from '../table.ts';
import { readRecordings } from './files.ts';

export const ls: Command = {
  usage: 'cassette ls <file…> [--json] [--partial]',
  summary: 'Lists what is recorded: one line a question.',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, partial: { type: 'boolean' } },
    });
    const listed: Listed[] = [];
    for (const file of filesNeeded(positionals, 'ls'))
      for (const recording of await readRecordings(file, values.partial ?? false)) listed.push(listedOf(recording));
    console.log(values.json ? JSON.stringify(listed, null, 2) : inWords(listed));
    return 0;
  },
};

interface Listed {
  readonly key: string;
  readonly model: string;
  readonly url: string;
  readonly answers: number;
  readonly bytes: number;
  readonly recorded: string;
  readonly tag: string;
}

function listedOf({ key, model = '', url, answers, tag = '' }: Recording): Listed {
  const bytes = answers.reduce((sum, { body }) => sum + body.byteLength, 0);
  const recorded = new Date(Math.max(...answers.map(({ storedAt }) => storedAt))).toISOString();
  return { key, model, url, answers: answers.length, bytes, recorded, tag };
}

function inWords(listed: readonly Listed[]): string {
  const rows = listed.map(({ key, model, url, answers, bytes, recorded, tag }) => [
    key.slice(0, 12),
    model,
    url.replace(/^https?:\/\//, ''),
    String(answers),
    String(bytes),
    recorded.slice(0, 10),
    tag,
  ]);
  const all = `${listed.length} ${listed.length === 1 ? 'question' : 'questions'}`;
  return `${table([['key', 'model', 'url', 'answers', 'bytes', 'recorded', 'tag'], ...rows], terminalWidth())}\n\n${all}`;
}
