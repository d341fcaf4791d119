import { expect, test } from 'vitest';
import { gemini } from './gemini.ts';
import { type Answer, dataEvents, judge, wholeStreams, wordOf } from './sample-answers.ts';

const url = 'https://api.example/v1beta/models/m:streamGenerateContent';
const part = (text: string, index = 0) => ({ candidates: [{ content: { parts: [{ text }] }, index }] });
const end = (finishReason: string | number, index = 0) => ({ candidates: [{ finishReason, index }] });
const blocked = { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 5 } };
const error = { error: { code: 503, status: 'UNAVAILABLE' } };

function stream(...events: object[]): Answer {
  return { format: 'gemini', url: `${url}?alt=sse`, contentType: 'text/event-stream', text: dataEvents(...events) };
}

function answer(body: object): Answer {
  return { format: 'gemini', url, contentType: 'application/json; charset=UTF-8', text: JSON.stringify(body, null, 2) };
}

test.each<[string, string, Answer]>([
  ['complete', 'a finish reason on the last chunk', stream(part('Te'), part('al'), end('STOP'))],
  ['complete', 'a finish reason before the last chunk', stream(end('STOP'), { usageMetadata: {} })],
  ['complete', 'ended by its length', stream(part('Te'), end('MAX_TOKENS'))],
  ['complete', 'two candidates', stream(part('a'), part('b', 1), end('STOP'), end('STOP', 1))],
  ['complete', 'a finish reason as a number', stream(part('Te'), end(1))],
  ['truncated', 'no finish reason', stream(part('Te'), part('al'))],
  ['truncated', 'one of two candidates unfinished', stream(part('a'), part('b', 1), end('STOP'))],
  ['truncated', 'an unspecified reason as a number', stream(part('Te'), end(0))],
  ['truncated', 'no chunk at all', stream()],
  ['error', 'an error in the middle', stream(part('Te'), error)],
  ['error', 'an error after the finish', stream(part('Te'), end('STOP'), error)],
  ['error', 'a bare error object', { ...stream(), text: `${JSON.stringify(error, null, 1)}\n` }],
  ['filtered', 'the prompt is blocked', stream(blocked)],
  ['filtered', 'the prompt is blocked, by a number', stream({ promptFeedback: { blockReason: 2 } })],
  ...[
    ...['SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'LANGUAGE', 'IMAGE_SAFETY', 'MODEL_ARMOR'],
  ].map((reason): [string, string, Answer] => ['filtered', reason, stream(part('Te'), end(reason))]),
  ...['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'OTHER', 'FINISH_REASON_UNSPECIFIED'].map(
    (reason): [string, string, Answer] => ['malformed', reason, stream(part('Te'), end(reason))],
  ),
  ['filtered', 'SAFETY as a number', stream(part('Te'), end(3))],
  ['malformed', 'another reason as a number', stream(part('Te'), end(9))],
  ['pending', 'a continuation', stream(part('Te'), end('CONTINUATION'))],
  ['malformed', 'an event cut inside', { ...stream(), text: 'data: {"candidates":\n\n' }],
])('gemini finds a stream %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test.each<[string, string, Answer]>([
  ['complete', 'one object with a finish reason', answer({ ...end('STOP') })],
  ['complete', 'an array whose last chunk finishes', answer([part('Te'), end('STOP')])],
  ['complete', 'an embedding', answer({ embedding: { values: [0.1] } })],
  ['complete', 'many embeddings', answer({ embeddings: [{ values: [0.1] }] })],
  ['truncated', 'an array that does not close', { ...answer([]), text: '[{"candidates":[{"finishReason":"STOP"}]}\n' }],
  ['truncated', 'an array without a finish', answer([part('Te')])],
  ['truncated', 'an empty array', answer([])],
  ['malformed', 'an object without a finish', answer(part('Te'))],
  ['malformed', 'an empty object', answer({})],
  ['error', 'an error', answer(error)],
  ['error', 'an array with an error', answer([part('Te'), end('STOP'), error])],
  ['filtered', 'the prompt is blocked', answer(blocked)],
  ['filtered', 'a filter', answer(end('SAFETY'))],
])('gemini finds a JSON answer %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test('gemini never throws over an array of what is no chunk', () => {
  expect(wordOf(answer([null, 1, 'a', [], end('STOP')]))).toMatch(/complete|malformed/);
});

