import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { isBlank } from './conversion.ts';
import { convert, type Delivered } from './index.ts';
import { openaiChat } from './openai-chat.ts';

/** The official SDK, answered with one body whatever it asks. */
function clientOf({ text, contentType }: Delivered): OpenAI {
  return new OpenAI({
    apiKey: 'none',
    maxRetries: 0,
    fetch: async () => new Response(text, { headers: { 'content-type': contentType } }),
  });
}

const question = { model: 'm', messages: [{ role: 'user' as const, content: 'Name a colour' }] };
const bodyBySdk = (answer: Delivered) => clientOf(answer).chat.completions.create(question);
const streamBySdk = (answer: Delivered) => clientOf(answer).chat.completions.stream(question).finalChatCompletion();

const json = (body: object): Delivered => ({ text: JSON.stringify(body), contentType: 'application/json' });
const sse = (chunks: readonly object[], done = true): Delivered => ({
  text: chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('') + (done ? 'data: [DONE]\n\n' : ''),
  contentType: 'text/event-stream; charset=utf-8',
});

const head = { id: 'chatcmpl-Tq1', created: 1760000000, model: 'gpt-4o-mini-2024-07-18', service_tier: 'default' };
const used = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13, prompt_tokens_details: { cached_tokens: 0 } };
const chunkOf = (choices: object[], more: object = {}) => ({
  ...head,
  object: 'chat.completion.chunk',
  system_fingerprint: 'fp_1',
  choices,
  usage: null,
  obfuscation: 'x3',
  ...more,
});
const bodyOf = (choices: object[]) => ({
  ...head,
  object: 'chat.completion',
  choices,
  usage: used,
  system_fingerprint: 'fp_1',
});
const delta = (said: object, finish_reason: string | null = null, index = 0) => ({
  index,
  delta: said,
  logprobs: null,
  finish_reason,
});

/** The same answer as OpenAI gives it in each form. */
const pairs: Record<string, { chunks: object[]; body: object }> = {
  text: {
    chunks: [
      chunkOf([delta({ role: 'assistant', content: '', refusal: null })]),
      chunkOf([delta({ content: 'Te' })]),
      chunkOf([delta({ content: 'al' })], { obfuscation: '' }),
      chunkOf([delta({}, 'stop')]),
      chunkOf([], { usage: used }),
    ],
    body: bodyOf([
      {
        index: 0,
        message: { role: 'assistant', content: 'Teal', refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ]),
  },
  'two tool calls': {
    chunks: [
      chunkOf([delta({ role: 'assistant', content: null })]),
      chunkOf([
        delta({ tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'hue', arguments: '' } }] }),
      ]),
      chunkOf([delta({ tool_calls: [{ index: 0, function: { arguments: '{"of":' } }] })]),
      chunkOf([delta({ tool_calls: [{ index: 0, function: { arguments: '"sea"}' } }] })]),
      chunkOf([
        delta({ tool_calls: [{ index: 1, id: 'call_b', type: 'function', function: { name: 'now', arguments: '' } }] }),
      ]),
      chunkOf([delta({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] })]),
      chunkOf([delta({}, 'tool_calls')]),
      chunkOf([], { usage: used }),
    ],
    body: bodyOf([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_a', type: 'function', function: { name: 'hue', arguments: '{"of":"sea"}' } },
            { id: 'call_b', type: 'function', function: { name: 'now', arguments: '{}' } },
          ],
          refusal: null,
          annotations: [],
        },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ]),
  },
  'two choices with log probabilities': {
    chunks: [
      chunkOf([delta({ role: 'assistant', content: '', refusal: null })]),
      chunkOf([{ ...delta({ content: 'Te' }), logprobs: { content: [{ token: 'Te', logprob: -1 }], refusal: null } }]),
      chunkOf([delta({ role: 'assistant', content: '', refusal: null }, null, 1)]),
      chunkOf([{ ...delta({ content: 'al' }), logprobs: { content: [{ token: 'al', logprob: -2 }], refusal: null } }]),
      chunkOf([
        {
          ...delta({ content: 'Red' }, null, 1),
          logprobs: { content: [{ token: 'Red', logprob: -3 }], refusal: null },
        },
      ]),
      chunkOf([delta({}, 'stop')]),
      chunkOf([delta({}, 'length', 1)]),
      chunkOf([], { usage: used }),
    ],
    body: bodyOf([
      {
        index: 0,
        message: { role: 'assistant', content: 'Teal', refusal: null, annotations: [] },
        logprobs: {
          content: [
            { token: 'Te', logprob: -1 },
            { token: 'al', logprob: -2 },
          ],
          refusal: null,
        },
        finish_reason: 'stop',
      },
      {
        index: 1,
        message: { role: 'assistant', content: 'Red', refusal: null, annotations: [] },
        logprobs: { content: [{ token: 'Red', logprob: -3 }], refusal: null },
        finish_reason: 'length',
      },
    ]),
  },
};

