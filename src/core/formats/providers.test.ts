import { describe, expect, test } from 'vitest';
import { knownFormat } from './paths.ts';
import { type Answer, dataEvents, jsonLines, judge, namedEvents, sse, wordOf } from './sample-answers.ts';

/** What the many who speak one language do differently, each at its own address. */

function at(url: string, text: string, contentType = sse): Answer {
  const format = knownFormat(new URL(url));
  if (!format) throw new Error(`${url} is not known`);
  return { format, url, contentType, text };
}

const jsonAt = (url: string, body: object) => at(url, JSON.stringify(body), 'application/json');
const withCrlf = (text: string) => text.replaceAll('\n', '\r\n');

const chunk = (delta: object, more: object = {}) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  model: 'm-1',
  choices: [{ index: 0, delta, finish_reason: null }],
  ...more,
});
const ended = (finish_reason = 'stop', more: object = {}) => ({
  ...chunk({}),
  choices: [{ index: 0, delta: {}, finish_reason }],
  ...more,
});
const said = chunk({ role: 'assistant', content: 'Teal' });
const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
const counted = { ...chunk({}), choices: [], usage };
const named = (...events: object[]) => namedEvents(...(events as { type: string }[]));

const openai = 'https://api.openai.com/v1/chat/completions';
const azure = 'https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21';
const openrouter = 'https://openrouter.ai/api/v1/chat/completions';
const groq = 'https://api.groq.com/openai/v1/chat/completions';
const vertex = 'https://aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/m';
const mantle = 'https://bedrock-mantle.us-east-1.api.aws/openai/v1/responses';
const tokens = { input: 5, output: 2 };

