import { expect, test } from 'vitest';
import { openaiPlain } from './openai-plain.ts';
import { type Answer, dataEvents, judge, sse, wordOf } from './sample-answers.ts';

const url = 'https://api.example/v1/embeddings';

function stream(...events: object[]): Answer {
  return { format: 'openai-plain', url, contentType: sse, text: dataEvents(...events) };
}

const transcriptions = 'https://api.example/v1/audio/transcriptions';

function transcribed(...events: (object | string)[]): Answer {
  return { format: 'openai-plain', url: transcriptions, contentType: sse, text: dataEvents(...events) };
}

function answer(body: object): Answer {
  return { format: 'openai-plain', url, contentType: 'application/json', text: JSON.stringify(body) };
}

test.each<[string, string, Answer]>([
  ['complete', 'embeddings', answer({ object: 'list', data: [{ embedding: [0.1] }], model: 'm-1' })],
  ['complete', 'a moderation', answer({ id: 'modr', results: [{ flagged: false }] })],
  ['complete', 'an image in the answer', answer({ data: [{ b64_json: 'iVBO' }] })],
  ['complete', 'a transcription', answer({ text: 'Teal' })],
  ['complete', 'a streamed transcription', transcribed({ type: 'transcript.text.done', text: 'Teal' }, '[DONE]')],
  ['complete', 'a transcription at its path', { ...answer({ text: 'Teal' }), url: transcriptions }],
  ['truncated', 'a streamed transcription without [DONE]', transcribed({ type: 'transcript.text.done', text: 'Teal' })],
  ['truncated', 'a streamed transcription with [DONE] alone', transcribed({ type: 'transcript.text.delta' }, '[DONE]')],
  ['complete', 'a streamed image', stream({ type: 'image_generation.completed', b64_json: 'iVBO' })],
  ['expiring-link', 'an image behind a link', answer({ data: [{ url: 'https://a.example/b.png' }] })],
  [
    'expiring-link',
    'one of two images behind a link',
    answer({ data: [{ b64_json: 'iV' }, { url: 'https://a.example/' }] }),
  ],
  ['error', 'an error', answer({ error: { message: 'x' } })],
  ['error', 'an error in the stream', stream({ error: 'x' }, { type: 'transcript.text.done' })],
  ['truncated', 'a transcription without its end', stream({ type: 'transcript.text.delta', delta: 'Te' })],
  ['truncated', 'an image still in the making', stream({ type: 'image_generation.partial_image', b64_json: 'iV' })],
  ['truncated', '[DONE] alone', { ...stream(), text: dataEvents('[DONE]') }],
  ['truncated', 'cut', { ...answer({}), text: '{"data":[' }],
])('openaiPlain finds an answer %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test.each([
  { prompt_tokens: 5, total_tokens: 5 },
  { input_tokens: 5, output_tokens: 0 },
])('openaiPlain reads model and tokens: %j', (usage) => {
  const { evidence } = judge(answer({ model: 'm-1', usage, data: [] }));
  expect(evidence).toMatchObject({ model: 'm-1', tokens: { input: 5, output: 0 } });
});

test.each<[object, object]>([
  [
    { model: 'm', input: 'Hi' },
    { model: 'm', stream: false },
  ],
  [{ input: ['a', 'b'] }, { stream: false }],
  [{ prompt: 'a cat', stream: true }, { stream: true }],
  [{ file: 'x', stream: 'true' }, { stream: true }],
])('openaiPlain takes %j as asking %j', (body, ask) => {
  expect(openaiPlain.describe(new URL(url), body as never)).toEqual(ask);
});

test('openaiPlain does not understand a body that asks nothing', () => {
  expect(openaiPlain.describe(new URL(url), { user: 'u' })).toBeUndefined();
});
