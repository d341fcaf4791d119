import { parseArgs } from 'node:util';
import type { Recording } from '../../core/cassette/recording.ts';
import { type Command, CommandError, filesNeeded } from '../command.ts';
import { answerText } from './answer-text.ts';
import { readRecordings } from './files.ts';

export const show: Command = {
  usage: 'cassette show <file> [part of a key, URL, model, tag or prompt] [--partial]',
  summary: 'Shows what was asked and answered, streams as the text they say.',
  async run(args) {
    const options = { partial: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [file = '', part = ''] = filesNeeded(positionals, 'show');
    const found = (await readRecordings(file, values.partial ?? false)).filter((one) => isMeant(one, part));
    if (found.length === 0)
      throw new CommandError(
        `Cannot show "${part}": nothing in ${file} has it, a part of a key, URL, model, tag or prompt is needed`,
      );
    console.log(found.map(inWords).join('\n\n'));
    return 0;
  },
};

function isMeant({ key, url, model, tag, request }: Recording, part: string): boolean {
  return key.startsWith(part) || [url, model, tag, request?.body].some((text) => text?.includes(part));
}

function inWords({ method, url, key, format, model, tag, request, answers }: Recording): string {
  const asked = request?.body ?? (request ? `(withheld: ${request.withheld})` : '(the request was not kept)');
  const facts = [key.slice(0, 12), format, model, tag].filter(Boolean).join(' · ');
  const given = answers.map((answer, index) => {
    const { storedAt, elapsed } = answer;
    const which = answers.length > 1 ? `answer ${index + 1} of ${answers.length}` : 'answer';
    return `${which}, ${new Date(storedAt).toISOString()}, took ${elapsed} ms\n${indented(answerText(format, answer))}`;
  });
  return [`${method} ${url}`, facts, 'request', indented(asked), ...given].join('\n');
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
