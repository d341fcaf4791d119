import { parseArgs } from 'node:util';
import type { Recording } from '../../core/cassette/recording.ts';
import { type Command, CommandError, filesNeeded, outNeeded } from '../command.ts';
import { answeredByAimock, isAimock } from './aimock.ts';
import { readText, writeRecordings } from './files.ts';
import { type Exchange, exchangesIn, isHar } from './har.ts';
import { matchOf, recordingOf } from './recorded-exchange.ts';

const options = {
  out: { type: 'string', short: 'o' },
  endpoints: { type: 'string', multiple: true },
  requests: { type: 'string' },
} as const;

export const importFile: Command = {
  usage: 'cassette import <file.har | fixtures.json> -o <file> [--endpoints <start of a URL>] [--requests <file.har>]',
  summary: 'Makes a cassette of a HAR file, or of what aimock answers the requests in one.',
  async run(args) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const out = outNeeded(values.out, 'import');
    const [file = ''] = filesNeeded(positionals, 'import');
    const exchanges = await exchangesOf(file, values.requests);
    const { recordings, told, taken } = await recorded(exchanges, values.endpoints ?? []);
    for (const line of told) console.error(line);
    await writeRecordings(out, recordings);
    console.log(`${recordings.length} questions with ${taken} answers in ${out}; ${told.length} calls were left out`);
    return 0;
  },
};

/** @throws CommandError for a file that is neither, and for fixtures without requests */
async function exchangesOf(file: string, requests: string | undefined): Promise<Exchange[]> {
  const json = parsed(await readText(file), file);
  if (isHar(json)) return exchangesIn(json, file);
  if (!isAimock(json))
    throw new CommandError(`Cannot import ${file}: it is neither HAR nor fixtures of aimock, one of them is needed`);
  if (!requests)
    throw new CommandError(
      `Cannot import ${file}: fixtures hold conditions and no requests, --requests with a HAR file of your app's calls is needed`,
    );
  const asked = parsed(await readText(requests), requests);
  if (!isHar(asked))
    throw new CommandError(`Cannot read the requests in ${requests}: it is no HAR file, one is needed`);
  return answeredByAimock(
    file,
    exchangesIn(asked, requests).filter(({ method }) => method === 'POST'),
  );
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`Cannot import ${file}: it is no JSON, a HAR file or fixtures of aimock are needed`);
  }
}

/** Identical calls become the answers of one question, in their order. */
async function recorded(exchanges: readonly Exchange[], endpoints: readonly string[]) {
  const byKey = new Map<string, Recording>();
  const told: string[] = [];
  let taken = 0;
  for (const exchange of exchanges) {
    const match = matchOf(exchange, endpoints);
    if (!match) continue;
    const recording = await recordingOf(exchange, match);
    if (typeof recording === 'string') {
      told.push(`Left out ${exchange.method} ${exchange.url.split('?')[0]}: ${recording}`);
      continue;
    }
    taken++;
    const present = byKey.get(recording.key);
    byKey.set(recording.key, present ? { ...present, answers: [...present.answers, ...recording.answers] } : recording);
  }
  return { recordings: [...byKey.values()], told, taken };
}
