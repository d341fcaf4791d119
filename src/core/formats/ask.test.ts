import { expect, test } from 'vitest';
import { asked } from './ask.ts';
import { createMatcher } from './endpoints.ts';
import { formats } from './index.ts';
import { namedFormat } from './paths.ts';

const describeAt = (url: string, body: object) => {
  const at = new URL(url);
  return formats[namedFormat(at)].describe(at, body as never);
};

const messages = [{ role: 'user', content: 'Hi' }];
const contents = [{ parts: [{ text: 'Hi' }] }];
const azure = 'https://r.openai.azure.com/openai';
const vertex = 'https://eu-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers';

test.each<[string, string, object]>([
  ['dep', `${azure}/deployments/dep/chat/completions?api-version=2024-10-21`, { messages }],
  ['dep', `${azure}/deployments/dep/chat/completions`, { messages, model: 'other' }],
  ['dep', `${azure}/deployments/dep/embeddings`, { input: 'Hi' }],
  ['m', `${azure}/v1/chat/completions`, { messages, model: 'm' }],
  ['m', 'https://r.services.ai.azure.com/models/chat/completions', { messages, model: 'm' }],
  ['org/m', 'https://router.huggingface.co/v1/chat/completions', { messages, model: 'org/m' }],
  ['codestral', 'https://api.mistral.ai/v1/fim/completions', { prompt: 'a', suffix: 'b', model: 'codestral' }],
  ['claude-1@2', `${vertex}/anthropic/models/claude-1@2:rawPredict`, { messages, anthropic_version: 'v' }],
  ['claude-1@2', `${vertex}/anthropic/models/claude-1@2:streamRawPredict`, { messages, stream: true }],
  ['g', `${vertex}/google/models/g:streamGenerateContent?alt=sse`, { contents }],
  ['emb', `${vertex}/google/models/emb:predict`, { instances: [{ content: 'Hi' }] }],
  ['m', 'https://api.cohere.com/v2/embed', { model: 'm', texts: ['Hi'] }],
  ['m', 'https://api.cohere.com/v1/rerank', { model: 'm', query: 'a', documents: ['b'] }],
  ['m', 'http://localhost:8000/v1/rerank', { model: 'm', query: 'a', documents: ['b'] }],
  ['v.m:0', 'https://bedrock-runtime.us-east-1.amazonaws.com/model/v.m%3A0/invoke', { prompt: 'Hi' }],
])('the model is %s at %s', (model, url, body) => {
  expect(createMatcher([], [])(new URL(url))).toBeDefined();
  expect(describeAt(url, body)).toMatchObject({ model });
  expect(describeAt(url, body)).not.toHaveProperty('depends');
});

test.each([
  'https://api.mistral.ai/v1/agents/completions',
  `${vertex}/google/models/m:predictLongRunning`,
  'https://tf.example/v1/models/m:predict',
  'https://app.example/x:11434/api/chat',
  'https://app.example/api.cohere.com/v2/chat',
  'https://app.example/*/api/chat',
  'https://notapi.cohere.com/v2/chat',
  'https://app.example/api/v1/chat',
  'https://app.example/v1/embed',
  'https://bedrock-runtime.us-east-1.amazonaws.com/model/m/async-invoke',
  'https://bedrock-runtime.us-east-1.amazonaws.com/guardrail/g/version/1/apply',
])('createMatcher leaves %s alone', (url) => {
  expect(createMatcher([], [])(new URL(url))).toBeUndefined();
});

const url = new URL('https://api.example/v1/chat/completions');

test.each<['stateful' | 'live' | undefined, object]>([
  ['live', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ['live', { tools: [{ type: 'openrouter:web_search' }] }],
  ['live', { tools: [{ googleSearch: {} }] }],
  ['live', { tools: [{ google_maps: {} }] }],
  ['live', { tools: [{ functionDeclarations: [] }, { code_execution: {} }] }],
  ['live', { tools: [{ type: 'code_interpreter', container: { file_ids: ['f'] } }] }],
  ['live', { tools: [{ type: 'mcp', server_label: 'x' }] }],
  ['live', { tools: [{ type: 'computer_use_preview' }] }],
  ['live', { toolConfig: { tools: [{ systemTool: {} }] } }],
  ['live', { messages: [{ content: [{ type: 'image', source: { type: 'url', url: 'https://a.example' } }] }] }],
  ['stateful', { messages: [{ content: [{ type: 'document', source: { type: 'file', file_id: 'f' } }] }] }],
  ['stateful', { messages: [{ content: [{ type: 'tool_result', content: [{ source: { type: 'file' } }] }] }] }],
  ['stateful', { input: [{ type: 'item_reference', id: 'i' }] }],
  ['stateful', { input: [{ content: [{ type: 'input_file', file_id: 'f' }] }] }],
  ['stateful', { input: [{ content: [{ type: 'input_image', file_id: 'f' }] }] }],
  ['stateful', { contents: [{ parts: [{ file_data: { file_uri: 'u' } }] }] }],
  ['stateful', { systemInstruction: { parts: [{ fileData: { fileUri: 'u' } }] } }],
  ['stateful', { tools: [{ type: 'web_search' }], input: [{ content: [{ file_id: 'f' }] }] }],
  [undefined, { tools: [{ type: 'function', function: { name: 'web_search' } }] }],
  [undefined, { tools: [{ type: 'bash_20250124' }, { type: 'computer_20250124' }, { type: 'memory_20250818' }] }],
  [undefined, { tools: [{ type: 'local_shell' }, { type: 'apply_patch' }, { type: 'custom', name: 'mcp' }] }],
  [undefined, { tools: [{ computerUse: {} }] }],
  [undefined, { tools: [{ name: 'f', input_schema: { properties: { file_id: { type: 'string' } } } }] }],
  [undefined, { messages: [{ content: [{ type: 'tool_use', input: { file_id: 'f' } }] }] }],
  [undefined, { messages: [{ tool_calls: [{ function: { arguments: { file_id: 'f' } } }] }] }],
  [undefined, { contents: [{ parts: [{ functionCall: { args: { fileUri: 'u' } } }] }] }],
  [undefined, { messages: [{ content: [{ type: 'file', file: { file_data: 'data:', filename: 'a' } }] }] }],
  [undefined, { messages: [{ content: [{ source: { type: 'base64', data: 'x' } }] }] }],
  [undefined, { audio: { voice: 'alloy', format: 'wav' }, metadata: { file_id: 'f' } }],
])('an answer is %s by %j', (depends, body) => {
  expect(asked(url, body as never, false).depends).toBe(depends);
});

test('Perplexity searches unless told not to', () => {
  const ask = (body: object) => describeAt('https://api.perplexity.ai/chat/completions', { messages, ...body });
  expect(ask({ model: 'sonar' })).toHaveProperty('depends', 'live');
  expect(ask({ model: 'sonar', disable_search: true })).not.toHaveProperty('depends');
});
