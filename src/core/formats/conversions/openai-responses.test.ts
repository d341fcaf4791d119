import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { convert, type Delivered } from './index.ts';
import { openaiResponses } from './openai-responses.ts';

/** The official SDK, answered with one body whatever it asks. */
function clientOf({ text, contentType }: Delivered): OpenAI {
  return new OpenAI({
    apiKey: 'none',
    maxRetries: 0,
    fetch: async () => new Response(text, { headers: { 'content-type': contentType } }),
  });
}

const question = { model: 'm', input: 'Name a colour' };
const bodyBySdk = (answer: Delivered) => clientOf(answer).responses.create(question);
const streamBySdk = (answer: Delivered) => clientOf(answer).responses.stream(question).finalResponse();
/** What the SDK has put together just before the event that tells all. */
const builtBySdk = async (answer: Delivered) => {
  const told: unknown[] = [];
  for await (const event of clientOf(answer).responses.stream(question)) told.push(event);
  return told;
};

type Event = JsonObject & { type: string };
const json = (body: object): Delivered => ({ text: JSON.stringify(body), contentType: 'application/json' });
const sse = (events: readonly Event[]): Delivered => ({
  text: events
    .map((event, at) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: at })}\n\n`)
    .join(''),
  contentType: 'text/event-stream; charset=utf-8',
});

const bodyOf = (output: object[], more: object = {}) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1760000000,
  status: 'completed',
  background: false,
  completed_at: 1760000002,
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  model: 'gpt-4o-2024-08-06',
  output,
  parallel_tool_calls: true,
  store: true,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  usage: {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 2,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 12,
  },
  ...more,
});
const around = (body: object, events: Event[], last = 'response.completed'): Event[] => {
  const response = {
    ...body,
    status: 'in_progress',
    completed_at: null,
    incomplete_details: null,
    output: [],
    usage: null,
  };
  return [
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
    ...events,
    { type: last, response: body },
  ];
};

const annotation = { type: 'url_citation', url: 'https://colours.example', title: 'C', start_index: 0, end_index: 4 };
const part = { type: 'output_text', annotations: [annotation], logprobs: [], text: 'Teal' };
const message = {
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [part, { type: 'refusal', refusal: 'No more.' }],
};
const reasoning = {
  id: 'rs_1',
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: 'Of the sea' }],
  content: [{ type: 'reasoning_text', text: 'Sea.' }],
  encrypted_content: 'gAAA',
};
const call = {
  id: 'fc_1',
  type: 'function_call',
  status: 'completed',
  call_id: 'call_1',
  name: 'hue',
  arguments: '{"of":"sea"}',
};
const custom = {
  id: 'ctc_1',
  type: 'custom_tool_call',
  call_id: 'call_2',
  name: 'paint',
  input: 'teal',
  status: 'completed',
};
const body = bodyOf([reasoning, message, call, custom]);

const at = (item_id: string, output_index: number, more: object = {}) => ({ item_id, output_index, ...more });
const summary = { summary_index: 0 };
const content = { content_index: 0 };
const events = around(body, [
  { type: 'response.output_item.added', output_index: 0, item: { ...reasoning, summary: [], content: [] } },
  {
    type: 'response.reasoning_summary_part.added',
    ...at('rs_1', 0, summary),
    part: { type: 'summary_text', text: '' },
  },
  { type: 'response.reasoning_summary_text.delta', ...at('rs_1', 0, summary), delta: 'Of the', obfuscation: 'r4' },
  { type: 'response.reasoning_summary_text.delta', ...at('rs_1', 0, summary), delta: ' sea', obfuscation: 'q' },
  { type: 'response.reasoning_summary_text.done', ...at('rs_1', 0, summary), text: 'Of the sea' },
  { type: 'response.reasoning_summary_part.done', ...at('rs_1', 0, summary), part: reasoning.summary[0] },
  { type: 'response.content_part.added', ...at('rs_1', 0, content), part: { type: 'reasoning_text', text: '' } },
  { type: 'response.reasoning_text.delta', ...at('rs_1', 0, content), delta: 'Sea.' },
  { type: 'response.reasoning_text.done', ...at('rs_1', 0, content), text: 'Sea.' },
  { type: 'response.content_part.done', ...at('rs_1', 0, content), part: reasoning.content[0] },
  { type: 'response.output_item.done', output_index: 0, item: reasoning },
  { type: 'response.output_item.added', output_index: 1, item: { ...message, status: 'in_progress', content: [] } },
  {
    type: 'response.content_part.added',
    ...at('msg_1', 1, content),
    part: { type: 'output_text', annotations: [], logprobs: [], text: '' },
  },
  { type: 'response.output_text.delta', ...at('msg_1', 1, content), delta: 'Te', logprobs: [], obfuscation: 'k3' },
  { type: 'response.output_text.delta', ...at('msg_1', 1, content), delta: 'al', logprobs: [], obfuscation: '' },
  { type: 'response.output_text.annotation.added', ...at('msg_1', 1, content), annotation_index: 0, annotation },
  { type: 'response.output_text.done', ...at('msg_1', 1, content), text: 'Teal', logprobs: [] },
  { type: 'response.content_part.done', ...at('msg_1', 1, content), part },
  {
    type: 'response.content_part.added',
    ...at('msg_1', 1, { content_index: 1 }),
    part: { type: 'refusal', refusal: '' },
  },
  { type: 'response.refusal.delta', ...at('msg_1', 1, { content_index: 1 }), delta: 'No more.' },
  { type: 'response.refusal.done', ...at('msg_1', 1, { content_index: 1 }), refusal: 'No more.' },
  { type: 'response.content_part.done', ...at('msg_1', 1, { content_index: 1 }), part: message.content[1] },
  { type: 'response.output_item.done', output_index: 1, item: message },
  { type: 'response.output_item.added', output_index: 2, item: { ...call, status: 'in_progress', arguments: '' } },
  { type: 'response.function_call_arguments.delta', ...at('fc_1', 2), delta: '{"of":' },
  { type: 'response.function_call_arguments.delta', ...at('fc_1', 2), delta: '"sea"}' },
  { type: 'response.function_call_arguments.done', ...at('fc_1', 2), name: 'hue', arguments: '{"of":"sea"}' },
  { type: 'response.output_item.done', output_index: 2, item: call },
  { type: 'response.output_item.added', output_index: 3, item: { ...custom, status: 'in_progress', input: '' } },
  { type: 'response.custom_tool_call_input.delta', ...at('ctc_1', 3), delta: 'teal' },
  { type: 'response.custom_tool_call_input.done', ...at('ctc_1', 3), name: 'paint', input: 'teal' },
  { type: 'response.output_item.done', output_index: 3, item: custom },
]);

describe('the official SDK reads a converted answer like a native one', () => {
  it('stream as JSON', async () => {
    const converted = convert('openai-responses', sse(events), 'json') as Delivered;
    expect(await bodyBySdk(converted)).toEqual(await bodyBySdk(json(body)));
  });

  it('JSON as stream', async () => {
    const converted = convert('openai-responses', json(body), 'stream') as Delivered;
    expect(await streamBySdk(converted)).toEqual(await streamBySdk(sse(events)));
  });

  it('JSON as stream: every event in its place, but for where deltas are cut and padding', async () => {
    const converted = convert('openai-responses', json(body), 'stream') as Delivered;
    const whole = events.flatMap((event, index): Event[] => {
      const { obfuscation: _, ...told } = event as Event & { obfuscation?: string };
      const { type, delta } = told as Event;
      if (typeof delta !== 'string') return [told as Event];
      if (events[index + 1]?.type === type) return [];
      const before = events[index - 1];
      return [{ ...told, type, delta: before?.type === type ? `${before.delta}${delta}` : delta }];
    });
    const told = openaiResponses.unfold(body as JsonObject, { usage: false });
    expect(JSON.parse(JSON.stringify(told))).toEqual(
      whole.map((event, sequence_number) => ({ ...event, sequence_number })),
    );
    expect(await builtBySdk(converted)).toEqual(await builtBySdk(sse(whole)));
  });

  it('an answer cut at its limit, in both directions', async () => {
    const cut = bodyOf([{ ...message, status: 'incomplete' }], {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
    const stream = convert('openai-responses', json(cut), 'stream') as Delivered;
    expect(await streamBySdk(stream)).toEqual(await streamBySdk(sse(around(cut, [], 'response.incomplete'))));
    expect(JSON.parse((convert('openai-responses', stream, 'json') as Delivered).text)).toEqual(cut);
  });
});

describe('a stream as JSON', () => {
  const fold = (told: Event[], done = '') => {
    const { text, contentType } = sse(told);
    return convert('openai-responses', { text: text + done, contentType }, 'json');
  };

  it('is the response of the last event, whatever order members have, with and without [DONE]', () => {
    expect(fold([{ type: 'response.queued', response: {} }, { type: 'keepalive' }, ...events])?.text).toBe(
      JSON.stringify(body),
    );
    expect(fold(events, 'data: [DONE]\n\n')?.text).toBe(JSON.stringify(body));
  });

  it('needs no event: lines', () => {
    const { text, contentType } = sse(events);
    const bare = { text: text.replaceAll(/^event: .*\n/gm, ''), contentType };
    expect(convert('openai-responses', bare, 'json')?.text).toBe(JSON.stringify(body));
  });

  const refusals: Record<string, Event[]> = {
    'an event is unknown': [
      ...events.slice(0, -1),
      { type: 'response.audio.delta', delta: 'AA==' },
      ...events.slice(-1),
    ],
    'an event has an unknown member': events.map((event) =>
      event.type === 'response.output_text.done' ? { ...event, tone: 'dry' } : event,
    ),
    'the last event leaves out what was streamed': [
      ...events.slice(0, -1),
      { type: 'response.completed', response: { ...body, output: [] } },
    ],
    'the last event leaves out an item': [
      ...events.slice(0, -1),
      { type: 'response.completed', response: { ...body, output: body.output.slice(0, -1) } },
    ],
    'there is no last event': events.slice(0, -1),
    'an item is of an unknown type': around(bodyOf([{ id: 'x', type: 'hologram' }]), []),
  };
  for (const [name, told] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(fold(told)).toBeUndefined();
    });
});

describe('JSON as a stream', () => {
  const refusals: Record<string, object> = {
    'it is not finished': bodyOf([message], { status: 'queued' }),
    'an item is of an unknown type': bodyOf([{ id: 'ws_1', type: 'web_search_call', status: 'completed' }]),
    'a part is of an unknown type': bodyOf([{ ...message, content: [{ type: 'output_audio', data: 'AA==' }] }]),
    'an item has no id': bodyOf([{ ...call, id: undefined }]),
  };
  for (const [name, given] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(convert('openai-responses', json(given), 'stream')).toBeUndefined();
    });
});

describe('properties', () => {
  const words = fc.string({ minLength: 1 });
  const textPart = fc.record(
    {
      type: fc.constant('output_text'),
      text: fc.string(),
      annotations: fc.array(fc.record({ type: words })),
      logprobs: fc.array(fc.record({ token: words })),
    },
    { requiredKeys: ['type', 'text', 'annotations'] },
  );
  const item = fc.oneof(
    fc.record({
      id: words,
      type: fc.constant('message'),
      status: fc.constant('completed'),
      role: fc.constant('assistant'),
      content: fc.array(textPart, { maxLength: 2 }),
      'x-extra': fc.jsonValue(),
    }),
    fc.record({ id: words, type: fc.constant('function_call'), name: words, call_id: words, arguments: fc.json() }),
    fc.record({
      id: words,
      type: fc.constant('reasoning'),
      summary: fc.array(fc.record({ type: fc.constant('summary_text'), text: fc.string() })),
      encrypted_content: fc.option(words),
    }),
  );

  it('a body unfolded and folded is the body', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), fc.jsonValue(), (output, extra) => {
        const given = JSON.parse(JSON.stringify(bodyOf(output, { 'x-extra': extra }))) as JsonObject;
        const stream = convert('openai-responses', json(given), 'stream') as Delivered;
        expect(convert('openai-responses', stream, 'json')?.text).toBe(JSON.stringify(given));
      }),
    );
  });
});