describe('the official SDK reads a converted answer like a native one', () => {
  for (const [name, { chunks, body }] of Object.entries(pairs)) {
    it(`${name}: stream as JSON`, async () => {
      const converted = convert('openai-chat', sse(chunks), 'json');
      expect(await bodyBySdk(converted as Delivered)).toEqual(await bodyBySdk(json(body)));
    });

    it(`${name}: JSON as stream`, async () => {
      const converted = convert('openai-chat', json(body), 'stream+usage') as Delivered;
      const native = sse(chunks.map((chunk) => ({ ...chunk, obfuscation: undefined })));
      expect(await streamBySdk(converted)).toEqual(await streamBySdk(native));
    });

    it(`${name}: JSON as a stream without usage`, async () => {
      const converted = convert('openai-chat', json(body), 'stream') as Delivered;
      const native = sse(chunks.slice(0, -1).map((chunk) => ({ ...chunk, obfuscation: undefined, usage: undefined })));
      expect(await streamBySdk(converted)).toEqual(await streamBySdk(native));
    });
  }

  it('events of the SDK say each tool call once, arguments apart from its beginning', async () => {
    const { body } = pairs['two tool calls'] as { body: object };
    const converted = convert('openai-chat', json(body), 'stream') as Delivered;
    const calls: Record<number, { name?: string; arguments: string }> = {};
    for await (const chunk of await clientOf(converted).chat.completions.create({ ...question, stream: true }))
      for (const { index, function: called } of chunk.choices[0]?.delta.tool_calls ?? []) {
        // As the guide has it: the first delta is kept as it is, and appended to.
        calls[index] ??= called as { arguments: string };
        calls[index].arguments += called?.arguments;
      }
    expect(calls).toEqual({
      0: { name: 'hue', arguments: '{"of":"sea"}' },
      1: { name: 'now', arguments: '{}' },
    });
  });
});

