import { expect, test } from 'vitest';
import { openaiChat } from './openai-chat.ts';
import { type Answer, dataEvents, judge, sse, wholeStreams, wordOf } from './sample-answers.ts';

const url = 'https://api.example/v1/chat/completions';
const part = (content: string) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const finished = (reason: string) => ({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
const audio = (piece: object) => ({ choices: [{ index: 0, delta: { audio: piece }, finish_reason: null }] });
const usage = { choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } };
const error = { error: { code: 502, message: 'Provider disconnected' } };

function stream(...events: (object | string)[]): Answer {
  return { format: 'openai-chat', url, contentType: sse, text: dataEvents(...events) };
}

function answer(body: object): Answer {
  return { format: 'openai-chat', url, contentType: 'application/json', text: JSON.stringify(body) };
}

test.each<[string, string, Answer]>([
  ['complete', 'finish and [DONE]', stream(part('a'), finished('stop'), '[DONE]')],
  ['complete', 'finish, usage and [DONE]', stream(part('a'), finished('stop'), usage, '[DONE]')],
  ['complete', 'the finish twice', stream(part('a'), finished('stop'), { ...finished('stop'), ...usage }, '[DONE]')],
  ['complete', 'tool calls', stream(part('a'), finished('tool_calls'), '[DONE]')],
  ['complete', 'ended by its length', stream(part('a'), finished('length'), '[DONE]')],
  ['complete', 'a first chunk without choices', stream({ choices: [], model: '' }, finished('stop'), '[DONE]')],
  ['complete', 'legacy text', stream({ choices: [{ index: 0, text: 'a', finish_reason: 'stop' }] }, '[DONE]')],
  [
    'complete',
    'audio that ends with its expiry',
    stream(audio({ id: 'a', data: 'x' }), audio({ expires_at: 9 }), '[DONE]'),
  ],
  ['complete', 'audio with a finish after its expiry', stream(audio({ expires_at: 9 }), finished('stop'), '[DONE]')],
  ['truncated', 'audio without its expiry', stream(audio({ id: 'a', data: 'x' }), '[DONE]')],
  ['truncated', 'audio without [DONE]', stream(audio({ id: 'a', data: 'x' }), audio({ expires_at: 9 }))],
  ['truncated', '[DONE] alone', stream('[DONE]')],
  ['truncated', '[DONE] without a finish', stream(part('a'), '[DONE]')],
  ['truncated', 'a finish without [DONE]', stream(part('a'), finished('stop'))],
  ['truncated', 'an empty finish', stream(part('a'), finished(''), '[DONE]')],
  ['truncated', 'one of two choices unfinished', stream(finished('stop'), { choices: [{ index: 1 }] }, '[DONE]')],
  ['truncated', 'no event at all', stream()],
  ['error', 'an error, then [DONE]', stream(part('a'), error, '[DONE]')],
  ['error', 'an error after the finish, then [DONE]', stream(finished('length'), error, '[DONE]')],
  ['error', 'an error beside the finish', stream({ ...finished('error'), ...error })],
  ['error', 'finish_reason error', stream(part('a'), finished('error'), '[DONE]')],
  ['error', 'a choice with an error', stream({ choices: [{ index: 0, error: { code: 1 } }] }, '[DONE]')],
  ['error', 'a stream Groq stopped early', stream(finished('stop'), { choices: [], x_groq: { error: 'x' } }, '[DONE]')],
  ['error', 'no resource', stream(finished('insufficient_system_resource'), '[DONE]')],
  ['filtered', 'content_filter', stream(part('a'), finished('content_filter'), '[DONE]')],
  [
    'filtered',
    'one of two choices',
    stream(finished('stop'), { choices: [{ index: 1, finish_reason: 'content_filter' }] }, '[DONE]'),
  ],
  ['malformed', 'an event cut inside', { ...stream(), text: 'data: {"choices":[\n\ndata: [DONE]\n\n' }],
])('openaiChat finds a stream %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test.each<[string, string, Answer]>([
  ['complete', 'finished', answer({ choices: [{ index: 0, message: {}, finish_reason: 'stop' }] })],
  [
    'complete',
    'two choices',
    answer({
      choices: [
        { index: 0, finish_reason: 'stop' },
        { index: 1, finish_reason: 'length' },
      ],
    }),
  ],
  ['malformed', 'unfinished', answer({ choices: [{ index: 0, message: {}, finish_reason: null }] })],
  ['malformed', 'one of two unfinished', answer({ choices: [{ index: 0, finish_reason: 'stop' }, { index: 1 }] })],
  ['malformed', 'no choices', answer({ choices: [] })],
  ['malformed', 'empty', answer({})],
  ['error', 'a top-level error', answer({ error: { code: 400 }, choices: [{ finish_reason: 'stop' }] })],
  ['error', 'a choice with an error', answer({ choices: [{ error: { code: 400 }, finish_reason: 'stop' }] })],
  ['error', 'finish_reason error', answer({ choices: [{ finish_reason: 'error' }] })],
  ['filtered', 'content_filter', answer({ choices: [{ finish_reason: 'content_filter' }] })],
  ['truncated', 'cut', { ...answer({}), text: '{"choices":[{"finish_reason":"stop"}]' }],
])('openaiChat finds a JSON answer %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test.each(['https://api.perplexity.ai/chat/completions', 'https://api.writer.com/v1/chat'])(
  'openaiChat needs no [DONE] of a host that never sends it: %s',
  (host) => {
    expect(wordOf({ ...stream(part('a'), finished('stop')), url: host })).toBe('complete');
    expect(wordOf({ ...stream(part('a'), '[DONE]'), url: host })).toBe('truncated');
  },
);

