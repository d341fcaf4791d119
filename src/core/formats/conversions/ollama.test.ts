import fc from 'fast-check';
import { Ollama } from 'ollama/browser';
import { describe, expect, it } from 'vitest';
import { isBlank } from './conversion.ts';
import { convert, type Delivered } from './index.ts';
import { ollama } from './ollama.ts';

/** The official SDK, answered with one body whatever it asks. */
function clientOf({ text, contentType }: Delivered): Ollama {
  return new Ollama({ fetch: async () => new Response(text, { headers: { 'content-type': contentType } }) });
}

const messages = [{ role: 'user', content: 'Name a colour' }];
const chatBody = (answer: Delivered) => clientOf(answer).chat({ model: 'm', messages });
const generateBody = (answer: Delivered) => clientOf(answer).generate({ model: 'm', prompt: 'Name a colour' });

/** As Ollama's examples read a stream: what was thought, or else what was said. */
async function chatStream(answer: Delivered) {
  const made = { thought: '', said: '', calls: [] as unknown[], last: {} };
  for await (const { message, ...last } of await clientOf(answer).chat({ model: 'm', messages, stream: true })) {
    if (message.thinking) made.thought += message.thinking;
    else if (message.content) made.said += message.content;
    else made.calls.push(...(message.tool_calls ?? []));
    made.last = { ...last, message };
  }
  return made;
}

async function generateStream(answer: Delivered) {
  const made = { thought: '', said: '', last: {} };
  for await (const line of await clientOf(answer).generate({ model: 'm', prompt: 'p', stream: true })) {
    if (line.thinking) made.thought += line.thinking;
    else made.said += line.response;
    made.last = line;
  }
  return made;
}

const json = (body: object): Delivered => ({ text: JSON.stringify(body), contentType: 'application/json' });
const ndjson = (lines: readonly object[]): Delivered => ({
  text: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  contentType: 'application/x-ndjson',
});

const lineOf = (said: object, done = false) => ({
  model: 'llama3.2',
  created_at: '2026-01-01T00:00:01Z',
  ...said,
  done,
});
const message = (said: object) => ({ message: { role: 'assistant', content: '', ...said } });
const counts = { done_reason: 'stop', total_duration: 900000000, prompt_eval_count: 14, eval_count: 5 };
const calls = [{ function: { name: 'hue', arguments: { of: 'sea' } } }, { function: { name: 'now', arguments: {} } }];

/** The same answer as Ollama gives it in each form. */
const chat = {
  lines: [
    lineOf(message({ thinking: 'Of the' })),
    lineOf(message({ thinking: ' sea' })),
    lineOf(message({ content: 'Te' })),
    lineOf(message({ content: 'al' })),
    lineOf(message({ tool_calls: calls.slice(0, 1) })),
    lineOf(message({ tool_calls: calls.slice(1) })),
    { ...lineOf(message({}), true), ...counts },
  ],
  body: { ...lineOf(message({ content: 'Teal', thinking: 'Of the sea', tool_calls: calls }), true), ...counts },
};
const generate = {
  lines: [
    lineOf({ response: '', thinking: 'Of the' }),
    lineOf({ response: '', thinking: ' sea' }),
    lineOf({ response: 'Te' }),
    lineOf({ response: 'al' }),
    { ...lineOf({ response: '' }, true), ...counts, context: [1, 2, 3] },
  ],
  body: { ...lineOf({ response: 'Teal', thinking: 'Of the sea' }, true), ...counts, context: [1, 2, 3] },
};

describe('the official SDK reads a converted answer like a native one', () => {
  it('chat: stream as JSON', async () => {
    const converted = convert('ollama', ndjson(chat.lines), 'json') as Delivered;
    expect(await chatBody(converted)).toEqual(await chatBody(json(chat.body)));
  });

  it('chat: JSON as stream', async () => {
    const converted = convert('ollama', json(chat.body), 'stream') as Delivered;
    expect(await chatStream(converted)).toEqual(await chatStream(ndjson(chat.lines)));
  });

  it('generate: stream as JSON', async () => {
    const converted = convert('ollama', ndjson(generate.lines), 'json') as Delivered;
    expect(await generateBody(converted)).toEqual(await generateBody(json(generate.body)));
  });

  it('generate: JSON as stream', async () => {
    const converted = convert('ollama', json(generate.body), 'stream') as Delivered;
    expect(await generateStream(converted)).toEqual(await generateStream(ndjson(generate.lines)));
  });
});

