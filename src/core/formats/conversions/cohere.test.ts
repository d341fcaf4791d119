import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { cohere } from './cohere.ts';
import { convert, type Delivered } from './index.ts';

type Event = JsonObject & { type: string };
const json = (body: object): Delivered => ({ text: JSON.stringify(body), contentType: 'application/json' });
const sse = (events: readonly Event[]): Delivered => ({
  text: `${events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`,
  contentType: 'text/event-stream',
});

const usage = {
  billed_units: { input_tokens: 5, output_tokens: 2 },
  tokens: { input_tokens: 71, output_tokens: 4 },
  cached_tokens: 0,
};
const start: Event = {
  id: 'c1',
  type: 'message-start',
  delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
};
const say = (type: string, message: object, index?: number): Event => ({
  type,
  ...(index === undefined ? {} : { index }),
  delta: { message },
});
const end = (finish_reason: string): Event => ({ type: 'message-end', delta: { finish_reason, usage } });
const bodyOf = (message: object, finish_reason: string) => ({
  id: 'c1',
  finish_reason,
  usage,
  message: { role: 'assistant', ...message },
});

const citation = {
  start: 0,
  end: 4,
  text: 'Teal',
  sources: [{ type: 'document', id: 'd1', document: { title: 'T' } }],
  type: 'TEXT_CONTENT',
};

/** The same answer as Cohere gives it in each form. */
const pairs: Record<string, { events: Event[]; body: object; uncut: Event[] }> = {};
pairs.text = {
  events: [
    start,
    say('content-start', { content: { type: 'thinking', thinking: '' } }, 0),
    say('content-delta', { content: { thinking: 'Of the' } }, 0),
    say('content-delta', { content: { thinking: ' sea' } }, 0),
    { type: 'content-end', index: 0 },
    say('content-start', { content: { type: 'text', text: '' } }, 1),
    say('content-delta', { content: { text: 'Te' } }, 1),
    say('content-delta', { content: { text: 'al' } }, 1),
    say('citation-start', { citations: citation }, 0),
    { type: 'citation-end', index: 0 },
    { type: 'content-end', index: 1 },
    end('COMPLETE'),
  ],
  body: bodyOf(
    {
      content: [
        { type: 'thinking', thinking: 'Of the sea' },
        { type: 'text', text: 'Teal' },
      ],
      citations: [citation],
    },
    'COMPLETE',
  ),
  uncut: [
    start,
    say('content-start', { content: { type: 'thinking', thinking: '' } }, 0),
    say('content-delta', { content: { thinking: 'Of the sea' } }, 0),
    { type: 'content-end', index: 0 },
    say('content-start', { content: { type: 'text', text: '' } }, 1),
    say('content-delta', { content: { text: 'Teal' } }, 1),
    { type: 'content-end', index: 1 },
    say('citation-start', { citations: citation }, 0),
    { type: 'citation-end', index: 0 },
    end('COMPLETE'),
  ],
};
pairs['tool calls'] = {
  events: [
    start,
    say('tool-plan-delta', { tool_plan: 'I will' }),
    say('tool-plan-delta', { tool_plan: ' look.' }),
    say('tool-call-start', { tool_calls: { id: 'a', type: 'function', function: { name: 'hue', arguments: '' } } }, 0),
    say('tool-call-delta', { tool_calls: { function: { arguments: '{"of":' } } }, 0),
    say('tool-call-delta', { tool_calls: { function: { arguments: '"sea"}' } } }, 0),
    { type: 'tool-call-end', index: 0 },
    say('tool-call-start', { tool_calls: { id: 'b', type: 'function', function: { name: 'now', arguments: '' } } }, 1),
    say('tool-call-delta', { tool_calls: { function: { arguments: '{}' } } }, 1),
    { type: 'tool-call-end', index: 1 },
    end('TOOL_CALL'),
  ],
  body: bodyOf(
    {
      tool_plan: 'I will look.',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'hue', arguments: '{"of":"sea"}' } },
        { id: 'b', type: 'function', function: { name: 'now', arguments: '{}' } },
      ],
    },
    'TOOL_CALL',
  ),
  uncut: [
    start,
    say('tool-plan-delta', { tool_plan: 'I will look.' }),
    say('tool-call-start', { tool_calls: { id: 'a', type: 'function', function: { name: 'hue', arguments: '' } } }, 0),
    say('tool-call-delta', { tool_calls: { function: { arguments: '{"of":"sea"}' } } }, 0),
    { type: 'tool-call-end', index: 0 },
    say('tool-call-start', { tool_calls: { id: 'b', type: 'function', function: { name: 'now', arguments: '' } } }, 1),
    say('tool-call-delta', { tool_calls: { function: { arguments: '{}' } } }, 1),
    { type: 'tool-call-end', index: 1 },
    end('TOOL_CALL'),
  ],
};

