import type { RecordedAnswer, Recording } from './recording.ts';

/** An answer that says this. */
export function sampleAnswer(
  body: string | Uint8Array<ArrayBuffer>,
  more: Partial<RecordedAnswer> = {},
): RecordedAnswer {
  return {
    storedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    elapsed: 1203,
    statusText: 'OK',
    headers: [['content-type', 'text/event-stream; charset=utf-8']],
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    ...more,
  };
}

/** A recording whose key is this digit, 64 times. */
export function sampleRecording(digit: string, more: Partial<Recording> = {}): Recording {
  return {
    key: digit.repeat(64),
    format: 'openai-chat',
    method: 'POST',
    url: 'https://api.example/v1/chat/completions',
    model: 'm',
    answers: [sampleAnswer('data: 1\n\n')],
    ...more,
  };
}