test('gemini reads the model’s version, the finish and the tokens', () => {
  const { verdict, evidence } = judge(wholeStreams.gemini as Answer);
  expect(verdict).toEqual({ complete: true, finish: 'STOP' });
  expect(evidence).toMatchObject({ model: 'm-1', tokens: { input: 5, output: 2 } });
});

test('gemini counts thoughts as output, and takes the last figures', () => {
  const usage = (candidatesTokenCount: number, thoughtsTokenCount: number) => ({
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount, thoughtsTokenCount },
  });
  expect(judge(stream(usage(1, 9), { ...usage(2, 10), ...end('STOP') })).evidence.tokens).toEqual({
    input: 5,
    output: 12,
    reasoning: 10,
  });
});

test('gemini counts as zero what is no number', () => {
  const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 2, thoughtsTokenCount: 'many' };
  expect(judge(stream({ usageMetadata, ...end('STOP') })).evidence.tokens).toEqual({ input: 5, output: 2 });
});

const contents = [{ parts: [{ text: 'Hi' }] }];

test.each<[string, object, object]>([
  ['/v1beta/models/gemini-2.5-flash:generateContent', { contents }, { model: 'gemini-2.5-flash', stream: false }],
  ['/v1beta/models/m:streamGenerateContent', { contents }, { model: 'm', stream: true }],
  ['/v1beta/models/m%3AstreamGenerateContent', { contents }, { model: 'm', stream: true }],
  ['/v1beta/models/m:embedContent', { content: {} }, { model: 'm', stream: false }],
  ['/v1beta/models/m:batchEmbedContents', { requests: [] }, { model: 'm', stream: false }],
  [
    '/v1/projects/p/locations/l/publishers/google/models/m:generateContent',
    { contents },
    { model: 'm', stream: false },
  ],
  ['/v1beta/tunedModels/a:b:generateContent', { contents }, { model: 'a:b', stream: false }],
])('gemini reads %s with %j as asking %j', (path, body, ask) => {
  expect(gemini.describe(new URL(path, url), body as never)).toEqual(ask);
});

test.each([
  ['/v1beta/models/m:generateContent', {}],
  ['/v1beta/models/m:generateContent', { messages: [] }],
  ['/v1beta/models/m', { contents }],
  ['/v1beta/models/%FF:countTokens', { contents }],
])('gemini does not understand %s with %j', (path, body) => {
  expect(gemini.describe(new URL(path, url), body as never)).toBeUndefined();
});

test('gemini does not take a stream of several candidates: nothing in it tells the last', () => {
  const several = { contents, generationConfig: { candidateCount: 2 } };
  const ask = (method: string, body: object) =>
    gemini.describe(new URL(`/v1beta/models/m:${method}`, url), body as never);
  expect(ask('streamGenerateContent?alt=sse', several)).toBeUndefined();
  expect(ask('generateContent', several)).toBeDefined();
  expect(ask('streamGenerateContent?alt=sse', { contents, generationConfig: { candidateCount: 1 } })).toBeDefined();
});

test.each<[string, object]>([
  ...[
    ...['googleSearch', 'googleSearchRetrieval', 'urlContext', 'codeExecution', 'googleMaps', 'enterpriseWebSearch'],
    ...['fileSearch', 'retrieval', 'mcpServers', 'exaAiSearch', 'parallelAiSearch', 'google_search', 'code_execution'],
  ].map((name): [string, object] => ['live', { tools: [{ [name]: {} }] }]),
  ['stateful', { cachedContent: 'cachedContents/1' }],
  ['stateful', { continuationToken: 'x' }],
  ['stateful', { contents: [{ parts: [{ fileData: { fileUri: 'https://a.example/files/1' } }] }] }],
  ['stateful', { contents: [{ parts: [{ file_data: { file_uri: 'https://a.example/files/1' } }] }] }],
])('gemini knows that an answer depends on more, %s: %j', (depends, more) => {
  const body = { contents, ...more };
  expect(gemini.describe(new URL('/v1beta/models/m:generateContent', url), body as never)).toMatchObject({ depends });
});

test.each<[object]>([
  [{ tools: [{ functionDeclarations: [{ name: 'googleSearch' }] }] }],
  [{ contents: [{ parts: [{ inlineData: { data: 'iVBO' } }] }] }],
])('gemini knows that an answer depends on the request alone: %j', (more) => {
  const body = { contents, ...more };
  const ask = gemini.describe(new URL('/v1beta/models/m:generateContent', url), body as never);
  expect(ask).not.toHaveProperty('depends');
});
