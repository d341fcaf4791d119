import { expect, test } from 'vitest';
import { cohere } from './cohere.ts';
import { type Answer, dataEvents, judge, namedEvents, sse, wholeStreams, wordOf } from './sample-answers.ts';

const url = 'https://api.cohere.com/v2/chat';
const delta = { type: 'content-delta', delta: { message: { content: { text: 'Teal' } } } };
const end = (finish_reason?: string, more = {}) => ({ type: 'message-end', delta: { finish_reason, ...more } });

function stream(...events: { type: string }[]): Answer {
  return { format: 'cohere', url, contentType: sse, text: namedEvents(...events) };
}

function answer(body: object): Answer {
  return { format: 'cohere', url, contentType: 'application/json', text: JSON.stringify(body) };
}

test.each<[string, string, Answer]>([
  ['complete', 'message-end', stream(delta, end('COMPLETE'))],
  [
    'complete',
    'message-end, then [DONE]',
    { ...stream(), text: namedEvents(delta, end('COMPLETE')) + dataEvents('[DONE]') },
  ],
  ...['STOP_SEQUENCE', 'MAX_TOKENS', 'TOOL_CALL'].map((reason): [string, string, Answer] => [
    'complete',
    reason,
    stream(delta, end(reason)),
  ]),
  ['truncated', 'no message-end', stream(delta)],
  ['truncated', 'message-end without a reason', stream(delta, end())],
  ['truncated', '[DONE] alone', { ...stream(), text: dataEvents('[DONE]') }],
  ...['ERROR', 'ERROR_TOXIC', 'ERROR_LIMIT', 'TIMEOUT', 'USER_CANCEL'].map((reason): [string, string, Answer] => [
    'error',
    reason,
    stream(delta, end(reason)),
  ]),
  ['error', 'message-end with an error', stream(delta, end('COMPLETE', { error: 'x' }))],
])('cohere finds a stream %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test.each<[string, string, Answer]>([
  ['complete', 'finished', answer({ finish_reason: 'COMPLETE', message: {} })],
  ['truncated', 'unfinished', answer({ message: {} })],
  ['error', 'ERROR', answer({ finish_reason: 'ERROR' })],
  ['truncated', 'cut', { ...answer({}), text: '{"finish_reason":"COMPLETE"' }],
])('cohere finds a JSON answer %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test('cohere reads the finish and the tokens, and finds no model in its answers', () => {
  const { verdict, evidence } = judge(wholeStreams.cohere as Answer);
  expect(verdict).toEqual({ complete: true, finish: 'COMPLETE' });
  expect(evidence).toMatchObject({ model: undefined, tokens: { input: 5, output: 2 } });
});

test('cohere reads model and stream of a request, and no request without messages', () => {
  const messages = [{ role: 'user', content: 'Hi' }];
  expect(cohere.describe(new URL(url), { model: 'm', messages, stream: true })).toEqual({ model: 'm', stream: true });
  expect(cohere.describe(new URL(url), { model: 'm', message: 'Hi' })).toBeUndefined();
});