describe('a stream as JSON', () => {
  const fold = (...lines: object[]) => convert('ollama', ndjson(lines), 'json');
  const end = { ...lineOf(message({}), true), ...counts };

  it('keeps log probabilities with what they are of', () => {
    const lines = [
      { ...lineOf(message({ content: 'Te' })), logprobs: [{ token: 'Te', logprob: -1 }] },
      { ...lineOf(message({ content: 'al' })), logprobs: [{ token: 'al', logprob: -2 }] },
      end,
    ];
    const body = JSON.parse((fold(...lines) as Delivered).text);
    expect(body.logprobs).toEqual([
      { token: 'Te', logprob: -1 },
      { token: 'al', logprob: -2 },
    ]);
    const { text } = convert('ollama', json(body), 'stream') as Delivered;
    expect(text.split('\n').findIndex((line) => line.includes('logprobs'))).toBe(0);
  });

  it('takes the time of the last line', () => {
    const first = { ...lineOf(message({ content: 'Teal' })), created_at: '2025-12-31T23:59:59Z' };
    expect(JSON.parse((fold(first, end) as Delivered).text).created_at).toBe(end.created_at);
  });

  const refusals: Record<string, object[]> = {
    'it is not done': [lineOf(message({ content: 'Teal' }))],
    'an unknown member goes on': [
      { ...lineOf(message({})), completed: 1 },
      { ...end, completed: 2 },
    ],
    'an unknown member of the message goes on': [
      lineOf(message({ image: 'AA' })),
      lineOf(message({ image: 'AA' })),
      end,
    ],
    'nothing is said': [{ model: 'm', done: true, embeddings: [[1]] }],
  };
  for (const [name, lines] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(fold(...lines)).toBeUndefined();
    });
});

describe('JSON as a stream', () => {
  const refusals: Record<string, object> = {
    'it is not done': lineOf(message({ content: 'Teal' })),
    'it is of embeddings': { model: 'm', embeddings: [[1]] },
  };
  for (const [name, body] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(convert('ollama', json(body), 'stream')).toBeUndefined();
    });
});

describe('properties', () => {
  const words = fc.string({ minLength: 1 });
  const sent = (value: unknown) => JSON.parse(JSON.stringify(value)) as object;
  const speech = fc.record(
    {
      role: fc.constant('assistant'),
      content: fc.string(),
      thinking: words,
      tool_calls: fc.array(fc.record({ function: fc.record({ name: words }) }), { minLength: 1 }),
      // What says nothing has no line.
      'x-extra': fc.jsonValue().filter((value) => !isBlank(value)),
    },
    { requiredKeys: ['role', 'content'] },
  );
  const text = fc.record(
    { response: fc.string(), thinking: words, context: fc.array(fc.nat()) },
    { requiredKeys: ['response'] },
  );

  it('a body unfolded and folded is the body', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          speech.map((said) => ({ message: said })),
          text,
        ),
        fc.jsonValue(),
        (said, extra) => {
          const body = sent({ ...lineOf(said, true), ...counts, 'x-extra': extra });
          const stream = convert('ollama', json(body), 'stream') as Delivered;
          expect(JSON.parse((convert('ollama', stream, 'json') as Delivered).text)).toEqual(body);
        },
      ),
    );
  });

  it('how text is cut into lines changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (thought, said) => {
        const body = ollama.fold([
          lineOf(message({ thinking: '' })),
          ...thought.map((thinking) => lineOf(message({ thinking }))),
          ...said.map((content) => lineOf(message({ content }))),
          { ...lineOf(message({}), true), ...counts },
        ]);
        expect(body.message).toEqual({ role: 'assistant', content: said.join(''), thinking: thought.join('') });
      }),
    );
  });
});
