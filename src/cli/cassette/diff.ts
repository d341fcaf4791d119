import { parseArgs } from 'node:util';
import { differencesOf, differenceText } from '../../core/cassette/closest.ts';
import type { Recording } from '../../core/cassette/recording.ts';
import { type Command, CommandError } from '../command.ts';
import { answerText } from './answer-text.ts';
import { readRecordings } from './files.ts';

export const diff: Command = {
  usage: 'cassette diff <file> <file> [--partial]',
  summary: 'Tells what only one of two cassettes has, and which answers differ. Exit code 1 where they do.',
  async run(args) {
    const options = { partial: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [a, b, ...others] = positionals;
    if (!a || !b || others.length > 0)
      throw new CommandError(`Cannot compare: ${positionals.length} files are named, two are needed`);
    const partial = values.partial ?? false;
    const lines = compared(await readRecordings(a, partial), await readRecordings(b, partial), a, b);
    console.log(lines.join('\n') || 'No difference');
    return lines.length > 0 ? 1 : 0;
  },
};

function compared(first: readonly Recording[], second: readonly Recording[], a: string, b: string): string[] {
  const [inFirst, inSecond] = [byKey(first), byKey(second)];
  const onlyFirst = first.filter(({ key }) => !inSecond.has(key));
  const onlySecond = second.filter(({ key }) => !inFirst.has(key));
  return [
    ...onlyFirst.map((one) => `only in ${a}: ${nameOf(one)}`),
    ...onlySecond.flatMap((one) => [`only in ${b}: ${nameOf(one)}`, ...likeliest(one, onlyFirst)]),
    ...first.flatMap((one) => answersDiffer(one, inSecond.get(one.key), a, b)),
  ];
}

/** What was asked in the other cassette in its place: of the same URL and model the one that differs least. */
function likeliest({ request, url, model }: Recording, others: readonly Recording[]): string[] {
  if (!request) return [];
  const [nearest] = others
    .filter((other) => other.url === url && other.model === model && other.request)
    .map((other) => differencesOf(other.request as NonNullable<typeof other.request>, request))
    .sort((one, two) => one.length - two.length);
  return (nearest ?? []).map((difference) => `    ${differenceText(difference)}`);
}

function answersDiffer(one: Recording, other: Recording | undefined, a: string, b: string): string[] {
  if (!other) return [];
  const [was, is] = [one, other].map(({ format, answers }) => answers.map((answer) => answerText(format, answer)));
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  return [`answered differently: ${nameOf(one)}`, ...lined(`${a}: `, was ?? []), ...lined(`${b}: `, is ?? [])];
}

function lined(name: string, texts: readonly string[]): string[] {
  return texts.map((text) => `    ${name}${text.replaceAll('\n', '\n      ')}`);
}

function nameOf({ key, method, url, model = '' }: Recording): string {
  return `${key.slice(0, 12)} ${method} ${url} ${model}`.trimEnd();
}

function byKey(recordings: readonly Recording[]): ReadonlyMap<string, Recording> {
  return new Map(recordings.map((recording) => [recording.key, recording]));
}