describe('a stream as JSON', () => {
  const fold = (chunks: object[]) => openaiChat.fold(chunks as JsonObject[]);
  const plain = (choices: object[], more: object = {}) => ({
    id: 'g1',
    object: 'chat.completion.chunk',
    created: 7,
    model: 'v/m',
    choices,
    ...more,
  });
  const finish = plain([{ index: 0, delta: {}, finish_reason: 'stop' }], { usage: used });

  it('keeps reasoning, whatever it is called', () => {
    const body = fold([
      plain([{ index: 0, delta: { role: 'assistant', content: null, reasoning_content: 'Let' }, finish_reason: null }]),
      plain([{ index: 0, delta: { content: null, reasoning_content: ' me' }, finish_reason: null }]),
      plain([
        {
          index: 0,
          delta: {
            content: '',
            reasoning: 'a',
            reasoning_details: [{ type: 'reasoning.text', index: 0, format: 'f', text: 'a' }],
          },
          finish_reason: null,
        },
      ]),
      plain([
        {
          index: 0,
          delta: {
            content: 'Teal',
            reasoning: 'b',
            reasoning_details: [{ type: 'reasoning.text', index: 0, format: 'f', text: 'b', signature: 's' }],
          },
          finish_reason: null,
        },
      ]),
      finish,
    ]);
    expect(body.choices).toEqual([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'Teal',
          refusal: null,
          reasoning_content: 'Let me',
          reasoning: 'ab',
          reasoning_details: [{ type: 'reasoning.text', index: 0, format: 'f', text: 'ab', signature: 's' }],
        },
        finish_reason: 'stop',
      },
    ]);
  });

  it('reads OpenRouter, whose finish comes twice, and keeps its own members', () => {
    const said = (content: string, finish_reason: string | null, native_finish_reason: string | null) => [
      { index: 0, delta: { role: 'assistant', content }, finish_reason, native_finish_reason },
    ];
    expect(
      fold([
        plain(said('Te', null, null), { provider: 'P' }),
        plain(said('al', null, null), { provider: 'P' }),
        plain(said('', 'stop', 'end_turn'), { provider: 'P' }),
        plain(said('', 'stop', 'end_turn'), { provider: 'P', usage: { ...used, cost: 0.1 } }),
      ]),
    ).toEqual({
      id: 'g1',
      object: 'chat.completion',
      created: 7,
      model: 'v/m',
      provider: 'P',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Teal', refusal: null },
          finish_reason: 'stop',
          native_finish_reason: 'end_turn',
        },
      ],
      usage: { ...used, cost: 0.1 },
    });
  });

  it('reads Azure, whose first chunk is of the prompt alone', () => {
    const safe = { hate: { filtered: false, severity: 'safe' } };
    const body = fold([
      { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
      plain([{ index: 0, delta: { role: 'assistant', content: '' }, content_filter_results: {}, finish_reason: null }]),
      plain([{ index: 0, delta: { content: 'Te' }, content_filter_results: safe, finish_reason: null }]),
      plain([{ index: 0, delta: { content: 'al' }, content_filter_results: safe, finish_reason: null }]),
      plain([{ index: 0, delta: {}, content_filter_results: {}, finish_reason: 'stop' }]),
      plain([], { usage: used }),
    ]);
    expect(body).toMatchObject({ id: 'g1', model: 'v/m', created: 7, prompt_filter_results: [{ prompt_index: 0 }] });
    expect(body.choices).toMatchObject([{ content_filter_results: safe, message: { content: 'Teal' } }]);
  });

  it('reads Mistral and Groq without their padding and stream-only members', () => {
    const body = fold([
      plain([{ index: 0, delta: { role: 'assistant', content: 'Te' }, finish_reason: null }], {
        p: 'abc',
        x_groq: { id: 'r', seed: 3 },
      }),
      plain([{ index: 0, delta: { content: 'al' }, finish_reason: 'stop' }], {
        p: 'abcde',
        x_groq: { id: 'r', usage: used },
        usage: used,
      }),
    ]);
    expect(body).toMatchObject({ x_groq: { id: 'r', seed: 3 }, choices: [{ message: { content: 'Teal' } }] });
    expect(JSON.stringify(body)).not.toContain('abc');
    expect(body.x_groq).not.toHaveProperty('usage');
  });

  it('reads legacy completions', () => {
    const part = (text: string, finish_reason: string | null, logprobs: unknown) =>
      plain([{ index: 0, text, finish_reason, logprobs }], { object: 'text_completion' });
    expect(
      fold([
        part('Te', null, { tokens: ['Te'], token_logprobs: [-1], text_offset: [0] }),
        part('al', null, { tokens: ['al'], token_logprobs: [-2], text_offset: [2] }),
        part('', 'stop', null),
        plain([], { object: 'text_completion', usage: used }),
      ]),
    ).toMatchObject({
      object: 'text_completion',
      choices: [
        {
          text: 'Teal',
          finish_reason: 'stop',
          logprobs: { tokens: ['Te', 'al'], token_logprobs: [-1, -2], text_offset: [0, 2] },
        },
      ],
    });
  });

  const said = plain([{ index: 0, delta: { role: 'assistant', content: 'Teal' }, finish_reason: null }]);
  const call = (made: object) => plain([{ index: 0, delta: { tool_calls: [made] }, finish_reason: null }]);
  const refusals: Record<string, object[]> = {
    'the stream has no usage': [said, plain([{ index: 0, delta: {}, finish_reason: 'stop' }])],
    'no delta has a role': [plain([{ index: 0, delta: { content: 'Teal' }, finish_reason: null }]), finish],
    'an unknown member of deltas comes twice': [
      plain([{ index: 0, delta: { role: 'assistant', content: 'a', channel: 'analysis' }, finish_reason: null }]),
      plain([{ index: 0, delta: { content: 'b', channel: 'analysis' }, finish_reason: null }]),
      finish,
    ],
    'an unknown array goes on': [
      plain([{ index: 0, delta: { role: 'assistant', content: 'a' }, token_ids: [5], finish_reason: null }]),
      plain([{ index: 0, delta: { content: 'a' }, token_ids: [5], finish_reason: null }]),
      finish,
    ],
    'an unknown member of the chunk changes': [
      { ...said, shard: 1 },
      { ...finish, shard: 2 },
    ],
    'what filters say changes': [
      plain([{ index: 0, delta: { role: 'assistant' }, content_filter_results: { hate: 1 }, finish_reason: null }]),
      plain([{ index: 0, delta: { content: 'b' }, content_filter_results: { hate: 2 }, finish_reason: null }]),
      finish,
    ],
    'content changes from text to parts': [
      said,
      plain([{ index: 0, delta: { content: [{ type: 'thinking', thinking: [] }] }, finish_reason: null }]),
      finish,
    ],
    'a tool call has no index': [said, call({ id: 'a', function: { name: 'f', arguments: '{}' } }), finish],
    'a tool call skips an index': [said, call({ index: 1, id: 'a', function: { name: 'f', arguments: '' } }), finish],
    'two tool calls share an index': [
      said,
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
      call({ index: 0, id: 'b', function: { name: 'f', arguments: '{}' } }),
      finish,
    ],
    'each chunk repeats the message so far': [
      plain([{ index: 0, delta: { role: 'assistant', content: 'a' }, message: { content: 'a' }, finish_reason: null }]),
      finish,
    ],
    'audio comes in pieces': [
      plain([{ index: 0, delta: { role: 'assistant', audio: { id: 'a', data: 'AA==' } }, finish_reason: null }]),
      plain([{ index: 0, delta: { audio: { data: 'AA==' } }, finish_reason: null }]),
      finish,
    ],
  };
  for (const [name, chunks] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(() => fold(chunks)).toThrow('no conversion');
      expect(convert('openai-chat', sse(chunks), 'json')).toBeUndefined();
    });
});

