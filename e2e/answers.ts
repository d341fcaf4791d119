import type { Answer, Call } from './upstream.ts';

/** What a test asks a provider for. */
export interface Question {
  readonly prompt: string;
  readonly model?: string;
  readonly stream?: boolean;
  /** OpenAI's chat streams count tokens only when they are asked to. */
  readonly usage?: boolean;
}

/** A request as the page sends it. */
interface RequestParts {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** One provider's way to ask and to answer: small, valid, complete. */
export interface Provider {
  readonly name: string;
  /** Paths it answers at. */
  readonly paths: RegExp;
  /** `data-endpoints` a page needs for it, relative to the upstream's origin. */
  readonly endpoints?: string;
  request(question: Question): RequestParts;
  /** A whole JSON body that says `text`. */
  json(model: string, text: string): string;
  /** Pieces of a stream that says `text`; the last of them is what proves it whole. */
  stream(model: string, text: string, usage?: boolean): string[];
  readonly streamType: string;
}

const json = { 'content-type': 'application/json' };
const bearer = { ...json, authorization: 'Bearer sk-end-to-end' };

function halves(text: string): [string, string] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

function sse(data: object, event?: string): string {
  return `${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
}

const chatUsage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 };

export const openaiChat: Provider = {
  name: 'OpenAI chat',
  paths: /^\/v1\/chat\/completions$/,
  streamType: 'text/event-stream; charset=utf-8',
  request: ({ prompt, model = 'gpt-4o-mini', stream, usage }) => ({
    path: '/v1/chat/completions',
    headers: bearer,
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: prompt }],
      ...(stream && { stream }),
      ...(usage && { stream_options: { include_usage: true } }),
    }),
  }),
  json: (model, text) =>
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1760000000,
      model,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: text, refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: chatUsage,
    }),
  stream: (model, text, usage) => {
    const chunkOf = (choices: object[], counts: object | null) =>
      sse({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1760000000,
        model,
        choices,
        ...(usage && { usage: counts }),
      });
    const chunk = (delta: object, finish_reason: string | null) =>
      chunkOf([{ index: 0, delta, logprobs: null, finish_reason }], null);
    const [first, second] = halves(text);
    return [
      chunk({ role: 'assistant', content: '' }, null),
      chunk({ content: first }, null),
      chunk({ content: second }, null),
      chunk({}, 'stop'),
      ...(usage ? [chunkOf([], chatUsage)] : []),
      'data: [DONE]\n\n',
    ];
  },
};

const openaiResponses: Provider = {
  name: 'OpenAI responses',
  paths: /^\/v1\/responses$/,
  streamType: 'text/event-stream; charset=utf-8',
  request: ({ prompt, model = 'gpt-4o', stream }) => ({
    path: '/v1/responses',
    headers: bearer,
    body: JSON.stringify({ model, input: prompt, ...(stream && { stream }) }),
  }),
  json: (model, text) => JSON.stringify(responseObject(model, text)),
  stream: (model, text) => {
    const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const events = [
      { type: 'response.created', response: { ...responseObject(model, ''), status: 'in_progress', output: [] } },
      ...halves(text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
      { type: 'response.output_text.done', ...at, text, logprobs: [] },
      { type: 'response.completed', response: responseObject(model, text) },
    ];
    return events.map((event, sequence_number) => sse({ ...event, sequence_number }, event.type));
  },
};

function responseObject(model: string, text: string) {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1760000000,
    status: 'completed',
    error: null,
    incomplete_details: null,
    model,
    output: [
      {
        id: 'msg_1',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', annotations: [], logprobs: [], text }],
      },
    ],
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 12,
    },
  };
}

export const anthropic: Provider = {
  name: 'Anthropic',
  paths: /^\/v1\/messages$/,
  streamType: 'text/event-stream; charset=utf-8',
  request: ({ prompt, model = 'claude-haiku-4-5', stream }) => ({
    path: '/v1/messages',
    headers: { ...json, 'x-api-key': 'sk-ant-end-to-end', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model,
      max_tokens: 64,
      messages: [{ role: 'user', content: prompt }],
      ...(stream && { stream }),
    }),
  }),
  json: (model, text) => JSON.stringify(messageObject(model, [{ type: 'text', text }], 'end_turn', 5)),
  stream: (model, text) => [
    sse({ type: 'message_start', message: messageObject(model, [], null, 1) }, 'message_start'),
    sse({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, 'content_block_start'),
    ...halves(text).map((half) =>
      sse({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: half } }, 'content_block_delta'),
    ),
    sse({ type: 'content_block_stop', index: 0 }, 'content_block_stop'),
    sse(
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 5 } },
      'message_delta',
    ),
    sse({ type: 'message_stop' }, 'message_stop'),
  ],
};

function messageObject(model: string, content: object[], stop_reason: string | null, output_tokens: number) {
  return {
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason,
    stop_sequence: null,
    usage: { input_tokens: 12, output_tokens },
  };
}

export const gemini: Provider = {
  name: 'Gemini',
  paths: /^\/v1beta\/models\/[^/]+:(generateContent|streamGenerateContent)/,
  streamType: 'text/event-stream',
  request: ({ prompt, model = 'gemini-2.5-flash', stream }) => ({
    path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: { ...json, 'x-goog-api-key': 'end-to-end' },
    body: JSON.stringify({ contents: [{ parts: [{ text: prompt }], role: 'user' }] }),
  }),
  json: (model, text) => JSON.stringify(candidatesObject(model, text, 'STOP')),
  stream: (model, text) => {
    const [first, second] = halves(text);
    return [candidatesObject(model, first), candidatesObject(model, second, 'STOP')].map(
      (chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`,
    );
  },
};

