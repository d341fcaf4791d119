import { parseArgs } from 'node:util';
import type { Recording } from '../../core/cassette/recording.ts';
import { parseTtl } from '../../core/settings/units.ts';
import { type Command, CommandError, filesNeeded } from '../command.ts';
import { readRecordings, readText, writeRecordings } from './files.ts';

const options = {
  keys: { type: 'string' },
  'older-than': { type: 'string' },
  model: { type: 'string' },
  url: { type: 'string' },
  tag: { type: 'string' },
  'dry-run': { type: 'boolean' },
  partial: { type: 'boolean' },
} as const;

export const prune: Command = {
  usage: 'cassette prune <file> [--keys <file>] [--older-than 30d] [--model m] [--url u] [--tag t] [--dry-run]',
  summary: 'Removes what is named: all but the keys listed in a file, what is older, what is of a model, URL or tag.',
  async run(args) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [file = ''] = filesNeeded(positionals, 'prune');
    const goes = await test(values);
    const recordings = await readRecordings(file, values.partial ?? false);
    const gone = recordings.filter(goes);
    for (const { key, url, model = '' } of gone) console.log(`${key.slice(0, 12)} ${url} ${model}`.trimEnd());
    if (!values['dry-run'] && gone.length > 0)
      await writeRecordings(
        file,
        recordings.filter((one) => !goes(one)),
      );
    const verb = values['dry-run'] ? 'would go' : 'are gone';
    console.log(`${gone.length} of ${recordings.length} questions ${verb}`);
    return 0;
  },
};

type Values = { readonly [K in keyof typeof options]?: string | boolean };

/** All that is named must hold. */
async function test(values: Values): Promise<(recording: Recording) => boolean> {
  const { keys, 'older-than': olderThan, model, url, tag } = values as Record<string, string | undefined>;
  if ([keys, olderThan, model, url, tag].every((value) => value === undefined))
    throw new CommandError(
      'Cannot prune: nothing says what goes, --keys, --older-than, --model, --url or --tag is needed',
    );
  const kept = keys === undefined ? undefined : new Set((await readText(keys)).split(/\s+/).filter(Boolean));
  const before = olderThan === undefined ? undefined : Date.now() - secondsOf(olderThan) * 1000;
  return (recording) =>
    (kept === undefined || !kept.has(recording.key)) &&
    (before === undefined || recording.answers.every(({ storedAt }) => storedAt < before)) &&
    (model === undefined || recording.model === model) &&
    (url === undefined || recording.url.startsWith(url)) &&
    (tag === undefined || recording.tag === tag);
}

function secondsOf(duration: string): number {
  const seconds = parseTtl(duration);
  if (typeof seconds !== 'number')
    throw new CommandError(`Cannot prune by --older-than "${duration}": a duration such as 30d or 12h is needed`);
  return seconds;
}
