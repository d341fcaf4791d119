import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { anthropic } from './anthropic.ts';
import { convert, type Delivered } from './index.ts';

/** The official SDK, answered with one body whatever it asks. */
function clientOf({ text, contentType }: Delivered): Anthropic {
  return new Anthropic({
    apiKey: 'none',
    maxRetries: 0,
    fetch: async () => new Response(text, { headers: { 'content-type': contentType } }),
  });
}

const question = { model: 'm', max_tokens: 99, messages: [{ role: 'user' as const, content: 'Name a colour' }] };
const bodyBySdk = (answer: Delivered) => clientOf(answer).messages.create(question);
const streamBySdk = (answer: Delivered) => clientOf(answer).messages.stream(question).finalMessage();

type Event = JsonObject & { type: string };
const json = (body: object): Delivered => ({ text: JSON.stringify(body), contentType: 'application/json' });
const sse = (events: readonly Event[]): Delivered => ({
  text: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}   \n\n`).join(''),
  contentType: 'text/event-stream; charset=utf-8',
});

const head = { id: 'msg_01', type: 'message', role: 'assistant', model: 'claude-haiku-4-5-20251001' };
const counts = { input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 3 };
const usage = {
  ...counts,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  service_tier: 'standard',
};
const start: Event = {
  type: 'message_start',
  message: {
    ...head,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: { ...usage, output_tokens: 2 },
  },
};
const blockStart = (index: number, content_block: object): Event => ({
  type: 'content_block_start',
  index,
  content_block,
});
const blockDelta = (index: number, delta: object): Event => ({ type: 'content_block_delta', index, delta });
const blockStop = (index: number): Event => ({ type: 'content_block_stop', index });
const end = (stop_reason: string, more: object = {}): Event[] => [
  {
    type: 'message_delta',
    delta: { stop_reason, stop_sequence: null, stop_details: null },
    usage: { ...counts, output_tokens: 41 },
    ...more,
  },
  { type: 'message_stop' },
];
const bodyOf = (content: object[], stop_reason: string) => ({
  ...head,
  content,
  stop_reason,
  stop_sequence: null,
  stop_details: null,
  usage: { ...usage, output_tokens: 41 },
});

const cited = {
  type: 'char_location',
  cited_text: 'Teal is a colour.',
  document_index: 0,
  document_title: 'colours.txt',
  start_char_index: 0,
  end_char_index: 17,
};

/** The same answer as Anthropic gives it in each form. */
const pairs: Record<string, { events: Event[]; body: object }> = {
  text: {
    events: [
      start,
      blockStart(0, { type: 'text', text: '' }),
      { type: 'ping' },
      blockDelta(0, { type: 'text_delta', text: 'Te' }),
      blockDelta(0, { type: 'text_delta', text: 'al' }),
      blockStop(0),
      ...end('end_turn'),
    ],
    body: bodyOf([{ type: 'text', text: 'Teal' }], 'end_turn'),
  },
  'thinking, text and tools': {
    events: [
      start,
      blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
      blockDelta(0, { type: 'thinking_delta', thinking: 'A colour' }),
      blockDelta(0, { type: 'thinking_delta', thinking: ' of the sea.' }),
      blockDelta(0, { type: 'signature_delta', signature: 'EqQB' }),
      blockStop(0),
      blockStart(1, { type: 'redacted_thinking', data: 'Ab3' }),
      blockStop(1),
      blockStart(2, { type: 'text', text: '' }),
      blockDelta(2, { type: 'text_delta', text: 'Let me look.' }),
      blockStop(2),
      blockStart(3, { type: 'tool_use', id: 'toolu_1', name: 'hue', input: {}, caller: { type: 'direct' } }),
      blockDelta(3, { type: 'input_json_delta', partial_json: '' }),
      blockDelta(3, { type: 'input_json_delta', partial_json: '{"of": "s' }),
      blockDelta(3, { type: 'input_json_delta', partial_json: 'ea", "n": [1, 2]}' }),
      blockStop(3),
      blockStart(4, { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} }),
      blockDelta(4, { type: 'input_json_delta', partial_json: '' }),
      blockStop(4),
      ...end('tool_use'),
    ],
    body: bodyOf(
      [
        { type: 'thinking', thinking: 'A colour of the sea.', signature: 'EqQB' },
        { type: 'redacted_thinking', data: 'Ab3' },
        { type: 'text', text: 'Let me look.' },
        {
          type: 'tool_use',
          id: 'toolu_1',
          name: 'hue',
          input: { of: 'sea', n: [1, 2] },
          caller: { type: 'direct' },
        },
        { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
      ],
      'tool_use',
    ),
  },
  citations: {
    events: [
      start,
      blockStart(0, { type: 'text', text: '', citations: [] }),
      blockDelta(0, { type: 'citations_delta', citation: cited }),
      blockDelta(0, { type: 'citations_delta', citation: { ...cited, document_index: 1 } }),
      blockDelta(0, { type: 'text_delta', text: 'Teal.' }),
      blockStop(0),
      ...end('end_turn'),
    ],
    body: bodyOf([{ type: 'text', text: 'Teal.', citations: [cited, { ...cited, document_index: 1 }] }], 'end_turn'),
  },
};

describe('the official SDK reads a converted answer like a native one', () => {
  for (const [name, { events, body }] of Object.entries(pairs)) {
    it(`${name}: stream as JSON`, async () => {
      const converted = convert('anthropic', sse(events), 'json') as Delivered;
      expect(await bodyBySdk(converted)).toEqual(await bodyBySdk(json(body)));
    });

    it(`${name}: JSON as stream`, async () => {
      const converted = convert('anthropic', json(body), 'stream') as Delivered;
      expect(await streamBySdk(converted)).toEqual(await streamBySdk(sse(events)));
    });
  }
});

describe('a stream as JSON', () => {
  const fold = (...events: Event[]) => convert('anthropic', sse(events), 'json');
  const text = [blockStart(0, { type: 'text', text: '' }), blockDelta(0, { type: 'text_delta', text: 'a' })];

  it('takes the counts of the last event over those of the first, and no nulls', () => {
    const [last, stop] = end('end_turn', {
      usage: { input_tokens: 20, cache_read_input_tokens: null, output_tokens: 7, server_tool_use: null },
    }) as [Event, Event];
    const body = JSON.parse((fold(start, ...text, blockStop(0), last, stop) as Delivered).text);
    expect(body.usage).toEqual({ ...usage, input_tokens: 20, output_tokens: 7, server_tool_use: null });
  });

  it('keeps unknown members of the message', () => {
    const message = { ...(start.message as object), 'x-extra': { a: 1 } };
    const body = JSON.parse((fold({ ...start, message }, ...text, blockStop(0), ...end('end_turn')) as Delivered).text);
    expect(body['x-extra']).toEqual({ a: 1 });
  });

  it('takes an input that its block begins with', () => {
    const input = { of: 'sea' };
    const call = { type: 'tool_use', id: 't', name: 'f', input };
    const empty = blockDelta(0, { type: 'input_json_delta', partial_json: '' });
    const answer = fold(start, blockStart(0, call), empty, blockStop(0), ...end('tool_use'));
    expect(JSON.parse((answer as Delivered).text).content).toEqual([call]);
  });

  const refusals: Record<string, Event[]> = {
    'an event is unknown': [start, ...text, { type: 'content_block_pause', index: 0 }, ...end('end_turn')],
    'a delta is unknown': [start, ...text, blockDelta(0, { type: 'tone_delta', tone: 'dry' }), ...end('end_turn')],
    'a block is unknown': [start, blockStart(0, { type: 'fallback', to: { model: 'm' } }), ...end('end_turn')],
    'usage is missing at the end': [start, ...text, ...end('end_turn', { usage: undefined })],
    'the last event has members of a beta': [
      start,
      ...text,
      ...end('end_turn', { context_management: { applied_edits: [{}] } }),
    ],
    'no reason to stop is given': [start, ...text, blockStop(0), { type: 'message_stop' }],
    'a block is left out': [start, blockStart(1, { type: 'text', text: '' }), ...end('end_turn')],
    'an input is cut': [
      start,
      blockStart(0, { type: 'tool_use', id: 't', name: 'f', input: {} }),
      blockDelta(0, { type: 'input_json_delta', partial_json: '{"a":' }),
      ...end('tool_use'),
    ],
    'there is no message': [...text, ...end('end_turn')],
  };
  for (const [name, events] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(fold(...events)).toBeUndefined();
    });
});

describe('JSON as a stream', () => {
  it('names each event, begins without an answer and ends with its counts', () => {
    const { body } = pairs.text as { body: object };
    const { text } = convert('anthropic', json(body), 'stream') as Delivered;
    expect(text.match(/^event: .*$/gm)).toEqual([
      'event: message_start',
      'event: content_block_start',
      'event: content_block_delta',
      'event: content_block_stop',
      'event: message_delta',
      'event: message_stop',
    ]);
    const [first, , , , last] = anthropic.unfold(body as JsonObject, { usage: false }) as [Event, ...Event[]];
    expect(first.message).toMatchObject({ content: [], stop_reason: null, usage: { output_tokens: 1 } });
    expect(last).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 41 } });
  });

  const refusals: Record<string, object> = {
    'a block is unknown': bodyOf([{ type: 'hologram', text: 'a' }], 'end_turn'),
    'there is no usage': { ...bodyOf([], 'end_turn'), usage: undefined },
    'no reason to stop is given': { ...bodyOf([], 'end_turn'), stop_reason: null },
  };
  for (const [name, body] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(convert('anthropic', json(body), 'stream')).toBeUndefined();
    });
});

describe('properties', () => {
  const words = fc.string({ minLength: 1 });
  const sent = (value: unknown) => JSON.parse(JSON.stringify(value)) as object;
  const citations = fc.array(fc.record({ type: words, cited_text: fc.string() }));
  const block = fc.oneof(
    fc.record({ type: fc.constant('text'), text: fc.string(), citations }, { requiredKeys: ['type', 'text'] }),
    fc.record({ type: fc.constant('thinking'), thinking: fc.string(), signature: fc.string() }),
    fc.record({ type: fc.constant('redacted_thinking'), data: words }),
    fc.record(
      {
        type: fc.constant('tool_use'),
        id: words,
        name: words,
        input: fc.dictionary(words, fc.jsonValue()),
        'x-extra': fc.jsonValue(),
      },
      { requiredKeys: ['type', 'id', 'name', 'input'] },
    ),
  );
  const bodies = fc.record(
    {
      id: words,
      type: fc.constant('message'),
      role: fc.constant('assistant'),
      model: words,
      content: fc.array(block, { maxLength: 5 }),
      stop_reason: words,
      stop_sequence: fc.option(words),
      usage: fc.record(
        {
          input_tokens: fc.nat(),
          output_tokens: fc.nat(),
          service_tier: words,
          server_tool_use: fc.option(fc.record({ web_search_requests: fc.nat() })),
        },
        { requiredKeys: ['input_tokens', 'output_tokens'] },
      ),
      'x-extra': fc.jsonValue(),
    },
    { requiredKeys: ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage'] },
  );

  it('a body unfolded and folded is the body', () => {
    fc.assert(
      fc.property(bodies, (generated) => {
        const body = sent(generated);
        const stream = convert('anthropic', json(body), 'stream') as Delivered;
        expect(JSON.parse((convert('anthropic', stream, 'json') as Delivered).text)).toEqual(body);
      }),
    );
  });

  it('how a block is cut into deltas changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.array(fc.string()),
        fc.integer({ min: 1, max: 9 }),
        (thought, said, size) => {
          const input = JSON.stringify({ said });
          const cuts = input.match(new RegExp(`[^]{1,${size}}`, 'g')) as string[];
          const body = anthropic.fold([
            start,
            blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
            ...thought.map((thinking) => blockDelta(0, { type: 'thinking_delta', thinking })),
            blockDelta(0, { type: 'signature_delta', signature: 's' }),
            blockStart(1, { type: 'text', text: '' }),
            ...said.map((text) => blockDelta(1, { type: 'text_delta', text })),
            blockStart(2, { type: 'tool_use', id: 't', name: 'f', input: {} }),
            ...cuts.map((partial_json) => blockDelta(2, { type: 'input_json_delta', partial_json })),
            ...end('tool_use'),
          ]);
          expect(body.content).toEqual([
            { type: 'thinking', thinking: thought.join(''), signature: 's' },
            { type: 'text', text: said.join('') },
            { type: 'tool_use', id: 't', name: 'f', input: { said } },
          ]);
        },
      ),
    );
  });
});
