import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from './amazon-event-stream.ts';
import { bedrock } from './bedrock.ts';
import { follow } from './follow.ts';
import { bytesOf, judge } from './sample-answers.ts';

const url = new URL('https://bedrock-runtime.us-east-1.amazonaws.com/model/vendor.m-v1%3A0/converse-stream');

type Headers = Record<string, string>;

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function number(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function header(name: string, value: string): Uint8Array {
  return joined(bytesOf('x').fill(name.length), bytesOf(name), new Uint8Array([7, 0, value.length]), bytesOf(value));
}

/** One frame of Amazon's event stream. */
function frame(headers: Headers, payload: object | string): Uint8Array<ArrayBuffer> {
  const head = joined(...Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = bytesOf(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const prelude = joined(number(16 + head.length + body.length), number(head.length));
  const all = joined(prelude, number(crc32(prelude)), head, body);
  return joined(all, number(crc32(all)));
}

function event(name: string, payload: object): Uint8Array<ArrayBuffer> {
  return frame({ ':event-type': name, ':content-type': 'application/json', ':message-type': 'event' }, payload);
}

/** What a model itself sends, as `invoke-with-response-stream` wraps it. */
function chunk(inner: object): Uint8Array<ArrayBuffer> {
  return event('chunk', { bytes: btoa(String.fromCharCode(...bytesOf(JSON.stringify(inner)))), p: 'abcd' });
}

const start = event('messageStart', { role: 'assistant' });
const delta = event('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Té😀' }, p: 'abc' });
const stop = (stopReason = 'end_turn') => event('messageStop', { stopReason });
const usage = { inputTokens: 5, outputTokens: 2, totalTokens: 7, cacheReadInputTokens: 3 };
const metadata = event('metadata', { usage, metrics: { latencyMs: 7 } });
const exception = frame({ ':exception-type': 'throttlingException', ':message-type': 'exception' }, { message: 'x' });

const converse = joined(start, delta, stop(), metadata);
const metrics = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 5, outputTokenCount: 2 } };
const message = { model: 'claude-1', stop_reason: null, usage: { input_tokens: 5, output_tokens: 1 } };
const claude = joined(
  chunk({ type: 'message_start', message }),
  chunk({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Té😀' } }),
  chunk({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
  chunk({ type: 'message_stop', ...metrics }),
);

function followed(bytes: Uint8Array<ArrayBuffer>, cuts: readonly number[] = []) {
  const follower = follow(bedrock, url, 'application/vnd.amazon.eventstream', null);
  if (!follower) throw new Error('not followed');
  let from = 0;
  for (const to of [...[...cuts].sort((a, b) => a - b), bytes.length]) {
    follower.push(bytes.slice(from, to));
    from = to;
  }
  const soFar = follower.soFar();
  return { soFar, verdict: follower.end(() => bytes), evidence: follower.evidence };
}

function wordOf(...frames: readonly Uint8Array[]): string {
  const { verdict } = followed(joined(...frames));
  return verdict.complete ? 'complete' : verdict.reason;
}

test('crc32 gives the check value of the standard', () => {
  expect(crc32(bytesOf('123456789'))).toBe(0xcbf43926);
});

test.each<[string, string, Uint8Array[]]>([
  ['complete', 'converse', [converse]],
  ['complete', 'ended by its length', [start, stop('max_tokens'), metadata]],
  ['complete', 'frames nobody knows', [start, event('other', {}), stop(), metadata]],
  ['complete', 'a frame without payload', [start, frame({ ':message-type': 'event' }, ''), stop(), metadata]],
  ['truncated', 'no metadata', [start, delta, stop()]],
  ['truncated', 'no messageStop', [start, delta, metadata]],
  ['truncated', 'metadata before messageStop', [start, metadata, stop()]],
  ['truncated', 'nothing', []],
  ['error', 'an exception', [start, exception]],
  ['error', 'an exception at the end', [converse, exception]],
  ['error', 'an error', [converse, frame({ ':error-code': 'x', ':message-type': 'error' }, '')]],
  ['filtered', 'a guardrail', [start, stop('guardrail_intervened'), metadata]],
  ['filtered', 'a filter', [start, stop('content_filtered'), metadata]],
  ['malformed', 'the model’s output', [start, stop('malformed_tool_use'), metadata]],
  ['malformed', 'a payload that is no JSON', [frame({ ':message-type': 'event' }, '{'), converse]],
])('bedrock finds a converse stream %s: %s', (word, _what, frames) => {
  expect(wordOf(...frames)).toBe(word);
});

test.each<[string, string, Uint8Array[]]>([
  ['complete', 'Claude', [claude]],
  ['truncated', 'Claude without message_stop', [chunk({ type: 'message_delta', delta: { stop_reason: 'end_turn' } })]],
  ['truncated', 'Claude without a stop reason', [chunk({ type: 'message_stop', ...metrics })]],
  ['malformed', 'Claude started twice', [chunk({ type: 'message_start', message }), claude]],
  ['error', 'an error of Claude’s', [chunk({ type: 'error', error: {} }), claude]],
  ['complete', 'Llama', [chunk({ generation: 'a', stop_reason: null }), chunk({ stop_reason: 'stop', ...metrics })]],
  [
    'complete',
    'Claude 2',
    [
      chunk({ type: 'completion', stop_reason: null }),
      chunk({ type: 'completion', stop_reason: 'stop_sequence', ...metrics }),
    ],
  ],
  ['truncated', 'Claude 2 without metrics', [chunk({ type: 'completion', stop_reason: 'stop_sequence' })]],
  [
    'truncated',
    'Claude with metrics alone',
    [chunk({ type: 'message_start', message }), chunk({ type: 'message_stop', ...metrics })],
  ],
  ['complete', 'Titan', [chunk({ outputText: 'a', completionReason: 'FINISH', ...metrics })]],
  ['complete', 'Mistral', [chunk({ outputs: [{ text: 'a', stop_reason: 'stop' }], ...metrics })]],
  ['complete', 'Nova', [chunk({ messageStop: { stopReason: 'end_turn' } }), chunk({ metadata: {}, ...metrics })]],
  ['complete', 'GPT', [chunk({ choices: [{ finish_reason: 'stop' }] }), chunk({ choices: [], ...metrics })]],
  ['truncated', 'Llama without metrics', [chunk({ generation: 'a', stop_reason: 'stop' })]],
  ['truncated', 'metrics without a stop reason', [chunk({ generation: 'a', ...metrics })]],
  ['filtered', 'Titan', [chunk({ completionReason: 'CONTENT_FILTERED', ...metrics })]],
  ['malformed', 'no base64', [event('chunk', { bytes: '*' })]],
  ['malformed', 'no JSON', [event('chunk', { bytes: btoa('{') })]],
  ['truncated', 'an empty chunk', [event('chunk', { bytes: btoa('1') })]],
  ['error', 'an exception', [claude, exception]],
])('bedrock finds an invoked model’s stream %s: %s', (word, _what, frames) => {
  expect(wordOf(...frames)).toBe(word);
});

test('bedrock reads model and tokens, whose cached part Amazon counts beside the rest', () => {
  expect(followed(converse).evidence.tokens).toEqual({ input: 8, output: 2, cachedInput: 3 });
  expect(followed(claude).evidence).toMatchObject({ model: 'claude-1', tokens: { input: 5, output: 2 } });
  const llama = chunk({ stop_reason: 'stop', ...metrics });
  expect(followed(llama).evidence.tokens).toEqual({ input: 5, output: 2 });
});

describe.each([
  ['converse', converse],
  ['Claude', claude],
])('%s', (_name, whole) => {
  test('bedrock never finds a stream complete that is cut at any byte', () => {
    const found: number[] = [];
    for (let at = 0; at < whole.length; at++) {
      const { soFar, verdict } = followed(whole.slice(0, at));
      if (soFar.complete || verdict.complete) found.push(at);
    }
    expect(found).toEqual([]);
  });

  test('bedrock knows a stream complete when its last byte has come, and not while another frame has begun', () => {
    expect(followed(whole).soFar.complete).toBe(true);
    for (let at = 1; at < exception.length; at++)
      expect([at, followed(joined(whole, exception.slice(0, at))).verdict.complete]).toEqual([at, false]);
  });

  test('bedrock never finds a stream complete with a byte flipped anywhere', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const damaged = whole.slice();
        damaged[at] = (damaged[at] as number) ^ by;
        const { soFar, verdict } = followed(damaged);
        expect([soFar.complete, verdict.complete]).toEqual([false, false]);
        if (!verdict.complete) expect(verdict.reason).toMatch(/^(malformed|truncated)$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('bedrock gives the same verdict and evidence, however the bytes are cut', () => {
    const expected = followed(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 40 }), (cuts) => {
        expect(followed(whole, cuts)).toEqual(expected);
      }),
    );
    expect(followed(whole, [...whole.keys()])).toEqual(expected);
  });
});

test('bedrock never throws, whatever bytes come', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(followed(joined(bytes)).verdict.complete).toBe(false);
      followed(joined(converse, bytes));
    }),
  );
});

