import { expect, test } from 'vitest';
import { generic } from './generic.ts';
import { type Answer, dataEvents, jsonLines, judge, namedEvents, sse, wholeStreams, wordOf } from './sample-answers.ts';

const url = 'https://app.example/api/ask';
const delta = { type: 'text-delta', delta: 'Teal' };
const choice = (index: number, finish_reason: string | null = null) => ({ choices: [{ index, finish_reason }] });

function stream(...events: (object | string)[]): Answer {
  return { format: 'generic', url, contentType: sse, text: dataEvents(...events) };
}

function answer(text: string): Answer {
  return { format: 'generic', url, contentType: 'application/json', text };
}

test.each(Object.entries(wholeStreams))(
  'generic finds a whole stream of another format complete: %s',
  (_name, given) => {
    expect(wordOf({ ...given, format: 'generic', url })).toBe('complete');
  },
);

test.each<[string, string, Answer]>([
  ...[
    ...['message_stop', 'response.completed', 'response.incomplete', 'message-end', 'transcript.text.done'],
    ...['image_generation.completed', 'finish'],
  ].map((type): [string, string, Answer] => ['complete', type, stream(delta, { type })]),
  ['complete', 'an event named by its event line', { ...stream(), text: 'event: message-end\ndata: {}\n\n' }],
  ['complete', '[DONE], where nothing is to be finished', stream(delta, '[DONE]')],
  [
    'complete',
    'NDJSON with a line that is done',
    { ...stream(), contentType: 'application/x-ndjson', text: jsonLines({ done: false }, { done: true }) },
  ],
  ['truncated', 'no terminator', stream(delta, delta)],
  ['truncated', 'no event at all', stream()],
  ['truncated', '[DONE] with a choice unfinished', stream(choice(0), '[DONE]')],
  ['truncated', 'one of two choices unfinished', stream(choice(0), choice(0, 'stop'), choice(1))],
  ['truncated', 'one of two choices unfinished, then [DONE]', stream(choice(0, 'stop'), choice(1), '[DONE]')],
  [
    'truncated',
    'NDJSON without a line that is done',
    { ...stream(), contentType: 'application/x-ndjson', text: jsonLines({ done: false }) },
  ],
  ['error', 'an error event', { ...stream(), text: namedEvents({ type: 'error' }, { type: 'finish' }) }],
  ['error', 'an error after the end', stream(delta, { type: 'finish' }, { error: 'x' })],
  ['error', 'a choice that ended in an error', stream(choice(0, 'error'), '[DONE]')],
  ['filtered', 'a choice that was filtered', stream(choice(0, 'content_filter'), '[DONE]')],
  ['filtered', 'a candidate that was filtered', stream({ candidates: [{ finishReason: 'SAFETY' }] })],
])('generic finds a stream %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test.each<[string, string]>([
  ['complete', '{"answer":42}'],
  ['complete', '{}'],
  ['complete', '[1,2]'],
  ['error', '{"error":"x","answer":42}'],
  ['error', '{"error":{"code":1}}'],
  ['complete', '{"error":null,"answer":42}'],
  ['truncated', '{"answer":42'],
  ['truncated', ''],
])('generic finds a JSON answer %s: %s', (word, text) => {
  expect(wordOf(answer(text))).toBe(word);
});

test('generic reads the model where an answer names it', () => {
  expect(judge(answer('{"model":"m-1"}')).evidence.model).toBe('m-1');
  expect(judge(stream({ model: 'm-1' }, '[DONE]')).evidence.model).toBe('m-1');
});

test('generic understands every object, with or without a model', () => {
  const at = new URL(url);
  expect(generic.describe(at, {})).toEqual({ stream: false });
  expect(generic.describe(at, { model: 'm', stream: true })).toEqual({ model: 'm', stream: true });
});