const response = {
  status: 'completed',
  model: 'm-1',
  error: null,
  output: [],
  usage: { input_tokens: 5, output_tokens: 2 },
};
const completed = { type: 'response.completed', response };
const part = { candidates: [{ content: { parts: [{ text: 'Te' }] }, index: 0 }], modelVersion: 'm-1' };
const lastPart = {
  candidates: [{ content: { parts: [{ text: 'al' }] }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 },
  modelVersion: 'm-1',
  responseId: 'r',
};
const claude = [
  { type: 'message_start', message: { model: 'm-1', usage: { input_tokens: 5, output_tokens: 1 } } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Teal' } },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
  { type: 'message_stop' },
];

/** Whole answers, each with the text that must come for it to be whole: without it the answer is cut. */
const wholes: Record<string, [answer: Answer, needed: string]> = {
  'OpenAI, with usage': [at(openai, dataEvents(said, ended(), counted, '[DONE]')), '[DONE]'],
  'OpenAI, with moderation after the usage': [
    at(openai, dataEvents(said, ended(), counted, { ...counted, usage: null, moderation: {} }, '[DONE]')),
    '[DONE]',
  ],
  'OpenAI, chunks without choices': [
    at(openai, dataEvents({ id: 'c', model: 'm-1' }, said, ended(), { id: 'c', usage }, '[DONE]')),
    '"finish_reason":"stop"',
  ],
  'legacy completions': [
    at(
      'https://api.openai.com/v1/completions',
      dataEvents(
        { model: 'm-1', choices: [{ index: 0, text: 'Teal', finish_reason: null }] },
        { model: 'm-1', choices: [{ index: 0, text: '', finish_reason: 'length' }], usage },
        '[DONE]',
      ),
    ),
    '[DONE]',
  ],
  'Azure, whose first chunk is empty': [
    at(
      azure,
      dataEvents(
        { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: [{ prompt_index: 0 }] },
        said,
        ended('stop', { choices: [{ index: 0, delta: {}, finish_reason: 'stop', content_filter_results: {} }] }),
        { ...counted, choices: [{ index: 0, finish_reason: null, content_filter_offsets: {} }] },
        '[DONE]',
      ),
    ),
    '[DONE]',
  ],
  Mistral: [
    at(
      'https://api.mistral.ai/v1/chat/completions',
      dataEvents(
        chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }, { p: 'abc' }),
        said,
        ended('stop', { usage, p: 'abcdef' }),
        '[DONE]',
      ),
    ),
    '[DONE]',
  ],
  Groq: [
    at(
      groq,
      dataEvents(
        chunk({ role: 'assistant', content: '' }, { x_groq: { id: 'req', seed: 1 } }),
        chunk({ reasoning: 'Hm', channel: 'analysis' }),
        ended('stop', { x_groq: { id: 'req', usage: { ...usage, queue_time: 0.1 } } }),
        '[DONE]',
      ),
    ),
    '[DONE]',
  ],
  DeepSeek: [
    at(
      'https://api.deepseek.com/chat/completions',
      `: keep-alive\n\n\n\n${dataEvents(chunk({ reasoning_content: 'Hm' }), ended('stop', { usage }), '[DONE]')}`,
    ),
    '[DONE]',
  ],
  xAI: [at('https://api.x.ai/v1/chat/completions', dataEvents(said, ended(), counted, '[DONE]')), '[DONE]'],
  'OpenRouter, which says the finish twice': [
    at(
      openrouter,
      `: OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n${dataEvents(
        said,
        ended('stop', { provider: 'ExampleAI' }),
        ended('stop', { provider: 'ExampleAI', usage: { ...usage, cost: 0.1 } }),
        '[DONE]',
      )}`,
    ),
    '[DONE]',
  ],
  'OpenRouter’s responses, with [DONE] after the end': [
    at('https://openrouter.ai/api/v1/responses', `: \n\n${named(completed)}${dataEvents('[DONE]')}`),
    'response.completed',
  ],
  'OpenRouter’s messages': [at('https://openrouter.ai/api/v1/messages', named(...claude)), 'message_stop'],
  Perplexity: [
    at(
      'https://api.perplexity.ai/chat/completions',
      withCrlf(
        `: ping - 2026-01-01\n\n${dataEvents({ ...said, citations: [], usage: { ...usage, completion_tokens: 1 } }, ended('stop', { usage }))}`,
      ),
    ),
    '"finish_reason":"stop"',
  ],
  Together: [
    at(
      'https://api.together.xyz/v1/chat/completions',
      dataEvents(
        said,
        ended('eos', { prompt: [], usage, choices: [{ index: 0, seed: 1, finish_reason: 'eos' }] }),
        '[DONE]',
      ),
    ),
    '[DONE]',
  ],
  Fireworks: [
    at('https://api.fireworks.ai/inference/v1/chat/completions', dataEvents(said, ended('stop', { usage }), '[DONE]')),
    '[DONE]',
  ],
  'Z.ai': [
    at(
      'https://api.z.ai/api/paas/v4/chat/completions',
      dataEvents(said, ended('stop', { usage }), '[DONE]'),
      'text/event-stream;charset=UTF-8',
    ),
    '[DONE]',
  ],
  'Hugging Face, without a space after the colon': [
    at(
      'https://router.huggingface.co/v1/chat/completions',
      dataEvents(said, ended(), counted, '[DONE]').replaceAll('data: ', 'data:'),
    ),
    '[DONE]',
  ],
  'Vercel’s gateway': [
    at(
      'https://ai-gateway.vercel.sh/v1/chat/completions',
      dataEvents(said, ended('stop', { usage, generationId: 'g' }), '[DONE]'),
    ),
    '[DONE]',
  ],
  'llama.cpp': [
    at(
      'http://localhost:8080/v1/chat/completions',
      dataEvents(said, ended('stop', { timings: { prompt_n: 1, cache_n: 0, predicted_n: 2 } }), counted, '[DONE]'),
    ),
    '[DONE]',
  ],
  vLLM: [
    at(
      'http://localhost:8000/v1/chat/completions',
      dataEvents(
        said,
        ended('stop', {
          choices: [{ index: 0, delta: {}, finish_reason: 'stop', stop_reason: 128009, token_ids: [1] }],
        }),
        counted,
        '[DONE]',
      ),
    ),
    '[DONE]',
  ],
  'LM Studio, in OpenAI’s language': [
    at('http://localhost:1234/v1/chat/completions', dataEvents(said, ended(), counted, '[DONE]')),
    '[DONE]',
  ],
  'Ollama, in OpenAI’s language': [
    at('http://localhost:11434/v1/chat/completions', dataEvents(said, ended(), counted, '[DONE]')),
    '[DONE]',
  ],
  'Ollama, in Anthropic’s language': [at('http://localhost:11434/v1/messages', named(...claude)), 'message_stop'],
  'Gemini, in OpenAI’s language': [
    at(
      'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
      dataEvents(said, ended('stop', { usage }), '[DONE]'),
    ),
    '[DONE]',
  ],
  'OpenAI’s responses': [
    at('https://api.openai.com/v1/responses', named({ type: 'response.created', response: {} }, completed)),
    'response.completed',
  ],
  'Bedrock’s mantle, which names events after their data': [
    at(
      mantle,
      `data: {"type":"response.created"}\nevent: response.created\n\ndata: ${JSON.stringify(completed)}\nevent: response.completed\n\n`,
    ),
    '"type":"response.completed"',
  ],
  'Bedrock’s mantle, which names events by their data alone': [at(mantle, dataEvents(completed)), 'response.completed'],
  'Anthropic, padded with spaces': [
    at(
      'https://api.anthropic.com/v1/messages?beta=true',
      named({ type: 'ping' }, ...claude).replaceAll('}\n', '}   \n'),
    ),
    'message_stop',
  ],
  'Claude on Vertex': [
    at(`${vertex.replace('/google/', '/anthropic/')}:streamRawPredict`, named(...claude)),
    'message_stop',
  ],
  Gemini: [
    at(
      'https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse',
      withCrlf(dataEvents(part, lastPart)),
      'text/event-stream',
    ),
    '"finishReason":"STOP"',
  ],
  'Gemini on Vertex, as an array': [
    at(
      `${vertex}:streamGenerateContent`,
      `[${JSON.stringify(part)}\n,\r\n${JSON.stringify(lastPart)}\n]`,
      'application/json; charset=UTF-8',
    ),
    ']',
  ],
  'Ollama, of an older server': [
    at(
      'http://localhost:11434/api/generate',
      jsonLines({ model: 'm-1', response: 'Teal' }, { model: 'm-1', done: true, prompt_eval_count: 5, eval_count: 2 }),
      'application/x-ndjson',
    ),
    '"done":true',
  ],
};