function candidatesObject(model: string, text: string, finishReason?: string) {
  return {
    candidates: [{ content: { parts: [{ text }], role: 'model' }, ...(finishReason && { finishReason }), index: 0 }],
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 },
    modelVersion: model,
    responseId: 'r1',
  };
}

const ollama: Provider = {
  name: 'Ollama',
  paths: /^\/api\/chat$/,
  endpoints: '/api/*',
  streamType: 'application/x-ndjson',
  request: ({ prompt, model = 'llama3.2', stream = false }) => ({
    path: '/api/chat',
    headers: json,
    body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }], stream }),
  }),
  json: (model, text) => lastLine(model, text),
  stream: (model, text) => [...halves(text).map((half) => line(model, half)), `${lastLine(model, '')}\n`],
};

function line(model: string, content: string): string {
  const created_at = '2026-01-01T00:00:00Z';
  return `${JSON.stringify({ model, created_at, message: { role: 'assistant', content }, done: false })}\n`;
}

function lastLine(model: string, content: string): string {
  return JSON.stringify({
    model,
    created_at: '2026-01-01T00:00:01Z',
    message: { role: 'assistant', content },
    done: true,
    done_reason: 'stop',
    total_duration: 900000000,
    prompt_eval_count: 14,
    eval_count: 2,
  });
}

export const providers: readonly Provider[] = [openaiChat, openaiResponses, anthropic, gemini, ollama];

/** A whole answer of a provider. */
export function answerOf(provider: Provider, question: Question, text: string): Exclude<Answer, 'gone'> {
  const model = question.model ?? 'a-model';
  if (!question.stream) {
    const body = provider.json(model, text);
    const length = String(Buffer.byteLength(body));
    return { headers: { 'content-type': 'application/json', 'content-length': length }, chunks: [body] };
  }
  return { headers: { 'content-type': provider.streamType }, chunks: provider.stream(model, text, question.usage) };
}

/**
 * Answers every provider's call in the shape it asks for, each call with another text: equal bytes can only be the same
 * answer.
 */
export function freshAnswers(call: Call): Answer {
  const provider = providers.find(({ paths }) => paths.test(call.path));
  if (call.method !== 'POST' || !provider) return failure(404, 'Not found');
  const question = readQuestion(provider, call);
  if (!question) return failure(400, 'The body is not JSON');
  return answerOf(provider, question, `Ünïque answer ${call.number} 🎵`);
}

/** An error as OpenAI words it. */
export function failure(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...json, ...headers }, chunks: [JSON.stringify({ error: { message } })] };
}

function readQuestion(provider: Provider, call: Call): Question | undefined {
  let body: { model?: string; stream?: boolean; stream_options?: { include_usage?: boolean } };
  try {
    body = JSON.parse(call.body.toString());
  } catch {
    return undefined;
  }
  const model = body.model ?? /\/models\/([^:]+):/.exec(call.path)?.[1] ?? 'a-model';
  if (provider === gemini) return { prompt: '', model, stream: call.path.includes(':stream') };
  const usage = body.stream_options?.include_usage === true;
  return { prompt: '', model, stream: provider === ollama ? body.stream !== false : body.stream === true, usage };
}

/** The bytes of an answer's body, as the page reports them. */
export function bytesOf(answer: Answer): string {
  if (answer === 'gone') return '';
  return Buffer.concat((answer.chunks ?? []).map((chunk) => Buffer.from(chunk))).toString('latin1');
}