describe('JSON as a stream', () => {
  const unfold = (body: object, usage = true) => openaiChat.unfold(body as JsonObject, { usage });
  const choice = (message: object, more: object = {}) => ({ index: 0, message, finish_reason: 'stop', ...more });

  it('says what was thought before what was said', () => {
    const chunks = unfold(
      bodyOf([choice({ role: 'assistant', content: 'Teal', refusal: null, reasoning: 'Hm', tool_calls: [] })]),
    );
    expect(chunks.map(({ choices }) => choices)).toMatchObject([
      [{ delta: { role: 'assistant', content: '', refusal: null }, finish_reason: null }],
      [{ delta: { reasoning: 'Hm' } }],
      [{ delta: { content: 'Teal' } }],
      [{ delta: {}, finish_reason: 'stop' }],
      [],
    ]);
    expect(chunks.some((chunk) => JSON.stringify(chunk).includes('tool_calls'))).toBe(false);
  });

  it('tells usage as it was asked for', () => {
    const body = bodyOf([choice({ role: 'assistant', content: 'Teal' })]);
    expect(unfold(body).map(({ usage }) => usage)).toEqual([null, null, null, used]);
    expect(JSON.stringify(unfold(body, false))).not.toContain('usage');
  });

  it('leaves out the empty delta in bodies of Perplexity', () => {
    const given = choice({ role: 'assistant', content: 'Teal' }, { delta: { role: 'assistant', content: '' } });
    expect(unfold(bodyOf([given]))).toEqual(unfold(bodyOf([choice({ role: 'assistant', content: 'Teal' })])));
  });

  it('ends with [DONE]', () => {
    const body = bodyOf([choice({ role: 'assistant', content: 'Teal' })]);
    expect(convert('openai-chat', json(body), 'stream')?.text).toMatch(/\n\ndata: \[DONE\]\n\n$/);
  });

  const refusals: Record<string, object> = {
    'usage is wanted and there is none': { ...bodyOf([choice({ role: 'assistant', content: '' })]), usage: undefined },
    'the message is spoken': bodyOf([choice({ role: 'assistant', content: null, audio: { id: 'a', data: 'AA==' } })]),
    'the message has no role': bodyOf([choice({ content: 'a' })]),
    'there is no choice': { ...bodyOf([]), choices: undefined, usage: undefined },
  };
  for (const [name, body] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(convert('openai-chat', json(body), 'stream+usage')).toBeUndefined();
    });
});

