import { parseArgs } from 'node:util';
import { diffLines } from 'diff';
import { closest, differencesOf } from '../../core/cassette/closest.ts';
import type { RecordedAnswer, Recording } from '../../core/cassette/recording.ts';
import { type Command, CommandError } from '../command.ts';
import { answerText } from './answer-text.ts';
import { recordingsOf } from './cassette-files.ts';
import { counted, named } from './wording.ts';

export const difference: Command = {
  usage: 'cassette diff <file> <other file> [--partial]',
  summary: 'Tells what only one of two cassettes has, and what both have but not alike. Exit code 1 where they differ.',
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { partial: { type: 'boolean' } },
    });
    const [first, second] = positionals;
    if (first === undefined || second === undefined || positionals.length > 2)
      throw new CommandError(`Cannot compare ${counted(positionals.length, 'file')}: two are needed`);
    const [before, after] = [await recordingsOf(first, values.partial), await recordingsOf(second, values.partial)];
    const told = [
      ...onlyIn(first, before, after, second),
      ...onlyIn(second, after, before, first),
      ...before.flatMap((one) =>
        changes(
          one,
          after.find(({ key }) => key === one.key),
        ),
      ),
    ];
    console.log(told.join('\n\n') || `${first} and ${second} hold the same questions and answers`);
    return told.length > 0 ? 1 : 0;
  },
};

/** What is not in the other file, with what is closest to it there. */
function onlyIn(file: string, here: readonly Recording[], there: readonly Recording[], other: string): string[] {
  const keys = new Set(there.map(({ key }) => key));
  return here
    .filter(({ key }) => !keys.has(key))
    .map((recording) => {
      const { request } = recording;
      const near =
        request &&
        closest(
          request,
          there.flatMap((one) => withRequest(one, recording)),
        );
      const nearest = near
        ? [
            `  closest in ${other}: ${named(near.recorded)}`,
            ...near.differences.map(
              ({ at, recorded, asked }) => `    ${at}: ${asked ?? 'nothing'} here, ${recorded ?? 'nothing'} there`,
            ),
          ]
        : [];
      return [`only in ${file}: ${named(recording)}`, ...nearest].join('\n');
    });
}

/** A question to another place is not close to this one. */
function withRequest(recording: Recording, { format, url }: Recording) {
  const { request } = recording;
  return request && recording.format === format && recording.url === url ? [{ ...recording, request }] : [];
}

function changes(before: Recording, after: Recording | undefined): string[] {
  if (!after) return [];
  const asked = before.request && after.request ? differencesOf(before.request, after.request) : [];
  const count = Math.max(before.answers.length, after.answers.length);
  const answers = Array.from({ length: count }, (_, at) => changedAnswer(before, after, at)).filter(Boolean);
  if (asked.length + answers.length === 0) return [];
  return [
    [
      `differs: ${named(before)}`,
      ...asked.map(({ at, recorded, asked }) => `  ${at}: ${recorded ?? 'nothing'} → ${asked ?? 'nothing'}`),
      ...answers,
    ].join('\n'),
  ];
}

function changedAnswer(before: Recording, after: Recording, at: number): string {
  const [a, b] = [before.answers[at], after.answers[at]];
  if (a && b && isSame(a, b)) return '';
  const [old, young] = [a ? answerText(before, a) : '', b ? answerText(after, b) : ''];
  const lines =
    old === young
      ? ['    the same text, in other bytes']
      : diffLines(`${old}\n`, `${young}\n`).flatMap(({ added, removed, value }) =>
          value
            .trimEnd()
            .split('\n')
            .map((line) => `    ${added ? '+' : removed ? '-' : ' '} ${line}`),
        );
  return [`  answer ${at + 1}`, ...lines].join('\n');
}

function isSame({ body: a }: RecordedAnswer, { body: b }: RecordedAnswer): boolean {
  return Buffer.compare(a, b) === 0;
}