// Cohere's SDK hands both forms on as they are, so they are compared as they are.
describe('a converted answer is like a native one', () => {
  for (const [name, { events, body, uncut }] of Object.entries(pairs)) {
    it(`${name}: stream as JSON`, () => {
      expect(JSON.parse((convert('cohere', sse(events), 'json') as Delivered).text)).toEqual(body);
    });

    it(`${name}: JSON as stream`, () => {
      expect(cohere.unfold(body as JsonObject, { usage: false })).toEqual(uncut);
      expect(convert('cohere', json(body), 'stream')?.text).toContain(
        `event: message-end\ndata: ${JSON.stringify(uncut.at(-1))}\n\ndata: [DONE]\n\n`,
      );
    });
  }
});

describe('a stream as JSON', () => {
  const fold = (...events: Event[]) => convert('cohere', sse(events), 'json');
  const text = say('content-start', { content: { type: 'text', text: 'a' } }, 0);

  const refusals: Record<string, Event[]> = {
    'an event is unknown': [start, text, { type: 'debug', prompt: 'p' }, end('COMPLETE')],
    'an event has unknown members': [
      start,
      text,
      { ...say('content-delta', { content: { text: 'a' } }, 0), logprobs: { token_ids: [1] } },
      end('COMPLETE'),
    ],
    'usage is missing': [start, text, { type: 'message-end', delta: { finish_reason: 'COMPLETE' } }],
    'the end is missing': [start, text],
    'the beginning is missing': [text, end('COMPLETE')],
    'a block is left out': [start, say('content-start', { content: { type: 'text', text: '' } }, 1), end('COMPLETE')],
    'an unknown member of a block comes twice': [
      start,
      text,
      say('content-delta', { content: { tone: 'dry' } }, 0),
      say('content-delta', { content: { tone: 'dry' } }, 0),
      end('COMPLETE'),
    ],
  };
  for (const [name, events] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(fold(...events)).toBeUndefined();
    });
});

describe('JSON as a stream', () => {
  const refusals: Record<string, object> = {
    'it has log probabilities': { ...bodyOf({}, 'COMPLETE'), logprobs: [{ token_ids: [1] }] },
    'the message has unknown members': bodyOf({ tone: 'dry' }, 'COMPLETE'),
    'there is no usage': { ...bodyOf({}, 'COMPLETE'), usage: undefined },
    'there is no id': { ...bodyOf({}, 'COMPLETE'), id: undefined },
  };
  for (const [name, body] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(convert('cohere', json(body), 'stream')).toBeUndefined();
    });
});

describe('properties', () => {
  const words = fc.string({ minLength: 1 });
  const list = <T>(element: fc.Arbitrary<T>) => fc.array(element, { minLength: 1, maxLength: 3 });
  const messages = fc.record(
    {
      content: list(
        fc.oneof(
          fc.record({ type: fc.constant('text'), text: fc.string() }),
          fc.record({ type: fc.constant('thinking'), thinking: fc.string() }),
        ),
      ),
      tool_plan: words,
      tool_calls: list(
        fc.record({
          id: words,
          type: fc.constant('function'),
          function: fc.record({ name: words, arguments: fc.json() }),
        }),
      ),
      citations: list(fc.record({ start: fc.nat(), end: fc.nat(), text: words, sources: fc.array(fc.jsonValue()) })),
    },
    { requiredKeys: [] },
  );

  it('a body unfolded and folded is the body', () => {
    fc.assert(
      fc.property(messages, fc.jsonValue(), (message, extra) => {
        const body = JSON.parse(JSON.stringify({ ...bodyOf(message, 'COMPLETE'), 'x-extra': extra }));
        const stream = convert('cohere', json(body), 'stream') as Delivered;
        expect(JSON.parse((convert('cohere', stream, 'json') as Delivered).text)).toEqual(body);
      }),
    );
  });

  it('how text is cut into deltas changes nothing', () => {
    fc.assert(
      fc.property(fc.array(words), fc.array(fc.string()), (planned, said) => {
        const body = cohere.fold([
          start,
          ...planned.map((tool_plan) => say('tool-plan-delta', { tool_plan })),
          say('content-start', { content: { type: 'text', text: '' } }, 0),
          ...said.map((text) => say('content-delta', { content: { text } }, 0)),
          end('COMPLETE'),
        ]);
        const plan = planned.join('');
        expect(body.message).toEqual({
          role: 'assistant',
          content: [{ type: 'text', text: said.join('') }],
          ...(plan ? { tool_plan: plan } : {}),
        });
      }),
    );
  });
});
