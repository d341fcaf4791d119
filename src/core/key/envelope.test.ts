import { expect, test } from 'vitest';
import { formats } from '../formats/index.ts';
import { canonicalJson } from './canonical-json.ts';
import { compileEnvelope } from './envelope.ts';

function canonicalText(body: unknown, pointers: readonly string[], ignore: readonly string[] = []): string {
  const canonical = canonicalJson(JSON.stringify(body), compileEnvelope(pointers, ignore));
  if ('raw' in canonical) throw new Error(canonical.raw);
  return canonical.text;
}

test('compileEnvelope gives nothing to walk beside, when nothing is named', () => {
  expect(compileEnvelope([], [])).toBeUndefined();
});

test.each(['stream', 'stream_options', 'keep_alive', 'prompt_cache_key', 'prompt_cache_retention', 'cache_control'])(
  'compileEnvelope leaves %s out of the root',
  (name) => {
    expect(canonicalText({ [name]: 1, model: 'm' }, [''])).toBe('{"model":"m"}');
  },
);

test.each([
  'user',
  'metadata',
  'service_tier',
  'speed',
  'seed',
  'store',
  'safety_identifier',
  'streams',
  'prompt_cache',
  'Stream',
  'n',
  'reasoning_effort',
  'provider',
])('compileEnvelope keeps %s in the root', (name) => {
  expect(canonicalText({ [name]: 1 }, [''])).toBe(`{"${name}":1}`);
});

test('compileEnvelope leaves out below the root only what no provider reads for its answer', () => {
  const message = { cache_control: {}, prompt_cache_breakpoint: true, stream: 1, keep_alive: 1 };
  expect(canonicalText({ messages: [message] }, ['', '/messages/*'])).toBe(
    '{"messages":[{"keep_alive":1,"stream":1}]}',
  );
});

test('compileEnvelope leaves nothing out of an object that is no part of the envelope', () => {
  const body = { options: { cache_control: 1, stream: 2 } };
  expect(canonicalText(body, [''])).toBe(JSON.stringify(body));
});

test('compileEnvelope sorts the objects named, and none on the way to them', () => {
  const body = { b: { d: { z: 1, y: 2 }, c: 0 }, a: 1 };
  expect(canonicalText(body, ['/b/d'])).toBe('{"b":{"d":{"y":2,"z":1},"c":0},"a":1}');
});

test('compileEnvelope drops what data-ignore names, at any depth', () => {
  const body = { id: 1, messages: [{ id: 2, text: 'Hi', parts: [{ id: 3 }] }], trigger: 'submit' };
  expect(canonicalText(body, [], ['/id', '/messages/*/id', '/trigger'])).toBe(
    '{"messages":[{"text":"Hi","parts":[{"id":3}]}]}',
  );
});

test('compileEnvelope drops one element’s member, when data-ignore names its index', () => {
  const body = { messages: [{ id: 1 }, { id: 2 }] };
  expect(canonicalText(body, [], ['/messages/0/id'])).toBe('{"messages":[{},{"id":2}]}');
  expect(canonicalText(body, ['', '/messages/*'], ['/messages/0/id'])).toBe('{"messages":[{},{"id":2}]}');
});

test('compileEnvelope drops every member, when data-ignore ends in *', () => {
  expect(canonicalText({ telemetry: { a: 1, b: 2 }, q: 1 }, [], ['/telemetry/*'])).toBe('{"telemetry":{},"q":1}');
});

test('compileEnvelope keeps source order, when only data-ignore names objects', () => {
  expect(canonicalText({ b: { d: 1, c: 2, x: 3 }, a: 1 }, [], ['/b/x'])).toBe('{"b":{"d":1,"c":2},"a":1}');
});

test('compileEnvelope reads the escapes of a JSON Pointer (RFC 6901 §4)', () => {
  const body = { 'a/b': 1, 'c~d': 2, '~1': 3, e: 4 };
  expect(canonicalText(body, [], ['/a~1b', '/c~0d', '/~01'])).toBe('{"e":4}');
});

test('compileEnvelope follows data-ignore under tools, where nothing else is left out', () => {
  const body = { tools: [{ id: 1, name: 'f', cache_control: {} }] };
  expect(canonicalText(body, [''], ['/tools/*/id'])).toBe('{"tools":[{"name":"f","cache_control":{}}]}');
});

test.each(Object.values(formats))(
  'the envelope of $name holds no tools, no schema and no response format',
  (format) => {
    const keepsOrder =
      /tools(?!\/\*\/cache_control)|schema|format|parameters|properties|function_call|arguments|\/input$|logit_bias/i;
    expect(format.envelope.filter((pointer) => keepsOrder.test(pointer))).toEqual([]);
  },
);
