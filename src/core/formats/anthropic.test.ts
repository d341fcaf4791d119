import { expect, test } from 'vitest';
import { anthropic } from './anthropic.ts';
import { type Answer, dataEvents, judge, namedEvents, sse, wholeStreams, wordOf } from './sample-answers.ts';

const url = 'https://api.example/v1/messages';
const start = { type: 'message_start', message: { model: 'm-1', usage: { input_tokens: 5, output_tokens: 1 } } };
const text = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Teal' } };
const end = (stop_reason: string | null) => ({
  type: 'message_delta',
  delta: { stop_reason },
  usage: { output_tokens: 2 },
});
const stop = { type: 'message_stop' };
const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };

function stream(...events: { type: string }[]): Answer {
  return { format: 'anthropic', url, contentType: sse, text: namedEvents(...events) };
}

function answer(body: object): Answer {
  return { format: 'anthropic', url, contentType: 'application/json', text: JSON.stringify(body) };
}

test.each<[string, string, Answer]>([
  ['complete', 'stop reason and message_stop', stream(start, text, end('end_turn'), stop)],
  ['complete', 'with pings', stream(start, { type: 'ping' }, text, end('end_turn'), { type: 'ping' }, stop)],
  ['complete', 'two message_deltas', stream(start, text, end(null), end('tool_use'), stop)],
  ['complete', 'a stop reason, then a delta without', stream(start, text, end('end_turn'), end(null), stop)],
  ['complete', 'without event names', { ...stream(), text: dataEvents(start, text, end('end_turn'), stop) }],
  ['complete', 'ended by its length', stream(start, text, end('max_tokens'), stop)],
  ['complete', 'a full context window', stream(start, text, end('model_context_window_exceeded'), stop)],
  ['truncated', 'no message_stop', stream(start, text, end('end_turn'))],
  ['truncated', 'no stop reason', stream(start, text, stop)],
  ['truncated', 'a stop reason that is null', stream(start, text, end(null), stop)],
  ['truncated', 'only started', stream(start)],
  ['error', 'overloaded in the middle', stream(start, text, overloaded)],
  ['error', 'overloaded after the end', stream(start, text, end('end_turn'), stop, overloaded)],
  ['malformed', 'two attempts in one stream', stream(start, text, start, text, end('end_turn'), stop)],
  ['malformed', 'an event cut inside', { ...stream(), text: 'event: message_stop\ndata: {"type":\n\n' }],
  ['malformed', 'a malformed tool use', stream(start, end('malformed_tool_use'), stop)],
  ['filtered', 'a refusal', stream(start, text, end('refusal'), stop)],
  ['pending', 'a paused turn', stream(start, text, end('pause_turn'), stop)],
])('anthropic finds a stream %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test.each<[string, string, Answer]>([
  ['complete', 'with a stop reason', answer({ type: 'message', stop_reason: 'end_turn' })],
  ['truncated', 'without a stop reason', answer({ type: 'message', stop_reason: null })],
  ['error', 'an error', answer({ type: 'error', error: { type: 'overloaded_error' } })],
  ['filtered', 'a refusal', answer({ type: 'message', stop_reason: 'refusal' })],
  ['pending', 'a paused turn', answer({ type: 'message', stop_reason: 'pause_turn' })],
  ['truncated', 'cut', { ...answer({}), text: '{"stop_reason":"end_turn"' }],
])('anthropic finds a JSON answer %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test('anthropic reads the model, the finish and the tokens, which message_delta overwrites', () => {
  const { verdict, evidence } = judge(wholeStreams.anthropic as Answer);
  expect(verdict).toEqual({ complete: true, finish: 'end_turn' });
  expect(evidence).toMatchObject({ model: 'm-1', tokens: { input: 5, output: 2 } });
});

test('anthropic counts what its own cache read and wrote as input', () => {
  const usage = { input_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 30, output_tokens: 2 };
  expect(judge(answer({ type: 'message', stop_reason: 'end_turn', usage })).evidence.tokens).toEqual({
    input: 135,
    cachedInput: 100,
    output: 2,
  });
});

test('anthropic overwrites usage with the last message_delta, and never adds it', () => {
  const usage = (input: number, output: number) => ({
    type: 'message_delta',
    delta: {},
    usage: { input_tokens: input, output_tokens: output },
  });
  expect(judge(stream(start, usage(7, 3), usage(8, 4), end('end_turn'), stop)).evidence.tokens).toEqual({
    input: 8,
    output: 2,
  });
});

test('anthropic counts as zero what is no number', () => {
  const usage = { input_tokens: 5, cache_read_input_tokens: 'many', output_tokens: 2 };
  expect(judge(answer({ type: 'message', stop_reason: 'end_turn', usage })).evidence.tokens).toEqual({
    input: 5,
    output: 2,
  });
});

const messages = [{ role: 'user', content: 'Hi' }];

test.each<[object, object]>([
  [
    { messages, model: 'm', max_tokens: 1 },
    { model: 'm', stream: false },
  ],
  [
    { messages, model: 'm', max_tokens: 1, stream: true },
    { model: 'm', stream: true },
  ],
])('anthropic takes %j as asking %j', (body, ask) => {
  expect(anthropic.describe(new URL(url), body as never)).toEqual(ask);
});

test('anthropic does not understand a body without messages', () => {
  expect(anthropic.describe(new URL(url), { model: 'm', prompt: 'Hi' })).toBeUndefined();
});

const content = (block: object) => ({ messages: [{ role: 'user', content: [block] }] });

test.each<[string, object]>([
  ...['container', 'context_management', 'diagnostics', 'thread', 'fallback_credit_token'].map(
    (name): [string, object] => ['stateful', { [name]: { id: 'x' } }],
  ),
  ['live', { mcp_servers: [{ type: 'url', url: 'https://mcp.example' }] }],
  ...[
    'web_search_20250305',
    'web_fetch_20250910',
    'code_execution_20250825',
    'tool_search_tool_regex',
    'advisor_1',
  ].map((type): [string, object] => ['live', { tools: [{ type, name: 'x' }] }]),
  ['stateful', content({ type: 'document', source: { type: 'file', file_id: 'file_1' } })],
  ['live', content({ type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } })],
  [
    'live',
    content({ type: 'tool_result', content: [{ type: 'image', source: { type: 'url', url: 'https://a.example/' } }] }),
  ],
])('anthropic knows that an answer depends on more, %s: %j', (depends, more) => {
  expect(anthropic.describe(new URL(url), { messages, model: 'm', ...more } as never)).toMatchObject({ depends });
});

test.each<[object]>([
  ...[
    'bash_20250124',
    'text_editor_20250728',
    'computer_20250124',
    'computer_toolset_20260801',
    'browser_toolset_20260801',
    'memory_20250818',
    'custom',
  ].map((type): [object] => [{ tools: [{ type, name: 'x' }] }]),
  [{ tools: [{ name: 'web_search_mine', input_schema: {} }] }],
  [{ mcp_servers: [] }],
  [{ container: null }],
  [content({ type: 'image', source: { type: 'base64', data: 'iVBO' } })],
])('anthropic knows that an answer depends on the request alone: %j', (more) => {
  expect(anthropic.describe(new URL(url), { messages, model: 'm', ...more } as never)).not.toHaveProperty('depends');
});