describe('a stream with another include_usage', () => {
  const { chunks } = pairs.text as { chunks: object[] };
  const refit = (given: Delivered, usage: boolean) =>
    convert('openai-chat', given, usage ? 'stream+usage' : 'stream')?.text;
  const bare = chunks.slice(0, -1).map((chunk) => ({ ...chunk, usage: undefined }));

  it('loses the chunk of usage, and the nulls before it', () => {
    expect(refit(sse(chunks), false)).toBe(sse(bare).text);
  });

  it('is refused where usage would be made up', () => {
    expect(refit(sse(bare), true)).toBeUndefined();
  });

  it('keeps usage that its provider always tells', () => {
    const always = [...bare.slice(0, -1), { ...bare.at(-1), obfuscation: undefined, usage: used }];
    expect(refit(sse(always), false)).toBe(sse(always).text);
    expect(refit(sse(always), true)).toBe(sse(always).text);
  });

  it('is refused where the chunk of usage tells something else', () => {
    expect(refit(sse([...bare, chunkOf([], { usage: used, citations: ['u'] })]), false)).toBeUndefined();
  });
});

describe('properties', () => {
  const words = fc.string({ minLength: 1 });
  const usage = fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.nat(), total_tokens: fc.nat() });
  const toolCall = fc.oneof(
    fc.record({
      id: words,
      type: fc.constant('function'),
      function: fc.record({ name: words, arguments: fc.oneof(fc.json(), fc.constant('')) }),
    }),
    fc.record({ id: words, type: fc.constant('custom'), custom: fc.record({ name: words, input: fc.string() }) }),
  );
  const messages = fc.record(
    {
      role: fc.constant('assistant'),
      content: fc.option(fc.string()),
      refusal: fc.option(fc.string()),
      reasoning_content: fc.string(),
      tool_calls: fc.array(toolCall, { minLength: 1, maxLength: 3 }),
      annotations: fc.array(fc.record({ type: words }), { minLength: 1 }),
      // Empty lists and objects are no deltas.
      'x-extra': fc.jsonValue().filter((value) => !value || !isBlank(value)),
    },
    { requiredKeys: ['role', 'content', 'refusal'] },
  );
  const choices = fc.array(
    fc.record({
      message: messages,
      finish_reason: words,
      logprobs: fc.option(fc.record({ content: fc.array(fc.record({ token: words }), { minLength: 1 }) })),
    }),
    { minLength: 1, maxLength: 3 },
  );
  const bodies = fc.record(
    {
      id: words,
      object: fc.constant('chat.completion'),
      created: fc.integer({ min: 1 }),
      model: words,
      choices: choices.map((all) => all.map((one, index) => ({ index, ...one }))),
      usage,
      system_fingerprint: fc.option(words),
      citations: fc.array(words, { minLength: 1 }),
      'x-extra': fc.jsonValue(),
    },
    { requiredKeys: ['id', 'object', 'created', 'model', 'choices', 'usage'] },
  );

  it('a body unfolded and folded is the body', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const sent = JSON.parse(JSON.stringify(body));
        const stream = convert('openai-chat', json(sent), 'stream+usage') as Delivered;
        const back = convert('openai-chat', stream, 'json') as Delivered;
        expect(JSON.parse(back.text)).toEqual(sent);
      }),
    );
  });

  it('how text is cut into deltas changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (thought, said) => {
        const deltas = [...thought.map((reasoning) => ({ reasoning })), ...said.map((content) => ({ content }))].map(
          (piece) => chunkOf([delta(piece)]),
        );
        const cut = [
          chunkOf([delta({ role: 'assistant', content: '', reasoning: '' })]),
          ...deltas,
          chunkOf([delta({}, 'stop')], { usage: used }),
        ];
        expect(openaiChat.fold(cut).choices).toMatchObject([
          { message: { content: said.join(''), reasoning: thought.join('') } },
        ]);
      }),
    );
  });
});
