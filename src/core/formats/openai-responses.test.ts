import { expect, test } from 'vitest';
import { openaiResponses } from './openai-responses.ts';
import { type Answer, dataEvents, judge, namedEvents, sse, wholeStreams, wordOf } from './sample-answers.ts';

const url = 'https://api.example/v1/responses';
const delta = { type: 'response.output_text.delta', delta: 'Teal' };
const completed = (response: object = {}) => ({
  type: 'response.completed',
  response: { status: 'completed', error: null, output: [], ...response },
});
const incomplete = (reason?: string) => ({
  type: 'response.incomplete',
  response: { status: 'incomplete', incomplete_details: reason ? { reason } : null },
});
const refusal = [{ type: 'message', content: [{ type: 'refusal', refusal: 'No' }] }];

function stream(...events: { type: string }[]): Answer {
  return { format: 'openai-responses', url, contentType: sse, text: namedEvents(...events) };
}

function answer(body: object): Answer {
  return { format: 'openai-responses', url, contentType: 'application/json', text: JSON.stringify(body) };
}

test.each<[string, string, Answer]>([
  ['complete', 'response.completed', stream(delta, completed())],
  [
    'complete',
    'response.completed, then [DONE]',
    { ...stream(), text: namedEvents(delta, completed()) + dataEvents('[DONE]') },
  ],
  ['complete', 'named by its data alone', { ...stream(), text: dataEvents(delta, completed()) }],
  ['complete', 'ended by its length', stream(delta, incomplete('max_output_tokens'))],
  ['truncated', 'no terminal event', stream({ type: 'response.created' }, delta)],
  ['truncated', '[DONE] alone', { ...stream(), text: dataEvents('[DONE]') }],
  ['truncated', 'only the text is done', stream(delta, { type: 'response.output_text.done' })],
  ['error', 'response.failed', stream(delta, { type: 'response.failed' })],
  ['error', 'response.cancelled', stream(delta, { type: 'response.cancelled' })],
  ['error', 'an error event, flat', stream(delta, { type: 'error', code: 'x' } as never, completed())],
  ['error', 'an error event, nested', stream(delta, { type: 'error', error: { code: 'x' } } as never, completed())],
  ['error', 'completed with an error', stream(completed({ error: { code: 'server_error' } }))],
  ['error', 'response.failed after the end', stream(completed(), { type: 'response.failed' })],
  ['filtered', 'content_filter', stream(delta, incomplete('content_filter'))],
  ['complete', "a refusal, which is the model's own answer", stream(completed({ output: refusal }))],
  ['malformed', 'an event cut inside', { ...stream(), text: 'event: response.completed\ndata: {"type":"resp\n\n' }],
])('openaiResponses finds a stream %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test.each<[string, string, Answer]>([
  ['complete', 'completed', answer({ object: 'response', status: 'completed', error: null, output: [] })],
  [
    'complete',
    'ended by its length',
    answer({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
  ],
  ['pending', 'queued', answer({ status: 'queued', error: null })],
  ['pending', 'in progress', answer({ status: 'in_progress', error: null })],
  ['error', 'failed', answer({ status: 'failed', error: { code: 'server_error' } })],
  ['error', 'cancelled', answer({ status: 'cancelled' })],
  ['filtered', 'content_filter', answer({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } })],
  ['complete', "a refusal, which is the model's own answer", answer({ status: 'completed', output: refusal })],
  ['truncated', 'without a status', answer({ object: 'response', output: [] })],
  ['truncated', 'cut', { ...answer({}), text: '{"status":"completed"' }],
])('openaiResponses finds a JSON answer %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test('openaiResponses reads the model, the tokens and the finish', () => {
  const { verdict, evidence } = judge(wholeStreams['openai-responses'] as Answer);
  expect(verdict).toEqual({ complete: true, finish: 'completed' });
  expect(evidence).toMatchObject({ model: 'm-1', tokens: { input: 5, output: 2 } });
});

test.each<[object, object]>([
  [
    { input: 'Hi', model: 'm' },
    { model: 'm', stream: false },
  ],
  [
    { input: [], model: 'm', stream: true },
    { model: 'm', stream: true },
  ],
  [{ prompt: { id: 'p', version: '1' } }, { stream: false }],
  [
    { input: 'Hi', model: 'm', store: true },
    { model: 'm', stream: false },
  ],
])('openaiResponses takes %j as asking %j', (body, ask) => {
  expect(openaiResponses.describe(new URL(url), body as never)).toEqual(ask);
});

test.each<[object]>([
  [{}],
  [{ model: 'm' }],
  [{ input: 'Hi' }],
  [{ survey: 1, input: ['a'] }],
  [{ input: 1, model: 'm' }],
])('openaiResponses does not understand %j', (body) => {
  expect(openaiResponses.describe(new URL(url), body as never)).toBeUndefined();
});

test.each<[string, object]>([
  ['stateful', { previous_response_id: 'resp_1' }],
  ['stateful', { conversation: 'conv_1' }],
  ['stateful', { background: true }],
  ['stateful', { container: 'cntr_1' }],
  ['stateful', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
  ['stateful', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }] }],
  ['stateful', { prompt: { id: 'p' } }],
  ['stateful', { prompt: { id: 'p', version: null } }],
  ...[
    ...['web_search', 'web_search_preview_2025_03_11', 'file_search', 'code_interpreter', 'mcp', 'shell'],
    ...['computer_use_preview', 'image_generation', 'tool_search', 'programmatic_tool_calling', 'x_search'],
    'code_execution',
  ].map((type): [string, object] => ['live', { tools: [{ type }] }]),
  ['live', { search_parameters: {} }],
])('openaiResponses knows that an answer depends on more, %s: %j', (depends, more) => {
  const body = { input: 'Hi', model: 'm', ...more };
  expect(openaiResponses.describe(new URL(url), body as never)).toMatchObject({ depends });
});

test.each<[object]>([
  ...['function', 'custom', 'local_shell', 'apply_patch', 'namespace'].map((type): [object] => [{ tools: [{ type }] }]),
  [{ background: false }],
  [{ previous_response_id: null, conversation: null }],
  [{ prompt: { id: 'p', version: '2' } }],
  [{ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'https://a.example/b.png' }] }] }],
])('openaiResponses knows that an answer depends on the request alone: %j', (more) => {
  const body = { input: 'Hi', model: 'm', ...more };
  expect(openaiResponses.describe(new URL(url), body as never)).not.toHaveProperty('depends');
});
