import { formats } from '../formats/index.ts';
import type { FormatName } from '../formats/paths.ts';
import { storableHeaders } from '../key/headers.ts';
import type { Entry } from '../store/entry.ts';
import type { RecordedAnswer, Recording } from './recording.ts';

/** The cassettes a worker can read, by their names: URLs, or what `importCassette` gave. */
export interface Cassettes {
  /** The recording of this key in the first of these cassettes that has it. Loads what is not there yet. Never rejects. */
  find(names: readonly string[], key: string): Promise<Recording | undefined>;
  /** All that is recorded in them. Never rejects. */
  all(names: readonly string[]): Promise<readonly Recording[]>;
  /** Is this answer whole? Proven once; one that is not is told. */
  isWhole(recording: Recording, answer: RecordedAnswer): boolean;
}

/** The answer to the n-th identical call, counted from 0, as an entry; `undefined` where it is not whole. */
export function recordedEntry(
  cassettes: Cassettes,
  recording: Recording,
  turn: number,
  key: string,
): Entry | undefined {
  const { format, url, model, modelVersion, tag, answers } = recording;
  const answer = answers[Math.min(turn, answers.length - 1)] as RecordedAnswer;
  if (!cassettes.isWhole(recording, answer)) return undefined;
  const { origin, pathname } = new URL(url);
  const { body, headers, storedAt, elapsed, statusText, servedBy, tokens, arrivals } = answer;
  return {
    meta: {
      ...{ storedAt, elapsed, statusText },
      ...(servedBy === undefined ? {} : { servedBy }),
      ...(tokens ? { tokens } : {}),
      ...(arrivals ? { arrivals } : {}),
      key,
      format,
      provider: formats[format as FormatName].provider,
      url: origin + pathname,
      partition: '',
      headers: storableHeaders(new Headers(headers as [string, string][])),
      ttl: null,
      bytes: body.byteLength,
      question: recording.key,
      ...(model === undefined ? {} : { model }),
      ...(modelVersion === undefined ? {} : { modelVersion }),
      ...(tag === undefined ? {} : { tag }),
    },
    body,
  };
}
