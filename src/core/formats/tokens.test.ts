import { expect, test } from 'vitest';
import { dataEvents, judge, namedEvents, sse } from './sample-answers.ts';
import { type Figures, gatherFigures, tokensOf } from './tokens.ts';

function tokensIn(...parts: object[]) {
  const figures: Figures = {};
  for (const part of parts) gatherFigures(figures, part as never);
  return tokensOf(figures);
}

test.each<[string, object[], object]>([
  [
    'OpenAI chat',
    [
      {
        usage: {
          prompt_tokens: 100,
          completion_tokens: 20,
          total_tokens: 120,
          prompt_tokens_details: { cached_tokens: 64, audio_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 12 },
        },
      },
    ],
    { input: 100, cachedInput: 64, output: 20, reasoning: 12 },
  ],
  [
    'OpenAI responses',
    [
      { response: { status: 'in_progress', usage: null } },
      {
        response: {
          usage: {
            input_tokens: 100,
            input_tokens_details: { cached_tokens: 64, cache_write_tokens: 9 },
            output_tokens: 20,
            output_tokens_details: { reasoning_tokens: 12 },
            total_tokens: 120,
          },
        },
      },
    ],
    { input: 100, cachedInput: 64, output: 20, reasoning: 12 },
  ],
  [
    'xAI, whose completion excludes reasoning',
    [
      {
        usage: {
          prompt_tokens: 50,
          completion_tokens: 3,
          total_tokens: 93,
          prompt_tokens_details: { cached_tokens: 7, text_tokens: 50 },
          completion_tokens_details: { reasoning_tokens: 40 },
        },
      },
    ],
    { input: 50, cachedInput: 7, output: 43, reasoning: 40 },
  ],
  [
    'Anthropic, whose input excludes what its cache read and wrote',
    [
      {
        message: {
          usage: { input_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 30, output_tokens: 1 },
        },
      },
      { usage: { output_tokens: 40 } },
      { usage: { input_tokens: 0, output_tokens: 44, output_tokens_details: { thinking_tokens: 30 } } },
    ],
    { input: 135, cachedInput: 100, output: 44, reasoning: 30 },
  ],
  [
    'Gemini, whose candidates exclude thoughts, and whose tools are read beside the prompt',
    [
      { usageMetadata: { promptTokenCount: 10, totalTokenCount: 19, thoughtsTokenCount: 9 } },
      {
        usageMetadata: {
          promptTokenCount: 10,
          cachedContentTokenCount: 4,
          toolUsePromptTokenCount: 6,
          candidatesTokenCount: 2,
          thoughtsTokenCount: 11,
          totalTokenCount: 29,
        },
      },
    ],
    { input: 16, cachedInput: 4, output: 13, reasoning: 11 },
  ],
  [
    'DeepSeek',
    [{ usage: { prompt_tokens: 10, completion_tokens: 2, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 2 } }],
    { input: 10, cachedInput: 8, output: 2 },
  ],
  [
    'Mistral',
    [{ usage: { prompt_tokens: 10, completion_tokens: 2, num_cached_tokens: 8 } }],
    { input: 10, cachedInput: 8, output: 2 },
  ],
  [
    'Groq',
    [{ x_groq: { id: 'r', usage: { prompt_tokens: 10, completion_tokens: 2, queue_time: 0.1 } } }],
    { input: 10, output: 2 },
  ],
  [
    'OpenRouter, through which Anthropic is counted as chat is',
    [{ usage: { prompt_tokens: 100, completion_tokens: 2, cache_read_input_tokens: 60, cost: 0.1 } }],
    { input: 100, cachedInput: 60, output: 2 },
  ],
  [
    'Perplexity, whose last chunk wins',
    [{ usage: { prompt_tokens: 8, completion_tokens: 1 } }, { usage: { prompt_tokens: 8, completion_tokens: 5 } }],
    { input: 8, output: 5 },
  ],
  [
    'Cohere v2, which bills fewer than its model read',
    [
      {
        delta: {
          usage: {
            billed_units: { input_tokens: 5, output_tokens: 2 },
            tokens: { input_tokens: 71, output_tokens: 4 },
            cached_tokens: 60,
          },
        },
      },
    ],
    { input: 71, cachedInput: 60, output: 4 },
  ],
  [
    'Cohere, in another order',
    [
      {
        usage: { tokens: { input_tokens: 71, output_tokens: 4 }, billed_units: { input_tokens: 5, output_tokens: 2 } },
      },
    ],
    { input: 71, output: 4 },
  ],
  ['Cohere v1', [{ response: { meta: { tokens: { input_tokens: 71, output_tokens: 4 } } } }], { input: 71, output: 4 }],
  ['Cohere embeddings', [{ meta: { billed_units: { input_tokens: 5 } } }], { input: 5, output: 0 }],
  ['Ollama', [{ done: true, prompt_eval_count: 14, eval_count: 2, eval_duration: 5e7 }], { input: 14, output: 2 }],
  [
    'Bedrock',
    [
      {
        usage: { inputTokens: 5, outputTokens: 2, totalTokens: 20, cacheReadInputTokens: 10, cacheWriteInputTokens: 3 },
      },
    ],
    { input: 18, cachedInput: 10, output: 2 },
  ],
  [
    'Bedrock, which names what was cached twice',
    [
      {
        usage: {
          inputTokens: 5,
          outputTokens: 2,
          cacheReadInputTokens: 10,
          cacheReadInputTokenCount: 10,
          cacheWriteInputTokens: 3,
          cacheWriteInputTokenCount: 3,
        },
      },
    ],
    { input: 18, cachedInput: 10, output: 2 },
  ],
  [
    'Claude on Bedrock, whose counts Amazon repeats',
    [
      { message: { usage: { input_tokens: 5, cache_read_input_tokens: 10, cache_creation_input_tokens: 3 } } },
      { usage: { output_tokens: 2 } },
      {
        'amazon-bedrock-invocationMetrics': {
          inputTokenCount: 5,
          outputTokenCount: 2,
          cacheReadInputTokenCount: 10,
          cacheWriteInputTokenCount: 3,
        },
      },
    ],
    { input: 18, cachedInput: 10, output: 2 },
  ],
  [
    'Llama on Bedrock',
    [{ prompt_token_count: 7, generation_token_count: 2, stop_reason: 'stop' }],
    { input: 7, output: 2 },
  ],
  [
    'llama.cpp',
    [{ usage: { prompt_tokens: 12, completion_tokens: 2 }, timings: { cache_n: 10, prompt_n: 2, predicted_n: 2 } }],
    { input: 12, cachedInput: 10, output: 2 },
  ],
  [
    'llama.cpp without usage',
    [{ timings: { cache_n: 10, prompt_n: 2, predicted_n: 2 } }],
    { input: 12, cachedInput: 10, output: 2 },
  ],
  [
    'LM Studio',
    [
      {
        result: {
          stats: { input_tokens: 9, total_output_tokens: 7, reasoning_output_tokens: 3, tokens_per_second: 4 },
        },
      },
    ],
    { input: 9, output: 7, reasoning: 3 },
  ],
])('tokensOf counts alike: %s', (_provider, parts, tokens) => {
  expect(tokensIn(...parts)).toEqual(tokens);
});

test.each([
  [{}],
  [{ usage: null }],
  [{ usage: { total_tokens: 3 } }],
  [{ usage: { prompt_tokens: '5' } }],
  [{ created: 5 }],
])('tokensOf counts nothing where nothing is told: %j', (part) => {
  expect(tokensIn(part)).toBeUndefined();
});

test('gatherFigures reads no text of a user for usage', () => {
  const part = { choices: [{ usage: { prompt_tokens: 5 } }], content: { usage: { prompt_tokens: 5 } } };
  expect(tokensIn(part)).toBeUndefined();
});

test('follow counts the tokens of whatever format an answer has, the app’s own included', () => {
  const events = dataEvents(
    { choices: [{ finish_reason: 'stop' }] },
    { usage: { prompt_tokens: 5, completion_tokens: 2 } },
  );
  const own = { format: 'generic', url: 'https://app.example/ask', contentType: sse, text: events } as const;
  expect(judge(own).evidence.tokens).toEqual({ input: 5, output: 2 });
  const proxied = namedEvents({ type: 'message_start', message: { usage: { input_tokens: 5 } } } as never);
  expect(judge({ ...own, text: proxied }).evidence.tokens).toEqual({ input: 5, output: 0 });
});