test.each<[string, string, object]>([
  ['complete', 'converse', { output: { message: {} }, stopReason: 'end_turn', usage }],
  ['truncated', 'converse without a stop reason', { output: { message: {} } }],
  ['filtered', 'converse', { output: { message: {} }, stopReason: 'guardrail_intervened' }],
  ['complete', 'Claude', { type: 'message', stop_reason: 'end_turn' }],
  ['truncated', 'Claude without a stop reason', { type: 'message', stop_reason: null }],
  ['filtered', 'Claude', { type: 'message', stop_reason: 'refusal' }],
  ['complete', 'Llama', { generation: 'a', stop_reason: 'stop' }],
  ['complete', 'embeddings', { embedding: [1], inputTextTokenCount: 2 }],
  ['error', 'an error', { error: 'x' }],
])('bedrock finds a JSON answer %s: %s', (word, _what, body) => {
  const text = JSON.stringify(body);
  const { verdict } = judge({ format: 'bedrock', url: url.href, contentType: 'application/json', text });
  expect(verdict.complete ? 'complete' : verdict.reason).toBe(word);
});

const messages = [{ role: 'user', content: [{ text: 'Hi' }] }];
const at = (path: string) => new URL(`https://bedrock-runtime.eu-west-1.amazonaws.com/model/${path}`);