test.each(['https://perplexity.ai.example/chat/completions', 'https://notperplexity.ai/chat/completions'])(
  'openaiChat needs [DONE] of a host with a like name: %s',
  (host) => {
    expect(wordOf({ ...stream(part('a'), finished('stop')), url: host })).toBe('truncated');
  },
);

test('openaiChat reads the model, the tokens and the finish', () => {
  const { verdict, evidence } = judge(wholeStreams['openai-chat'] as Answer);
  expect(verdict).toEqual({ complete: true, finish: 'stop' });
  expect(evidence).toMatchObject({ model: 'm-1', tokens: { input: 5, output: 2 } });
});

test('openaiChat reads the model of the first chunk that names one', () => {
  const { evidence } = judge(
    stream({ model: '', choices: [] }, { model: 'm-2', ...part('a') }, finished('stop'), '[DONE]'),
  );
  expect(evidence.model).toBe('m-2');
});

test('openaiChat counts no tokens where the answer has no figures', () => {
  expect(
    judge(stream(part('a'), finished('stop'), { usage: null, choices: [] }, '[DONE]')).evidence.tokens,
  ).toBeUndefined();
});

test('openaiChat counts as zero what is no number', () => {
  const odd = { usage: { prompt_tokens: 5, completion_tokens: 'many' }, choices: [] };
  expect(judge(stream(odd, finished('stop'), '[DONE]')).evidence.tokens).toEqual({ input: 5, output: 0 });
});

const messages = [{ role: 'user', content: 'Hi' }];

test.each<[object, object]>([
  [
    { messages, model: 'm' },
    { model: 'm', stream: false },
  ],
  [
    { messages, model: 'm', stream: true },
    { model: 'm', stream: true },
  ],
  [
    { messages, model: 'm', stream: 'true' },
    { model: 'm', stream: false },
  ],
  [{ messages }, { stream: false }],
  [
    { prompt: 'Hi', model: 'm' },
    { model: 'm', stream: false },
  ],
])('openaiChat takes %j as asking %j', (body, ask) => {
  expect(openaiChat.describe(new URL(url), body as never)).toEqual(ask);
});

test.each<[object]>([[{}], [{ model: 'm' }], [{ messages: 'Hi' }], [{ input: 'Hi', model: 'm' }]])(
  'openaiChat does not understand %j',
  (body) => {
    expect(openaiChat.describe(new URL(url), body as never)).toBeUndefined();
  },
);

test.each<[string, object]>([
  ['live', { web_search_options: {} }],
  ['live', { search_parameters: { mode: 'auto' } }],
  ['live', { model: 'gpt-4o-search-preview' }],
  ['live', { model: 'gpt-4o-mini-search-preview-2025-03-11' }],
  ['live', { model: 'vendor/model:online' }],
  ['live', { model: 'groq/compound-mini' }],
  ['live', { model: 'compound-beta' }],
  ['live', { model: 'gpt-5-search-api' }],
  ['live', { model: 'openrouter/auto' }],
  ['live', { tools: [{ type: 'openrouter:datetime' }] }],
  ['live', { tools: [{ type: 'collections_search' }] }],
  ['live', { model: 'sonar-pro' }],
  ['live', { plugins: [{ id: 'web' }] }],
  ['live', { search_settings: {} }],
  ['live', { compound_custom: {} }],
  ['live', { documents: [] }],
  ['live', { tools: [{ type: 'web_search' }] }],
  ['live', { tools: [{ type: 'x_search' }] }],
  ['stateful', { store: true }],
  ['stateful', { deferred: true }],
  ['stateful', { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }] }],
  ['stateful', { messages: [{ role: 'assistant', audio: { id: 'audio-1' } }] }],
])('openaiChat knows that an answer depends on more, %s: %j', (depends, more) => {
  const body = { messages, model: 'm', ...more };
  expect(openaiChat.describe(new URL(url), body as never)).toMatchObject({ depends });
});

test.each<[object]>([
  [{ store: false }],
  [{ model: 'search-engine' }],
  [{ model: 'vendor/compound-interest' }],
  [{ tools: [{ type: 'function', function: { name: 'web_search' } }] }],
  [{ plugins: [{ id: 'file-parser' }] }],
  [{ messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: 'data:' } }] }] }],
  [{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }] }] }],
  [{ audio: { voice: 'alloy' } }],
  [{ metadata: { a: 'b' }, user: 'u' }],
])('openaiChat knows that an answer depends on the request alone: %j', (more) => {
  const body = { messages, model: 'm', ...more };
  expect(openaiChat.describe(new URL(url), body as never)).not.toHaveProperty('depends');
});
