import { expect, test } from 'vitest';
import { type Answer, dataEvents, judge, sse, wordOf } from './sample-answers.ts';
import { uiMessage } from './ui-message.ts';

const url = 'https://app.example/api/chat';
const start = { type: 'start', messageId: 'msg-1' };
const text = { type: 'text-delta', id: 't', delta: 'Teal' };
const finish = { type: 'finish' };

function stream(...events: (object | string)[]): Answer {
  return { format: 'ui-message', url, contentType: sse, text: dataEvents(...events) };
}

test.each<[string, string, Answer]>([
  ['complete', 'finish and [DONE]', stream(start, text, finish, '[DONE]')],
  ['complete', 'with a reason', stream(start, { ...finish, finishReason: 'tool-calls' }, '[DONE]')],
  ['complete', 'with steps and tools', stream(start, { type: 'tool-output-available' }, finish, '[DONE]')],
  ['complete', 'with data of the app’s', stream(start, { type: 'data-x', data: { error: 'x' } }, finish, '[DONE]')],
  ['truncated', 'no finish', stream(start, text, '[DONE]')],
  ['truncated', 'a step’s finish alone', stream(start, { type: 'finish-step' }, '[DONE]')],
  ['truncated', 'no [DONE]', stream(start, text, finish)],
  ['error', 'an error', stream(start, { type: 'error', errorText: 'x' }, finish, '[DONE]')],
  ['error', 'an abort', stream(start, { type: 'abort' }, finish, '[DONE]')],
  ['error', 'a tool that failed', stream(start, { type: 'tool-output-error', errorText: 'x' }, finish, '[DONE]')],
  ['error', 'its reason', stream(start, { ...finish, finishReason: 'error' }, '[DONE]')],
  ['filtered', 'its reason', stream(start, { ...finish, finishReason: 'content-filter' }, '[DONE]')],
  ['malformed', 'no reason the provider knows', stream(start, { ...finish, finishReason: 'other' }, '[DONE]')],
])('uiMessage finds a stream %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test('uiMessage tells the finish', () => {
  expect(judge(stream({ ...finish, finishReason: 'stop' }, '[DONE]')).verdict).toEqual({
    complete: true,
    finish: 'stop',
  });
});

const messages = [{ id: 'a', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }];

test.each<[object, object | undefined]>([
  [{ id: 'c', messages, trigger: 'submit-message' }, { stream: true }],
  [
    { messages, model: 'm' },
    { model: 'm', stream: true },
  ],
  [
    { messages, trigger: 'regenerate-message', messageId: 'a' },
    { stream: true, reload: true },
  ],
  [{ messages: [] }, undefined],
  [{ messages: [{ role: 'user', content: 'Hi' }] }, undefined],
  [{ messages: [...messages, { role: 'user' }] }, undefined],
  [{ prompt: 'Hi' }, undefined],
  [{}, undefined],
])('uiMessage takes %j as asking %j', (body, ask) => {
  expect(uiMessage.describe(new URL(url), body as never)).toEqual(ask);
});