test.each<[string, object, object]>([
  ['vendor.m-v1:0/converse', { messages }, { model: 'vendor.m-v1:0', stream: false }],
  ['vendor.m-v1%3A0/converse-stream', { messages }, { model: 'vendor.m-v1:0', stream: true }],
  ['vendor.m/invoke', { prompt: 'Hi' }, { model: 'vendor.m', stream: false }],
  ['vendor.m/invoke-with-response-stream', { prompt: 'Hi' }, { model: 'vendor.m', stream: true }],
  ['arn%3Aaws%3Abedrock%3A1%3Aprompt%2FAB%3A2/converse', {}, { model: 'arn:aws:bedrock:1:prompt/AB:2', stream: false }],
  ['arn%3Aaws%3Abedrock%3A1%3Aprompt%2FAB/converse', {}, { depends: 'stateful' }],
  [
    'm/converse',
    { messages, toolConfig: { tools: [{ systemTool: { name: 'nova_grounding' } }] } },
    { depends: 'live' },
  ],
  [
    'm/converse',
    { messages: [{ role: 'user', content: [{ image: { source: { s3Location: { uri: 's3://a/b' } } } }] }] },
    { depends: 'stateful' },
  ],
])('bedrock takes %s with %j as asking %j', (path, body, ask) => {
  expect(bedrock.describe(at(path), body as never)).toMatchObject(ask);
});

test('bedrock takes tools of the client’s for no reason', () => {
  const tools = [{ toolSpec: { name: 'web_search', inputSchema: { json: { file_id: 'x' } } } }];
  const used = [{ role: 'assistant', content: [{ toolUse: { name: 'f', input: { file_id: 'f-1' } } }] }];
  expect(bedrock.describe(at('m/converse'), { messages: used, toolConfig: { tools } })).toEqual({
    model: 'm',
    stream: false,
  });
});
