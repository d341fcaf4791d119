import { bytesOf, wholeStreams } from '../formats/sample-answers.ts';
import type { RecordedAnswer, Recording } from './recording.ts';

/** Recordings written by hand, for the tests. */

const stream = wholeStreams['openai-chat'];

export function answerSaying(text: string, storedAt = 1_763_827_200_000): RecordedAnswer {
  return {
    storedAt,
    elapsed: 1840,
    statusText: 'OK',
    headers: [['content-type', 'text/event-stream; charset=utf-8']],
    servedBy: 'm-1',
    tokens: { input: 5, output: 2 },
    arrivals: [[120, 40]],
    body: bytesOf((stream?.text ?? '').replace('Té😀', text)),
  };
}

/** A question of which one hexadecimal digit repeated is the key. */
export function recordingOf(digit: string, others: Partial<Recording> = {}): Recording {
  const url = 'https://api.example/v1/chat/completions';
  return {
    key: digit.repeat(64),
    format: 'openai-chat',
    method: 'POST',
    url,
    model: 'm-1',
    request: {
      url: others.url ?? url,
      shape: 'stream',
      headers: [['content-type', 'application/json']],
      body: JSON.stringify({ model: 'm-1', messages: [{ role: 'user', content: `Question ${digit}` }] }, null, 2),
    },
    answers: [answerSaying('Teal')],
    ...others,
  };
}
