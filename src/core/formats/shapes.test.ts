import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formats } from './index.ts';
import { type FormatName, namedFormat } from './paths.ts';
import { isDelivery, questionPath, shapeOf, sourceShapes } from './shapes.ts';

const chat = 'https://api.example/v1/chat/completions';
const gemini = 'https://api.example/v1beta/models/m';
const vertex = 'https://api.example/v1/projects/p/locations/l/publishers/anthropic/models/m';
const known = ['json', 'stream', 'stream+usage', 'array'];

function shapeAt(url: string, body: object = {}, format = namedFormat(new URL(url))) {
  return shapeOf(format, new URL(url), body as never);
}

test.each<[string, string, object]>([
  ['json', chat, {}],
  ['json', chat, { stream: false }],
  ['json', chat, { stream: false, stream_options: null }],
  ['stream', chat, { stream: true }],
  ['stream', chat, { stream: true, stream_options: null }],
  ['stream', chat, { stream: true, stream_options: {} }],
  ['stream', chat, { stream: true, stream_options: { include_usage: false } }],
  ['stream+usage', chat, { stream: true, stream_options: { include_usage: true } }],
  ['stream', 'https://api.example/v1/completions', { stream: true }],
  ['json', 'https://api.example/v1/responses', {}],
  ['stream', 'https://api.example/v1/responses', { stream: true }],
  ['json', 'https://api.example/v1/messages', {}],
  ['stream', 'https://api.example/v1/messages', { stream: true }],
  ['json', `${vertex}:rawPredict`, {}],
  ['stream', `${vertex}:streamRawPredict`, { stream: true }],
  ['json', `${gemini}:generateContent`, {}],
  ['stream', `${gemini}:streamGenerateContent?alt=sse`, {}],
  ['stream', `${gemini}%3AstreamGenerateContent?key=k&alt=sse`, {}],
  ['array', `${gemini}:streamGenerateContent`, {}],
  ['array', `${gemini}:streamGenerateContent?$alt=json;enum-encoding=int`, {}],
  ['json', `${gemini}:embedContent`, {}],
  ['stream', 'http://localhost:11434/api/chat', {}],
  ['stream', 'http://localhost:11434/api/generate', { stream: true }],
  ['json', 'http://localhost:11434/api/chat', { stream: false }],
  ['json', 'http://localhost:11434/api/embed', {}],
  ['json', 'http://localhost:11434/api/embeddings', {}],
  ['json', 'https://api.cohere.com/v2/chat', {}],
  // The APIs' own word for the default.
  ['json', chat, { stream: null, stream_options: null }],
  ['stream', 'http://localhost:11434/api/chat', { stream: null }],
  ['stream', 'https://api.cohere.com/v2/chat', { stream: true }],
])('the shape is %s at %s for %j', (shape, url, body) => {
  expect(shapeAt(url, body)).toBe(shape);
});

test.each<[string, object]>([
  [chat, { stream: 'true' }],
  [chat, { stream: 1 }],
  [chat, { stream: true, stream_options: { include_usage: true, include_obfuscation: false } }],
  [chat, { stream: true, stream_options: [] }],
  [chat, { stream: false, stream_options: { include_usage: true } }],
  ['https://api.example/v1/responses', { stream: true, stream_options: { include_usage: true } }],
  ['https://api.example/v1/responses', { stream: true, stream_options: { include_obfuscation: false } }],
  ['https://api.example/v1/messages', { stream: true, stream_options: { include_usage: true } }],
  [`${vertex}:rawPredict`, { stream: true }],
  [`${vertex}:streamRawPredict`, {}],
  [`${gemini}:generateContent?alt=sse`, {}],
  [`${gemini}:generateContent?alt=json`, {}],
  [`${gemini}:streamGenerateContent?alt=media`, {}],
  ['https://api.example/v1/embeddings', {}],
  ['https://api.example/v1/embeddings', { stream: true }],
  ['https://api.cohere.com/v1/chat', { stream: true }],
  ['http://localhost:1234/api/v1/chat', { stream: true }],
  ['https://b.example/model/m/converse', {}],
  ['https://app.example/ask', { stream: true }],
])('what is not known is a shape of its own, which nothing is converted to or from: %s for %j', (url, body) => {
  const shape = shapeAt(url, body);
  expect(known).not.toContain(shape);
  expect(sourceShapes(namedFormat(new URL(url)), new URL(url), shape)).toEqual([]);
});

