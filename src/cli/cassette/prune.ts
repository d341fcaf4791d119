import { parseArgs } from 'node:util';
import type { Recording } from '../../core/cassette/recording.ts';
import { parseTtl } from '../../core/settings/units.ts';
import { type Command, CommandError } from '../command.ts';
import { recordingsOf, textOf, writeCassetteFile } from './cassette-files.ts';
import { counted, named, newestOf } from './wording.ts';

const options = {
  keys: { type: 'string' },
  'older-than': { type: 'string' },
  model: { type: 'string' },
  tag: { type: 'string' },
  url: { type: 'string' },
  'dry-run': { type: 'boolean' },
  partial: { type: 'boolean' },
} as const;

type Filter = (recording: Recording) => boolean;

export const prune: Command = {
  usage: 'cassette prune <file> [--keys <file>] [--older-than 30d] [--model m] [--tag t] [--url part] [--dry-run]',
  summary: 'Takes recordings out: those that all the options given fit. --keys names a file with the keys to stay.',
  async run(args) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [path] = positionals;
    if (path === undefined || positionals.length > 1)
      throw new CommandError(`Cannot prune ${counted(positionals.length, 'file')}: one is needed`);
    const filters = await filtersOf(values);
    if (filters.length === 0)
      throw new CommandError(
        `Cannot prune ${path}: nothing says what is to go, --keys, --older-than, --model, --tag or --url is needed`,
      );
    const all = await recordingsOf(path, values.partial);
    const gone = new Set(all.filter((recording) => filters.every((fits) => fits(recording))));
    const left = all.filter((recording) => !gone.has(recording));
    for (const recording of gone) console.log(`${values['dry-run'] ? 'would go' : 'gone'}: ${named(recording)}`);
    console.log(
      `${path}: ${counted(left.length, 'question')} ${values['dry-run'] ? 'would stay' : 'left'} of ${all.length}`,
    );
    if (!values['dry-run'] && (gone.size > 0 || values.partial)) await writeCassetteFile(path, left);
    return 0;
  },
};

async function filtersOf(values: { readonly [K in keyof typeof options]?: string | boolean }): Promise<Filter[]> {
  const { keys, model, tag, url, 'older-than': age } = values as Record<string, string | undefined>;
  const filters: Filter[] = [];
  if (keys !== undefined) {
    const stay = await keysIn(keys);
    filters.push(({ key }) => !stay.has(key));
  }
  if (age !== undefined) {
    const since = Date.now() - secondsOf(age) * 1000;
    filters.push((recording) => newestOf(recording) < since);
  }
  if (model !== undefined) filters.push((recording) => recording.model === model);
  if (tag !== undefined) filters.push((recording) => recording.tag === tag);
  if (url !== undefined) filters.push((recording) => recording.url.includes(url));
  return filters;
}

/** A file of other content would empty the cassette. */
async function keysIn(path: string): Promise<ReadonlySet<string>> {
  const lines = (await textOf(path)).split(/\r?\n/).filter((line) => line !== '');
  const odd = lines.findIndex((line) => !/^[0-9a-f]{64}$/.test(line));
  if (odd >= 0)
    throw new CommandError(
      `Cannot read keys from ${path}: line ${odd + 1} is "${lines[odd]?.slice(0, 40)}", 64 hexadecimal digits are needed`,
    );
  return new Set(lines);
}

function secondsOf(age: string): number {
  const seconds = parseTtl(age);
  if (typeof seconds === 'number') return seconds;
  throw new CommandError(`Cannot read --older-than "${age}": a number with a unit such as 30d, 12h or 5m is needed`);
}
