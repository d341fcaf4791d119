import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ExchangeRecorder, type Recorded, sequences } from '../../core/cassette/exchange.ts';
import { mergeCassettes } from '../../core/cassette/merge-cassettes.ts';
import { readHar, recordHarCall } from '../../core/cassette/read-har.ts';
import { createMatcher } from '../../core/formats/endpoints.ts';
import { type Command, CommandError } from '../command.ts';
import { withAimock } from './aimock.ts';
import { type AskedCall, askedCalls } from './asked-calls.ts';
import { recordingsOf, textOf, writeCassetteFile } from './cassette-files.ts';
import { counted } from './wording.ts';

const options = {
  out: { type: 'string', short: 'o' },
  requests: { type: 'string' },
  endpoints: { type: 'string', multiple: true },
  ignore: { type: 'string', multiple: true },
} as const;

/** One call that was looked at: its recording, or in words why there is none. */
type Taken = readonly [name: string, recorded: Recorded | string];

export const importing: Command = {
  usage:
    'cassette import <file.har | fixtures.json --requests <file>> -o <out> [--endpoints <pattern>]… [--ignore <pointer>]…',
  summary:
    'Makes recordings of the whole answers in a HAR file, or of what aimock answers with these fixtures to the requests of a HAR file or cassette. Adds to a cassette that is there.',
  async run(args) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const [path] = positionals;
    if (path === undefined || positionals.length > 1)
      throw new CommandError(`Cannot import ${counted(positionals.length, 'file')}: one is needed`);
    const { out, requests, endpoints = [], ignore = [] } = values;
    if (out === undefined)
      throw new CommandError(`Cannot import ${path}: nothing says where to, -o with a file is needed`);
    const recorder = await recorderFor(endpoints, ignore);
    const text = await textOf(path);
    const taken = isFixtures(text) ? await takeFixtures(path, requests, recorder) : await takeHar(path, text, recorder);
    return write(path, out, taken);
  },
};

/** Node has URLPattern since version 23.8. */
async function recorderFor(endpoints: readonly string[], ignore: readonly string[]): Promise<ExchangeRecorder> {
  if (!('URLPattern' in globalThis)) await import('urlpattern-polyfill');
  const named = endpoints.map((pattern) => ({ pattern: readable(pattern), base: 'https://localhost/' }));
  return new ExchangeRecorder(createMatcher(named, []), ignore);
}

/** A path counts on every host: which one a page was on, a file does not say. */
function readable(pattern: string): string {
  const whole = pattern.startsWith('/') ? `http{s}?://*:*${pattern}` : pattern;
  try {
    return new URLPattern(whole) && whole;
  } catch {
    throw new CommandError(
      `Cannot read --endpoints "${pattern}": it is no URLPattern, such as "/api/*" or "https://api.example/*" is needed`,
    );
  }
}

function isFixtures(text: string): boolean {
  try {
    const json = JSON.parse(text);
    return Array.isArray(json?.fixtures) && !json.log;
  } catch {
    return false;
  }
}

async function takeHar(path: string, text: string, recorder: ExchangeRecorder): Promise<Taken[]> {
  try {
    const taken: Taken[] = [];
    for (const call of readHar(text, (method, url) => recorder.takes(method, url)))
      taken.push([`entry ${call.entry}, ${call.url.origin}${call.url.pathname}`, await recordHarCall(recorder, call)]);
    return taken;
  } catch (error) {
    throw new CommandError(`Cannot import ${path}: ${(error as Error).message}`);
  }
}

async function takeFixtures(path: string, requests: string | undefined, recorder: ExchangeRecorder): Promise<Taken[]> {
  if (requests === undefined)
    throw new CommandError(
      `Cannot import ${path}: aimock fixtures do not say what was asked, --requests with a HAR file or a cassette is needed (or a recording made against aimock, see docs/cassette.md)`,
    );
  const calls = await askedCalls(requests, (method, url) => recorder.takes(method, url));
  return withAimock(path, async (ask) => {
    const taken: Taken[] = [];
    for (const call of calls) taken.push([call.name, await answered(call, ask, recorder)]);
    return taken;
  });
}

async function answered(
  { asked, key }: AskedCall,
  ask: Parameters<Parameters<typeof withAimock>[1]>[0],
  recorder: ExchangeRecorder,
): Promise<Recorded | string> {
  if (typeof asked === 'string') return asked;
  try {
    const recorded = await recorder.record({ ...asked, answer: await ask(asked) });
    const isOther = typeof recorded !== 'string' && key !== undefined && recorded.key !== key;
    return isOther ? 'the cassette does not have all of what was sent' : recorded;
  } catch (error) {
    return (error as Error).message;
  }
}

async function write(path: string, out: string, taken: readonly Taken[]): Promise<number> {
  const recorded: Recorded[] = [];
  for (const [name, one] of taken)
    if (typeof one === 'string') console.error(`Left out ${name}: ${one}`);
    else recorded.push(one);
  if (recorded.length === 0)
    throw new CommandError(
      `Cannot import ${path}: none of its ${counted(taken.length, 'LLM call')} can be kept, a whole answer is needed`,
    );
  const recordings = sequences(recorded);
  await writeCassetteFile(out, mergeCassettes(await present(out), recordings));
  console.log(
    `${out}: ${counted(recordings.length, 'question')} from ${recorded.length} of ${counted(taken.length, 'call')} in ${path}`,
  );
  return 0;
}

async function present(out: string): ReturnType<typeof recordingsOf> {
  return existsSync(out) ? recordingsOf(out) : [];
}