test('two ways to deliver never have one shape, unless it is the same thing said in two ways', () => {
  const value = fc.constantFrom(
    undefined,
    null,
    true,
    false,
    'true',
    1,
    {},
    { include_usage: true },
    { include_usage: 1 },
  );
  const said = fc.record({ stream: value, stream_options: value });
  const streams = (body: { stream?: unknown; stream_options?: unknown }) => {
    const { stream, stream_options: options } = body;
    const usage = (options as { include_usage?: unknown } | undefined)?.include_usage ?? false;
    return JSON.stringify([stream ?? false, usage === false || usage === true ? usage : options]);
  };
  fc.assert(
    fc.property(said, said, (one, other) => {
      if (streams(one) !== streams(other)) expect(shapeAt(chat, one)).not.toBe(shapeAt(chat, other));
    }),
    { numRuns: 2000 },
  );
});

test.each<[FormatName, string, string, readonly string[]]>([
  ['openai-chat', chat, 'json', ['stream+usage', 'stream']],
  ['openai-chat', chat, 'stream', ['json', 'stream+usage']],
  ['openai-chat', chat, 'stream+usage', ['json', 'stream']],
  ['openai-responses', chat, 'stream', ['json']],
  ['openai-responses', chat, 'stream+usage', []],
  ['anthropic', chat, 'json', ['stream']],
  ['gemini', gemini, 'array', ['json', 'stream']],
  ['ollama', gemini, 'json', ['stream']],
  ['cohere', gemini, 'stream', ['json']],
  ['openai-plain', gemini, 'json', []],
  ['generic', gemini, 'stream', []],
])('an answer of %s at %s in the shape %s can be made from %j', (format, url, shape, others) => {
  expect(sourceShapes(format, new URL(url), shape)).toEqual(others);
});

test.each([
  'api.mistral.ai',
  'api.deepseek.com',
  'openrouter.ai',
  'api.x.ai',
  'api.groq.com',
  'api.perplexity.ai',
  'api.together.xyz',
  'api.fireworks.ai',
  'api.cerebras.ai',
  'api.z.ai',
  'ai-gateway.vercel.sh',
  'router.huggingface.co',
])('a stream of %s counts tokens unasked, so none is made for it', (host) => {
  const url = new URL(`https://${host}/v1/chat/completions`);
  expect(sourceShapes('openai-chat', url, 'stream')).toEqual([]);
  expect(sourceShapes('openai-chat', url, 'stream+usage')).toEqual([]);
  expect(sourceShapes('openai-chat', url, 'json')).toEqual(['stream+usage', 'stream']);
  expect(sourceShapes('anthropic', url, 'stream')).toEqual(['json']);
});

test.each(['notx.ai', 'x.ai.example', 'groq.com.example'])('a host with a like name is another: %s', (host) => {
  expect(sourceShapes('openai-chat', new URL(`https://${host}/v1/chat/completions`), 'stream')).not.toEqual([]);
});

test('every shape a format may be converted from is one it can be asked for', () => {
  for (const format of Object.keys(formats) as FormatName[])
    for (const shape of known)
      for (const other of sourceShapes(format, new URL(chat), shape))
        expect(sourceShapes(format, new URL(chat), other)).toContain(shape);
});

test.each<[FormatName, string, string]>([
  ['gemini', '/v1beta/models/m:streamGenerateContent', '/v1beta/models/m:generateContent'],
  ['gemini', '/v1beta/models/m%3AstreamGenerateContent', '/v1beta/models/m:generateContent'],
  ['gemini', '/v1beta/models/m:streamGenerateContent/', '/v1beta/models/m:generateContent/'],
  ['gemini', '/v1beta/models/m:embedContent', '/v1beta/models/m:embedContent'],
  ['gemini', '/v1beta/models/m:streamlined:generateContent', '/v1beta/models/m:streamlined:generateContent'],
  ['anthropic', '/models/m:streamRawPredict', '/models/m:rawPredict'],
  ['anthropic', '/v1/messages', '/v1/messages'],
  ['bedrock', '/model/m%3A0/converse', '/model/m:0/converse'],
  ['generic', '/a:streamGenerateContent', '/a:streamGenerateContent'],
])('the path of a question of %s at %s is %s', (format, path, question) => {
  expect(questionPath(format, new URL(path, 'https://api.example'))).toBe(question);
});

test('only Google’s `alt=sse` says no more than how to deliver', () => {
  expect(isDelivery('gemini', 'alt=sse')).toBe(true);
  for (const parameter of ['alt=json', 'alt=', 'alt', 'ALT=sse', '%61lt=sse', '$alt=sse'])
    expect(isDelivery('gemini', parameter), parameter).toBe(false);
  expect(isDelivery('generic', 'alt=sse')).toBe(false);
  expect(isDelivery('anthropic', 'alt=sse')).toBe(false);
});
