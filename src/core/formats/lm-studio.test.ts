import { expect, test } from 'vitest';
import { lmStudio } from './lm-studio.ts';
import { type Answer, judge, namedEvents, sse, wordOf } from './sample-answers.ts';

const url = 'http://localhost:1234/api/v1/chat';
const text = { type: 'message.delta', content: 'Teal' };
const error = { type: 'error', error: { message: 'x' } };
const result = { model_instance_id: 'm-1', output: [], stats: { input_tokens: 5, total_output_tokens: 2 } };
const end = { type: 'chat.end', result };

function stream(...events: { type: string }[]): Answer {
  return { format: 'lm-studio', url, contentType: sse, text: namedEvents({ type: 'chat.start' }, ...events) };
}

function answer(body: object): Answer {
  return { format: 'lm-studio', url, contentType: 'application/json', text: JSON.stringify(body) };
}

test.each<[string, string, Answer]>([
  ['complete', 'chat.end', stream(text, end)],
  ['truncated', 'no chat.end', stream(text)],
  ['error', 'an error, then chat.end', stream(text, error, end)],
  ['error', 'an error after chat.end', stream(text, end, error)],
  ['complete', 'JSON', answer(result)],
  ['truncated', 'JSON without output', answer({})],
  ['error', 'JSON', answer({ error: { message: 'x' } })],
])('lmStudio finds an answer %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test('lmStudio reads model and tokens', () => {
  for (const given of [stream(end), answer(result)])
    expect(judge(given).evidence).toMatchObject({ model: 'm-1', tokens: { input: 5, output: 2 } });
});

const question = { model: 'm', input: 'Hi', store: false };

test.each<[object, object | undefined]>([
  [question, { model: 'm', stream: false }],
  [
    { ...question, stream: true },
    { model: 'm', stream: true },
  ],
  [{ model: 'm', input: 'Hi' }, { depends: 'stateful' }],
  [{ ...question, store: true }, { depends: 'stateful' }],
  [{ ...question, previous_response_id: 'r' }, { depends: 'stateful' }],
  [{ ...question, integrations: ['mcp/playwright'] }, { depends: 'live' }],
])('lmStudio takes %j as asking %j', (body, ask) => {
  expect(lmStudio.describe(new URL(url), body as never)).toMatchObject(ask as object);
});

test('lmStudio takes what an app’s own /api/v1/chat asks for none of its own', () => {
  expect(lmStudio.describe(new URL(url), { message: 'Hi' })).toBeUndefined();
});
