import type { Exchange, ExchangeRecorder } from '../../core/cassette/exchange.ts';
import { readHar } from '../../core/cassette/read-har.ts';
import type { Recording } from '../../core/cassette/recording.ts';
import { CommandError } from '../command.ts';
import { recordingsOf, textOf } from './cassette-files.ts';
import { named } from './wording.ts';

/** A request that was made once. */
export interface AskedCall {
  /** What it is called in messages. */
  readonly name: string;
  /** What was sent, or in words why nobody knows. */
  readonly asked: Pick<Exchange, 'url' | 'headers' | 'body'> | string;
  /** The key it had, where that is known. */
  readonly key?: string;
}

/**
 * The requests of a HAR file, or of a cassette.
 * @throws CommandError where it is neither, or damaged
 */
export async function askedCalls(path: string, takes: ExchangeRecorder['takes']): Promise<AskedCall[]> {
  const text = await textOf(path);
  if (/^\ufeff?refrain cassette /.test(text)) return (await recordingsOf(path)).flatMap(askedAgain);
  try {
    return readHar(text, takes).map(({ entry, url, asked }) => ({
      name: `entry ${entry}, ${url.origin}${url.pathname}`,
      asked,
    }));
  } catch (error) {
    throw new CommandError(`Cannot read requests from ${path}: ${(error as Error).message}`);
  }
}

/** How a body says its shape: a recording keeps what else counts. */
const delivery: Readonly<Record<string, object>> = {
  json: { stream: false },
  stream: { stream: true },
  'stream+usage': { stream: true, stream_options: { include_usage: true } },
  array: {},
};

/** A sequence was asked once for each of its answers. */
function askedAgain(recording: Recording): AskedCall[] {
  const { key, url, request, answers, format } = recording;
  const asked = (): AskedCall['asked'] => {
    const says = delivery[request?.shape ?? ''];
    if (request?.body === undefined || !says) return 'the cassette does not have what was sent';
    // Gemini says it in the URL.
    const body = { ...JSON.parse(request.body), ...(format === 'gemini' ? {} : says) };
    return {
      url: new URL(url),
      headers: new Headers([...request.headers] as [string, string][]),
      body: new TextEncoder().encode(JSON.stringify(body)),
    };
  };
  return answers.map(() => ({ name: named(recording), key, asked: asked() }));
}