describe.each(Object.entries(wholes))('%s', (_name, [answer, needed]) => {
  test('follow finds the answer whole, with its model and tokens', () => {
    const { verdict, evidence } = judge(answer);
    expect(verdict).toMatchObject({ complete: true });
    expect(evidence).toMatchObject({ model: 'm-1', tokens });
  });

  test('follow finds it cut where its end is missing', () => {
    const from = answer.text.lastIndexOf(needed);
    expect(from).toBeGreaterThan(0);
    // The end of the line or event before it, so that nothing else tells that it was cut.
    const before = answer.text.slice(0, answer.text.lastIndexOf('\n', from) + 1);
    const text = answer.contentType.startsWith('application/json') ? answer.text.slice(0, from) : before;
    expect(wordOf({ ...answer, text })).toBe('truncated');
  });
});

const error = { error: { message: 'x', type: 'server_error', code: 500 } };

test.each<[string, string, Answer]>([
  [
    'error',
    'vLLM, whose errors are followed by [DONE]',
    at('http://localhost:8000/v1/chat/completions', dataEvents(said, error, '[DONE]')),
  ],
  [
    'error',
    'older vLLM',
    at(
      'http://localhost:8000/v1/chat/completions',
      dataEvents(said, { object: 'error', message: 'x', code: 40001 }, '[DONE]'),
    ),
  ],
  [
    'error',
    'older llama.cpp',
    at(
      'http://localhost:8080/v1/chat/completions',
      `${dataEvents(said)}error: {"code":500}\n\n${dataEvents('[DONE]')}`,
    ),
  ],
  ['error', 'llama.cpp', at('http://localhost:8080/v1/chat/completions', dataEvents(said, error))],
  [
    'error',
    'llama.cpp’s messages',
    at('http://localhost:8080/v1/messages', `${named(...claude)}event: error\ndata: {"message":"x"}\n\n`),
  ],
  ['error', 'Groq', at(groq, `${dataEvents(said)}event: error\ndata: ${JSON.stringify(error)}\n\n`)],
  [
    'error',
    'Hugging Face, with a text',
    at('https://router.huggingface.co/v1/chat/completions', dataEvents(said, { error: 'overloaded' })),
  ],
  [
    'error',
    'OpenRouter after the finish',
    at(openrouter, dataEvents(said, ended('length'), ended('length', { usage }), error, '[DONE]')),
  ],
  ['error', 'OpenRouter beside the finish', at(openrouter, dataEvents(said, { ...ended('error'), ...error }))],
  [
    'error',
    'OpenRouter, in one choice of a body',
    jsonAt(openrouter, { choices: [{ index: 0, error: { code: 502 }, finish_reason: 'stop' }] }),
  ],
  ['error', 'Mistral', at('https://api.mistral.ai/v1/chat/completions', dataEvents(said, ended('error'), '[DONE]'))],
  [
    'error',
    'DeepSeek',
    at('https://api.deepseek.com/chat/completions', dataEvents(ended('insufficient_system_resource'), '[DONE]')),
  ],
  [
    'error',
    'Azure’s filter on the prompt, of status 200',
    jsonAt(azure, { error: { code: 'content_filter', status: 400 } }),
  ],
  [
    'filtered',
    'Azure’s filter on the answer',
    jsonAt(azure, { choices: [{ index: 0, message: {}, finish_reason: 'content_filter' }] }),
  ],
  [
    'error',
    'OpenAI’s responses, flat',
    at('https://api.openai.com/v1/responses', named({ type: 'error', code: 'x', message: 'x' }, completed)),
  ],
  [
    'error',
    'OpenAI’s responses, nested, then failed',
    at(
      'https://api.openai.com/v1/responses',
      named({ type: 'error', ...error }, { type: 'response.failed', response: { status: 'failed', ...error } }),
    ),
  ],
  [
    'error',
    'Gemini, in a stream',
    at(
      'https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse',
      withCrlf(dataEvents(part, lastPart, error)),
    ),
  ],
  [
    'error',
    'Gemini, as a bare body in a stream',
    at(
      'https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse',
      JSON.stringify(error, null, 2),
    ),
  ],
  [
    'truncated',
    'Snowflake, whose finish reason is empty',
    at('https://a.snowflakecomputing.com/api/v2/cortex/v1/chat/completions', dataEvents(said, ended(''), '[DONE]')),
  ],
  [
    'truncated',
    'OpenRouter, whose upstream gave no finish reason',
    at(openrouter, dataEvents(chunk({ tool_calls: [{ index: 0 }] }), '[DONE]')),
  ],
  [
    'truncated',
    'Ollama, which makes an empty delta of an error',
    at('http://localhost:11434/v1/chat/completions', dataEvents(said, chunk({ content: '' }))),
  ],
  ['malformed', 'two answers spliced by a proxy', at('https://proxy.example/v1/messages', named(...claude, ...claude))],
])('follow finds an answer %s: %s', (word, _what, answer) => {
  expect(wordOf(answer)).toBe(word);
});
