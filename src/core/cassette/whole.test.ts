import { expect, test } from 'vitest';
import { bytesOf, wholeStreams } from '../formats/sample-answers.ts';
import { answerSaying } from './sample-recordings.ts';
import { notWhole } from './whole.ts';

function reasonOf(format: string, url: string, contentType: string, text: string): string | undefined {
  return notWhole(
    { format, url },
    { ...answerSaying(''), headers: [['content-type', contentType]], body: bytesOf(text) },
  );
}

test.each(Object.entries(wholeStreams))(
  'A whole stream of %s may be served, one without its end may not',
  (_name, stream) => {
    const { format, url, contentType, text } = stream;
    expect(reasonOf(format, url, contentType, text)).toBeUndefined();
    const events = text.trimEnd().split(/\n\n|\n(?=\{)/);
    for (const length of [0, 1, events.length - 1]) {
      const cut = events
        .slice(0, length)
        .map((event) => `${event}\n\n`)
        .join('');
      expect(reasonOf(format, url, contentType, cut)).toMatch(/^the answer is not whole \(.+\)$/);
    }
    expect(reasonOf(format, url, contentType, text.trimEnd().slice(0, -2))).toMatch(/^the answer is not whole/);
  },
);

test.each([
  [
    'a JSON body cut short',
    'openai-chat',
    'application/json',
    '{"choices":[{"finish_reason":"stop"',
    /^the answer is not whole/,
  ],
  [
    'an error in a stream',
    'openai-chat',
    'text/event-stream',
    'data: {"error":{"message":"x"}}\n\ndata: [DONE]\n\n',
    /error/,
  ],
  [
    'a type nobody can prove',
    'openai-chat',
    'text/html',
    '<p>',
    /^an answer of the type "text\/html" cannot be proven whole$/,
  ],
  ['a format of another version', 'telepathy', 'application/json', '{}', /^the format "telepathy" is not known here$/],
  ["a format named like an object's member", 'toString', 'application/json', '{}', /is not known here$/],
])('%s may not be served', (_what, format, type, text, reason) => {
  expect(reasonOf(format, 'https://api.example/v1/chat/completions', type, text)).toMatch(reason);
});
