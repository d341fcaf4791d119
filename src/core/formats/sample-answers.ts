import { type Follower, follow } from './follow.ts';
import type { Format } from './format.ts';
import { formats } from './index.ts';
import type { FormatName } from './paths.ts';

/** Answers written by hand after the providers' documentation, for the tests. */

/** An SSE stream of `data:` events; objects as JSON, strings as they stand. */
export function dataEvents(...events: (object | string)[]): string {
  return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
}

/** An SSE stream whose events are named by the `type` in their data. */
export function namedEvents(...events: { type: string }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

export function jsonLines(...lines: object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** An answer with what is known beside its bytes. */
export interface Answer {
  readonly format: FormatName;
  readonly url: string;
  readonly contentType: string;
  readonly text: string;
  readonly length?: string;
}

export const sse = 'text/event-stream; charset=utf-8';

/** One complete stream of every format, none with an error, each ending with its proof. */
export const wholeStreams: Readonly<Record<string, Answer>> = {
  'openai-chat': {
    format: 'openai-chat',
    url: 'https://api.example/v1/chat/completions',
    contentType: sse,
    text: dataEvents(
      { model: 'm-1', choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
      { model: 'm-1', choices: [{ index: 0, delta: { content: 'Té😀' }, finish_reason: null }] },
      { model: 'm-1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { model: 'm-1', choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } },
      '[DONE]',
    ),
  },
  'openai-chat, two choices': {
    format: 'openai-chat',
    url: 'https://api.example/v1/chat/completions',
    contentType: sse,
    text: dataEvents(
      { model: 'm-1', choices: [{ index: 0, delta: { content: 'a' } }] },
      { model: 'm-1', choices: [{ index: 1, delta: { content: 'b' } }] },
      { model: 'm-1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { model: 'm-1', choices: [{ index: 1, delta: {}, finish_reason: 'length' }] },
      '[DONE]',
    ),
  },
  'openai-responses': {
    format: 'openai-responses',
    url: 'https://api.example/v1/responses',
    contentType: sse,
    text: namedEvents(
      { type: 'response.created', response: { status: 'in_progress', model: 'm-1', output: [] } } as never,
      { type: 'response.output_text.delta', delta: 'Teal' } as never,
      {
        type: 'response.completed',
        response: { status: 'completed', model: 'm-1', error: null, usage: { input_tokens: 5, output_tokens: 2 } },
      } as never,
    ),
  },
  anthropic: {
    format: 'anthropic',
    url: 'https://api.example/v1/messages',
    contentType: sse,
    text: namedEvents(
      {
        type: 'message_start',
        message: { model: 'm-1', stop_reason: null, usage: { input_tokens: 5, output_tokens: 1 } },
      } as never,
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never,
      { type: 'ping' },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Té' } } as never,
      { type: 'content_block_stop', index: 0 } as never,
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } } as never,
      { type: 'message_stop' },
    ),
  },
  gemini: {
    format: 'gemini',
    url: 'https://api.example/v1beta/models/m:streamGenerateContent?alt=sse',
    contentType: 'text/event-stream',
    text: dataEvents(
      { candidates: [{ content: { parts: [{ text: 'Te' }] }, index: 0 }], modelVersion: 'm-1' },
      {
        candidates: [{ content: { parts: [{ text: 'al' }] }, finishReason: 'STOP', index: 0 }],
        usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2 },
        modelVersion: 'm-1',
      },
    ),
  },
  ollama: {
    format: 'ollama',
    url: 'http://localhost:11434/api/chat',
    contentType: 'application/x-ndjson',
    text: jsonLines(
      { model: 'm-1', message: { role: 'assistant', content: 'Te' }, done: false },
      { model: 'm-1', message: { role: 'assistant', content: 'ál' }, done: false },
      { model: 'm-1', message: { content: '' }, done: true, done_reason: 'stop', prompt_eval_count: 5, eval_count: 2 },
    ),
  },
  cohere: {
    format: 'cohere',
    url: 'https://api.cohere.com/v2/chat',
    contentType: sse,
    text: namedEvents(
      { type: 'message-start', delta: { message: { role: 'assistant' } } } as never,
      { type: 'content-delta', delta: { message: { content: { text: 'Teal' } } } } as never,
      {
        type: 'message-end',
        delta: { finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 5, output_tokens: 2 } } },
      } as never,
    ),
  },
  'cohere-v1': {
    format: 'cohere-v1',
    url: 'https://api.cohere.com/v1/chat',
    contentType: 'application/stream+json',
    text: jsonLines(
      { is_finished: false, event_type: 'stream-start', generation_id: 'g' },
      { is_finished: false, event_type: 'text-generation', text: 'Té' },
      {
        is_finished: true,
        event_type: 'stream-end',
        finish_reason: 'COMPLETE',
        response: { text: 'Té', meta: { tokens: { input_tokens: 5, output_tokens: 2 } } },
      },
    ),
  },
  'lm-studio': {
    format: 'lm-studio',
    url: 'http://localhost:1234/api/v1/chat',
    contentType: 'text/event-stream',
    text: namedEvents(
      { type: 'chat.start', model_instance_id: 'm-1' } as never,
      { type: 'message.delta', content: 'Té' } as never,
      {
        type: 'chat.end',
        result: { model_instance_id: 'm-1', output: [], stats: { input_tokens: 5, total_output_tokens: 2 } },
      } as never,
    ),
  },
  'ui-message': {
    format: 'ui-message',
    url: 'https://app.example/api/chat',
    contentType: 'text/event-stream',
    text: dataEvents(
      { type: 'start', messageId: 'msg-1' },
      { type: 'text-delta', id: 't', delta: 'Té😀' },
      { type: 'finish', finishReason: 'stop' },
      '[DONE]',
    ),
  },
  'openai-chat of a host that sends no [DONE]': {
    format: 'openai-chat',
    url: 'https://api.perplexity.ai/chat/completions',
    contentType: sse,
    text: dataEvents(
      { model: 'm-1', choices: [{ index: 0, delta: { content: 'Te' }, finish_reason: null }] },
      {
        model: 'm-1',
        usage: { prompt_tokens: 5, completion_tokens: 2 },
        choices: [{ index: 0, delta: { content: 'al' }, finish_reason: 'stop' }],
      },
    ),
  },
  'a drawn image': {
    format: 'openai-plain',
    url: 'https://api.example/v1/images/generations',
    contentType: sse,
    text: namedEvents(
      { type: 'image_generation.partial_image', b64_json: 'iV' } as never,
      { type: 'image_generation.completed', b64_json: 'iVBO' } as never,
    ),
  },
  'spoken text': {
    format: 'openai-plain',
    url: 'https://api.example/v1/audio/speech',
    contentType: sse,
    text: dataEvents({ type: 'speech.audio.delta', audio: 'iV' }, { type: 'speech.audio.done' }),
  },
  transcription: {
    format: 'openai-plain',
    url: 'https://api.example/v1/audio/transcriptions',
    contentType: sse,
    text: dataEvents(
      { type: 'transcript.text.delta', delta: 'Te' },
      { type: 'transcript.text.done', text: 'Teal', usage: { input_tokens: 5, output_tokens: 2 } },
      '[DONE]',
    ),
  },
  "an app's own endpoint": {
    format: 'generic',
    url: 'https://app.example/api/ask',
    contentType: sse,
    text: dataEvents({ type: 'text-delta', delta: 'Teal' }, { type: 'finish' }),
  },
};

export function followerOf({ format, url, contentType, length = '' }: Answer): Follower {
  const follower = follow(formats[format] as Format, new URL(url), contentType, length === '' ? null : length);
  if (!follower) throw new Error(`${contentType} proves nothing in ${format}`);
  return follower;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** What an answer proves, given in one piece and ended, with what was seen in it. */
export function judge(answer: Answer) {
  const follower = followerOf(answer);
  const bytes = bytesOf(answer.text);
  follower.push(bytes);
  const verdict = follower.end(() => bytes);
  return { verdict, evidence: follower.evidence };
}

/** A verdict in one word: `complete`, or the reason why not. */
export function wordOf(answer: Answer): string {
  const { verdict } = judge(answer);
  return verdict.complete ? 'complete' : verdict.reason;
}
