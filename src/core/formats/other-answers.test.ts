import { expect, test } from 'vitest';
import { follow } from './follow.ts';
import type { Format } from './format.ts';
import { formats } from './index.ts';
import { openaiPlain } from './openai-plain.ts';
import { type Answer, bytesOf, dataEvents, namedEvents, sse, wordOf } from './sample-answers.ts';

const vertex = 'https://aiplatform.googleapis.com/v1/projects/p/publishers/google/models/m:predict';
const json = (format: Answer['format'], body: object): Answer => ({
  format,
  url: vertex,
  contentType: 'application/json',
  text: JSON.stringify(body),
});
const events = (format: Answer['format'], ...data: object[]): Answer => ({
  format,
  url: 'https://api.example/v1/images/generations',
  contentType: sse,
  text: dataEvents(...data),
});

test.each<[string, string, Answer]>([
  ['complete', 'embeddings by :predict', json('gemini', { predictions: [{ embeddings: { values: [1] } }] })],
  ['malformed', 'another prediction', json('gemini', { predictions: [{ bytesBase64Encoded: 'x' }] })],
  ['malformed', 'no prediction', json('gemini', { predictions: [] })],
  ['complete', 'a streamed image', events('openai-plain', { type: 'image_generation.completed', b64_json: 'x' })],
  ['complete', 'a streamed edit', events('openai-plain', { type: 'image_edit.completed', b64_json: 'x' })],
  ['truncated', 'a partial image', events('openai-plain', { type: 'image_generation.partial_image' })],
  ['complete', 'streamed speech', events('openai-plain', { type: 'speech.audio.done' })],
  ['truncated', 'a part of streamed speech', events('openai-plain', { type: 'speech.audio.delta' })],
  ['complete', 'a ranking', json('openai-plain', { results: [{ index: 0, relevance_score: 1 }] })],
  ['complete', 'llama.cpp’s own stream', events('generic', { content: 'a', stop: false }, { content: '', stop: true })],
  ['truncated', 'llama.cpp’s own stream, cut', events('generic', { content: 'a', stop: false })],
  ['complete', 'Hugging Face’s own stream', events('generic', { token: {} }, { token: {}, generated_text: 'a' })],
  ['truncated', 'Hugging Face’s own stream, cut', events('generic', { token: {}, generated_text: null })],
  ['complete', 'Mistral’s transcription', events('generic', { type: 'transcription.done', text: 'a' })],
  [
    'filtered',
    'a refusal on an own endpoint',
    events('generic', { type: 'message_delta', delta: { stop_reason: 'refusal' } }, { type: 'message_stop' }),
  ],
  ['error', 'an abort on an own endpoint', events('generic', { type: 'abort' }, { type: 'finish' })],
  [
    'error',
    'a failed response on an own endpoint',
    events('generic', { type: 'response.failed' }, { type: 'response.completed' }),
  ],
])('follow finds an answer %s: %s', (word, _what, answer) => {
  expect(wordOf(answer)).toBe(word);
});

test('openaiPlain does not take a stream of several images: nothing in it tells the last', () => {
  const at = new URL('https://api.openai.com/v1/images/generations');
  const image = { model: 'm', prompt: 'a cat', stream: true };
  expect(openaiPlain.describe(at, { ...image, n: 1 })).toBeDefined();
  expect(openaiPlain.describe(at, { ...image, n: 2 })).toBeUndefined();
  expect(openaiPlain.describe(at, { ...image, n: 2, stream: false })).toBeDefined();
});

test('anthropic reads Claude on Vertex', () => {
  const text = namedEvents(
    { type: 'message_start', message: { model: 'claude-1' } } as never,
    { type: 'message_delta', delta: { stop_reason: 'end_turn' } } as never,
    { type: 'message_stop' },
  );
  expect(wordOf({ format: 'anthropic', url: vertex, contentType: sse, text })).toBe('complete');
});

const broken: Format = {
  ...formats.generic,
  onEvent() {
    throw new Error('oops');
  },
  onBody() {
    throw new Error('oops');
  },
};

test.each([
  [sse, dataEvents({}, '[DONE]')],
  ['application/x-ndjson', '{}\n'],
  ['application/json', '{}'],
])('follow says that a format failed, and never throws: %s', (contentType, text) => {
  const follower = follow(broken, new URL(vertex), contentType, null);
  follower?.push(bytesOf(text));
  expect(follower?.soFar().complete).toBe(false);
  expect(follower?.end(() => bytesOf(text))).toEqual({ complete: false, reason: 'failed', detail: 'Error: oops' });
});
