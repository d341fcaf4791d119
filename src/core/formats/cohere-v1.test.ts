import { expect, test } from 'vitest';
import { cohereV1 } from './cohere.ts';
import { type Answer, jsonLines, judge, wordOf } from './sample-answers.ts';

const url = 'https://api.cohere.com/v1/chat';
const text = { is_finished: false, event_type: 'text-generation', text: 'Teal' };
const response = { text: 'Teal', meta: { tokens: { input_tokens: 71, output_tokens: 4 } } };
const end = (finish_reason?: string) => ({ is_finished: true, event_type: 'stream-end', finish_reason, response });

function stream(...lines: object[]): Answer {
  return { format: 'cohere-v1', url, contentType: 'application/stream+json', text: jsonLines(...lines) };
}

function answer(body: object): Answer {
  return { format: 'cohere-v1', url, contentType: 'application/json', text: JSON.stringify(body) };
}

test.each<[string, string, Answer]>([
  ['complete', 'stream-end', stream(text, end('COMPLETE'))],
  ['complete', 'ended by its length', stream(text, end('MAX_TOKENS'))],
  ['truncated', 'no stream-end', stream(text)],
  ['truncated', 'stream-end without a reason', stream(text, end())],
  ['error', 'ERROR_TOXIC', stream(text, end('ERROR_TOXIC'))],
  ['error', 'ERROR_LIMIT', stream(text, end('ERROR_LIMIT'))],
  ['error', 'USER_CANCEL', stream(text, end('USER_CANCEL'))],
  ['error', 'an error', stream(text, { error: 'x' }, end('COMPLETE'))],
  ['complete', 'JSON', answer({ text: 'Teal', finish_reason: 'COMPLETE' })],
  ['truncated', 'JSON without a reason', answer({ text: 'Teal' })],
  ['error', 'JSON', answer({ text: 'Teal', finish_reason: 'ERROR' })],
])('cohereV1 finds an answer %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test('cohereV1 reads the finish and the tokens', () => {
  const { verdict, evidence } = judge(stream(text, end('COMPLETE')));
  expect(verdict).toEqual({ complete: true, finish: 'COMPLETE' });
  expect(evidence.tokens).toEqual({ input: 71, output: 4 });
});

test.each<[object, object | undefined]>([
  [
    { message: 'Hi', model: 'm' },
    { model: 'm', stream: false },
  ],
  [{ message: 'Hi', stream: true }, { stream: true }],
  [
    { message: 'Hi', conversation_id: 'c' },
    { stream: false, depends: 'stateful' },
  ],
  [
    { message: 'Hi', connectors: [{ id: 'web-search' }] },
    { stream: false, depends: 'live' },
  ],
  [{ message: 'Hi', connectors: [] }, { stream: false }],
  [{ message: 'Hi', documents: [{ text: 'a' }] }, { stream: false }],
  [{ messages: [] }, undefined],
])('cohereV1 takes %j as asking %j', (body, ask) => {
  expect(cohereV1.describe(new URL(url), body as never)).toEqual(ask);
});
