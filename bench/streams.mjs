// Whole answers of a given size in every framing, in the pieces their providers send: one event, line or frame a token.

import { crc32 } from 'node:zlib';

const WORDS = 'The narrator goes on for as long as anybody listens and says “it depends” in short, plain sentences. ';
const TOKENS = WORDS.match(/\s?\S+/g);
/** Bytes of a network packet: the pieces of what has no events of its own. */
const PACKET = 1400;
const SSE = 'text/event-stream; charset=utf-8';
const JSON_TYPE = 'application/json';

/**
 * Complete answers by name, each of about so many bytes: format, URL, content type, and the bytes in pieces. `to` are
 * the shapes it is converted to.
 */
export function answersOf(bytes) {
  return {
    'openai-chat': {
      title: 'OpenAI chat, SSE',
      url: 'https://api.openai.com/v1/chat/completions',
      format: 'openai-chat',
      type: SSE,
      to: ['json', 'stream'],
      pieces: chat(bytes),
    },
    'openai-responses': {
      title: 'OpenAI responses, SSE',
      url: 'https://api.openai.com/v1/responses',
      format: 'openai-responses',
      type: SSE,
      to: ['json'],
      pieces: responses(bytes),
    },
    anthropic: {
      title: 'Anthropic, SSE',
      url: 'https://api.anthropic.com/v1/messages',
      format: 'anthropic',
      type: SSE,
      to: ['json'],
      pieces: messages(bytes, named),
    },
    gemini: {
      title: 'Gemini, SSE with CRLF',
      url: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
      format: 'gemini',
      type: 'text/event-stream',
      to: ['json', 'array'],
      pieces: geminiStream(bytes, (chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`),
    },
    'gemini-array': {
      title: 'Gemini, JSON array',
      url: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent',
      format: 'gemini',
      type: JSON_TYPE,
      to: ['json', 'stream'],
      pieces: geminiArray(bytes),
    },
    ollama: {
      title: 'Ollama, NDJSON',
      url: 'http://localhost:11434/api/chat',
      format: 'ollama',
      type: 'application/x-ndjson',
      to: ['json'],
      pieces: ollama(bytes),
    },
    cohere: {
      title: 'Cohere v2, SSE',
      url: 'https://api.cohere.com/v2/chat',
      format: 'cohere',
      type: SSE,
      to: ['json'],
      pieces: cohere(bytes),
    },
    'bedrock-converse': {
      title: 'Bedrock converse, binary',
      url: 'https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse-stream',
      format: 'bedrock',
      type: 'application/vnd.amazon.eventstream',
      to: [],
      pieces: converse(bytes),
    },
    'bedrock-invoke': {
      title: 'Bedrock invoke (Claude), binary',
      url: 'https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude/invoke-with-response-stream',
      format: 'bedrock',
      type: 'application/vnd.amazon.eventstream',
      to: [],
      pieces: invoke(bytes),
    },
    'chat-json': {
      title: 'OpenAI chat, JSON body',
      url: 'https://api.openai.com/v1/chat/completions',
      format: 'openai-chat',
      type: JSON_TYPE,
      to: ['stream', 'stream+usage'],
      pieces: packets(chatBody(bytes)),
    },
    'gemini-image': {
      title: 'Gemini, SSE, one event with an image',
      url: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash-image:streamGenerateContent?alt=sse',
      format: 'gemini',
      type: 'text/event-stream',
      to: ['json'],
      pieces: packets(`data: ${geminiImage(bytes)}\r\n\r\n`),
    },
  };
}

/**
 * An answer in pieces: `begin`, then a piece for each token until there are so many bytes, then `end`. `write` makes a piece
 * of an event; `one` gets the token and its number, `end` all that was said and the number of tokens.
 */
function grow(bytes, write, begin, one, end) {
  const pieces = begin.map(write);
  let size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  let said = '';
  for (let count = 0; ; count++) {
    if (size >= bytes) return [...pieces, ...end(said, count).map(write)];
    const token = TOKENS[count % TOKENS.length];
    const piece = write(one(token, count));
    said += token;
    size += piece.length;
    pieces.push(piece);
  }
}

function data(event) {
  return `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`;
}

function named(event) {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function packets(text) {
  const pieces = [];
  for (let at = 0; at < text.length; at += PACKET) pieces.push(text.slice(at, at + PACKET));
  return pieces;
}

function chat(bytes) {
  const chunk = (choices, usage = null) => ({
    id: 'chatcmpl-Bq1mUxS0tHk2vR7yWc9pLZ4aJ3Nd',
    object: 'chat.completion.chunk',
    created: 1760000000,
    model: 'gpt-4o-mini-2024-07-18',
    service_tier: 'default',
    system_fingerprint: 'fp_34a54ae93c',
    choices,
    usage,
    obfuscation: 'bxkOqTz',
  });
  const choice = (delta, finish_reason = null) => ({ index: 0, delta, logprobs: null, finish_reason });
  return grow(
    bytes,
    data,
    [chunk([choice({ role: 'assistant', content: '', refusal: null })])],
    (content) => chunk([choice({ content })]),
    (_said, count) => [
      chunk([choice({}, 'stop')]),
      chunk([], { prompt_tokens: 430, completion_tokens: count, total_tokens: 430 + count }),
      '[DONE]',
    ],
  );
}

function chatBody(bytes) {
  return JSON.stringify({
    id: 'chatcmpl-Bq1mUxS0tHk2vR7yWc9pLZ4aJ3Nd',
    object: 'chat.completion',
    created: 1760000000,
    model: 'gpt-4o-mini-2024-07-18',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: WORDS.repeat(bytes / WORDS.length), refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 430, completion_tokens: 9000, total_tokens: 9430 },
    service_tier: 'default',
    system_fingerprint: 'fp_34a54ae93c',
  });
}

function responses(bytes) {
  const id = 'resp_68f0c1';
  const response = {
    id,
    object: 'response',
    created_at: 1760000000,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model: 'gpt-4o-mini-2024-07-18',
    output: [],
    parallel_tool_calls: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tools: [],
    usage: null,
  };
  const at = { item_id: 'msg_68f0c2', output_index: 0, content_index: 0 };
  const item = { id: at.item_id, type: 'message', status: 'in_progress', content: [], role: 'assistant' };
  const part = { type: 'output_text', annotations: [], logprobs: [], text: '' };
  let sequence_number = 0;
  return grow(
    bytes,
    (event) => named({ ...event, sequence_number: sequence_number++ }),
    [
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.content_part.added', ...at, part },
    ],
    (delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [], obfuscation: 'bxkOqTzLsPw' }),
    (text, count) => {
      const wholePart = { ...part, text };
      const whole = { ...item, status: 'completed', content: [wholePart] };
      const usage = { input_tokens: 430, output_tokens: count, total_tokens: 430 + count };
      return [
        { type: 'response.output_text.done', ...at, text, logprobs: [] },
        { type: 'response.content_part.done', ...at, part: wholePart },
        { type: 'response.output_item.done', output_index: 0, item: whole },
        { type: 'response.completed', response: { ...response, status: 'completed', output: [whole], usage } },
      ];
    },
  );
}

function messages(bytes, write) {
  const usage = { input_tokens: 430, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 };
  const message = {
    id: 'msg_01Bq1mUxS0tHk2',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-4-5-20251001',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  return grow(
    bytes,
    write,
    [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
    ],
    (text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    (_said, count) => [
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { ...usage, output_tokens: count },
      },
      { type: 'message_stop' },
    ],
  );
}

function geminiChunk(parts, count, more = {}) {
  return {
    candidates: [{ content: { parts, role: 'model' }, ...more, index: 0 }],
    usageMetadata: {
      promptTokenCount: 430,
      candidatesTokenCount: count,
      totalTokenCount: 430 + count,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 430 }],
    },
    modelVersion: 'gemini-2.5-flash',
    responseId: 'Bq1mUxS0tHk2vR7',
  };
}

/** Gemini sends about a sentence at a time. */
function geminiStream(bytes, write) {
  const sentence = WORDS.trimEnd();
  return grow(
    bytes,
    write,
    [],
    (_token, count) => geminiChunk([{ text: ` ${sentence}` }], 20 * (count + 1)),
    (_said, count) => [geminiChunk([{ text: ' The end.' }], 20 * count + 3, { finishReason: 'STOP' })],
  );
}

function geminiArray(bytes) {
  const elements = geminiStream(bytes, (chunk) => `,\r\n${JSON.stringify(chunk)}`);
  return [`[${elements[0].slice(3)}`, ...elements.slice(1), ']'];
}

function geminiImage(bytes) {
  const image = 'iVBORw0KGgoAAAANSUhEUgAA'.repeat(bytes / 24);
  return JSON.stringify(
    geminiChunk([{ inlineData: { mimeType: 'image/png', data: image } }], 1290, { finishReason: 'STOP' }),
  );
}

function ollama(bytes) {
  const line = (content, more) => ({
    model: 'llama3.2',
    created_at: '2026-01-01T00:00:00.123456789Z',
    message: { role: 'assistant', content },
    ...more,
  });
  return grow(
    bytes,
    (event) => `${JSON.stringify(event)}\n`,
    [],
    (token) => line(token, { done: false }),
    (_said, eval_count) => [
      line('', { done: true, done_reason: 'stop', total_duration: 9e11, prompt_eval_count: 430, eval_count }),
    ],
  );
}

function cohere(bytes) {
  const delta = (content) => ({ message: { content } });
  const begun = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };
  return grow(
    bytes,
    (event) => (typeof event === 'string' ? data(event) : named(event)),
    [
      { id: '2b6e2a47-1d0b', type: 'message-start', delta: { message: begun } },
      { type: 'content-start', index: 0, delta: delta({ type: 'text', text: '' }) },
    ],
    (text) => ({ type: 'content-delta', index: 0, delta: delta({ text }) }),
    (_said, count) => [
      { type: 'content-end', index: 0 },
      {
        type: 'message-end',
        delta: {
          finish_reason: 'COMPLETE',
          usage: {
            billed_units: { input_tokens: 430, output_tokens: count },
            tokens: { input_tokens: 500, output_tokens: count },
          },
        },
      },
      '[DONE]',
    ],
  );
}

function converse(bytes) {
  const at = { contentBlockIndex: 0 };
  return grow(
    bytes,
    ([name, payload]) => frame(name, payload),
    [['messageStart', { role: 'assistant', p: 'abcdefghijkl' }]],
    (text) => ['contentBlockDelta', { ...at, delta: { text }, p: 'abcdefghijklmnopqrst' }],
    (_said, count) => [
      ['contentBlockStop', { ...at, p: 'abcdefg' }],
      ['messageStop', { stopReason: 'end_turn', p: 'abcdefghijk' }],
      [
        'metadata',
        {
          usage: { inputTokens: 430, outputTokens: count, totalTokens: 430 + count },
          metrics: { latencyMs: 9000 },
          p: 'abc',
        },
      ],
    ],
  );
}

function invoke(bytes) {
  return messages(bytes, (event) =>
    frame('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcdefghijklmnopqrst' }),
  );
}

/** One frame of Amazon's event stream. */
function frame(name, payload) {
  const header = (key, value) => {
    const head = Buffer.from([key.length, ...Buffer.from(key), 7, 0, value.length]);
    return Buffer.concat([head, Buffer.from(value)]);
  };
  const headers = Buffer.concat([
    header(':event-type', name),
    header(':content-type', 'application/json'),
    header(':message-type', 'event'),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(12 + headers.length + body.length + 4, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const framed = Buffer.concat([prelude, headers, body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(framed));
  return Buffer.concat([framed, checksum]);
}
