import { GoogleGenAI } from '@google/genai';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gemini } from './gemini.ts';
import { convert, type Delivered } from './index.ts';

/** The official SDK, answered with one body whatever it asks. */
function clientOf({ text, contentType }: Delivered): GoogleGenAI {
  return new GoogleGenAI({
    apiKey: 'none',
    httpOptions: { fetch: async () => new Response(text, { headers: { 'content-type': contentType } }) },
  });
}

const question = { model: 'm', contents: 'Name a colour' };

async function bodyBySdk(answer: Delivered) {
  const { sdkHttpResponse: _, ...read } = await clientOf(answer).models.generateContent(question);
  return read;
}

/** What an app makes of a stream, which the SDK does not put together. */
async function streamBySdk(answer: Delivered) {
  const made = { text: '', thought: '', calls: [] as unknown[], signatures: [] as unknown[], last: {} };
  for await (const chunk of await clientOf(answer).models.generateContentStream(question)) {
    const [candidate] = chunk.candidates ?? [];
    for (const { text = '', thought, thoughtSignature, functionCall } of candidate?.content?.parts ?? []) {
      if (thought) made.thought += text;
      else made.text += text;
      if (functionCall) made.calls.push(functionCall);
      if (thoughtSignature) made.signatures.push(thoughtSignature);
    }
    const { usageMetadata, modelVersion, responseId } = chunk;
    made.last = { finishReason: candidate?.finishReason, usageMetadata, modelVersion, responseId };
  }
  return made;
}

const json = (body: object): Delivered => ({ text: JSON.stringify(body, null, 2), contentType: 'application/json' });
const sse = (chunks: readonly object[]): Delivered => ({
  text: chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join(''),
  contentType: 'text/event-stream',
});
const array = (chunks: readonly object[]): Delivered => ({
  text: `[${chunks.map((chunk) => JSON.stringify(chunk, null, 2)).join('\n,\r\n')}]`,
  contentType: 'application/json; charset=UTF-8',
});

const tail = { modelVersion: 'gemini-2.5-flash', responseId: 'r1' };
const usageOf = (candidatesTokenCount: number) => ({
  promptTokenCount: 5,
  candidatesTokenCount,
  thoughtsTokenCount: 9,
  totalTokenCount: 14 + candidatesTokenCount,
});
const chunkOf = (parts: object[], count: number, more: object = {}) => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }],
  usageMetadata: usageOf(count),
  ...tail,
});

/** The same answer as Gemini gives it in each form. */
const pairs: Record<string, { chunks: object[]; body: object }> = {
  text: {
    chunks: [chunkOf([{ text: 'Te' }], 1), chunkOf([{ text: 'al' }], 2, { finishReason: 'STOP' })],
    body: chunkOf([{ text: 'Teal' }], 2, { finishReason: 'STOP' }),
  },
  'thoughts, text and calls': {
    chunks: [
      chunkOf([{ text: 'A colour', thought: true }], 0),
      chunkOf([{ text: ' of the sea.', thought: true }], 0),
      chunkOf([{ text: 'Let me' }], 2),
      chunkOf([{ text: ' look.' }], 4),
      chunkOf([{ functionCall: { name: 'hue', args: { of: 'sea' } }, thoughtSignature: 'EoEB' }], 6),
      chunkOf([{ functionCall: { id: 'c2', name: 'now', args: {} } }], 8, { finishReason: 'STOP' }),
    ],
    body: chunkOf(
      [
        { text: 'A colour of the sea.', thought: true },
        { text: 'Let me look.' },
        { functionCall: { name: 'hue', args: { of: 'sea' } }, thoughtSignature: 'EoEB' },
        { functionCall: { id: 'c2', name: 'now', args: {} } },
      ],
      8,
      { finishReason: 'STOP' },
    ),
  },
};

describe('the official SDK reads a converted answer like a native one', () => {
  for (const [name, { chunks, body }] of Object.entries(pairs)) {
    for (const [framing, stream] of Object.entries({ SSE: sse(chunks), array: array(chunks) }))
      it(`${name}: ${framing} as JSON`, async () => {
        const converted = convert('gemini', stream, 'json') as Delivered;
        expect(await bodyBySdk(converted)).toEqual(await bodyBySdk(json(body)));
      });

    it(`${name}: JSON as stream`, async () => {
      const converted = convert('gemini', json(body), 'stream') as Delivered;
      expect(await streamBySdk(converted)).toEqual(await streamBySdk(sse(chunks)));
    });

    it(`${name}: array as SSE`, async () => {
      const converted = convert('gemini', array(chunks), 'stream') as Delivered;
      expect(await streamBySdk(converted)).toEqual(await streamBySdk(sse(chunks)));
    });
  }
});

describe('framings', () => {
  const { chunks, body } = pairs.text as { chunks: object[]; body: object };

  it('SSE and array hold the same chunks', () => {
    expect(convert('gemini', array(chunks), 'stream')).toEqual(sse(chunks));
    expect(JSON.parse((convert('gemini', sse(chunks), 'array') as Delivered).text)).toEqual(chunks);
  });

  it('JSON as an array has one chunk', () => {
    expect(convert('gemini', json(body), 'array')).toEqual({
      text: JSON.stringify([body]),
      contentType: 'application/json',
    });
  });

  it('keep chunks that could not be put together', () => {
    const grounded = [chunkOf([{ text: 'a', hue: 1 }], 1), chunkOf([{ text: 'b' }], 2, { finishReason: 'STOP' })];
    expect(convert('gemini', array(grounded), 'stream')).toEqual(sse(grounded));
    expect(convert('gemini', sse(grounded), 'json')).toBeUndefined();
  });
});

describe('a stream as JSON', () => {
  const fold = (...chunks: object[]) => convert('gemini', sse(chunks), 'json');
  const last = chunkOf([{ text: '' }], 2, { finishReason: 'STOP' });

  it('keeps a part with a signature alone', () => {
    const { text } = fold(
      chunkOf([{ text: 'Te' }], 1),
      chunkOf([{ text: 'al' }], 1),
      chunkOf([{ text: '', thoughtSignature: 'EoEB' }], 2, { finishReason: 'STOP' }),
    ) as Delivered;
    expect(JSON.parse(text).candidates[0].content.parts).toEqual([
      { text: 'Teal' },
      { text: '', thoughtSignature: 'EoEB' },
    ]);
  });

  it('keeps parts of one chunk apart', () => {
    const { text } = fold(chunkOf([{ text: 'a' }, { text: 'b' }], 1, { finishReason: 'STOP' })) as Delivered;
    expect(JSON.parse(text).candidates[0].content.parts).toEqual([{ text: 'a' }, { text: 'b' }]);
  });

  it('joins several candidates by index, and takes a last chunk without content', () => {
    const candidate = (index: number, text: string) => ({ index, content: { parts: [{ text }], role: 'model' } });
    const { text } = fold(
      { candidates: [candidate(0, 'Te'), candidate(1, 'Re')], usageMetadata: usageOf(1), ...tail },
      { candidates: [candidate(1, 'd'), candidate(0, 'al')], usageMetadata: usageOf(2), ...tail },
      {
        candidates: [
          { index: 0, finishReason: 'STOP' },
          { index: 1, finishReason: 'MAX_TOKENS' },
        ],
        usageMetadata: usageOf(3),
        ...tail,
      },
    ) as Delivered;
    expect(JSON.parse(text)).toEqual({
      candidates: [
        { ...candidate(0, 'Teal'), finishReason: 'STOP' },
        { ...candidate(1, 'Red'), finishReason: 'MAX_TOKENS' },
      ],
      usageMetadata: usageOf(3),
      ...tail,
    });
  });

  const refusals: Record<string, object[]> = {
    'the last chunk has no usage': [last, { candidates: [{ index: 0, finishReason: 'STOP' }], ...tail }],
    'a part has unknown members': [chunkOf([{ text: 'a', tone: 'dry' }], 1), last],
    'a call comes in pieces': [
      chunkOf([{ functionCall: { name: 'hue', partialArgs: [{ jsonPath: '$.of' }], willContinue: true } }], 1),
      last,
    ],
    'there is audio, which is cut': [chunkOf([{ inlineData: { mimeType: 'audio/L16', data: 'AA==' } }], 1), last],
    'ratings change': [
      chunkOf([{ text: 'a' }], 1, { safetyRatings: [{ category: 'C', probability: 'LOW' }] }),
      chunkOf([{ text: 'b' }], 1, {
        safetyRatings: [{ category: 'C', probability: 'NEGLIGIBLE' }],
        finishReason: 'STOP',
      }),
    ],
    'an unknown member of candidates changes': [
      chunkOf([{ text: 'a' }], 1, { avgLogprobs: -1 }),
      chunkOf([{ text: 'b' }], 1, { avgLogprobs: -2, finishReason: 'STOP' }),
    ],
    'an unknown member of the answer changes': [
      { ...last, shard: 1 },
      { ...last, shard: 2 },
    ],
  };
  for (const [name, chunks] of Object.entries(refusals))
    it(`is refused when ${name}`, () => {
      expect(fold(...chunks)).toBeUndefined();
    });
});

describe('properties', () => {
  const words = fc.string({ minLength: 1 });
  const part = fc.oneof(
    fc.record({ text: fc.string(), thought: fc.boolean(), thoughtSignature: words }, { requiredKeys: ['text'] }),
    fc.record({ functionCall: fc.record({ name: words, args: fc.dictionary(words, fc.jsonValue()) }) }),
    fc.record({ inlineData: fc.record({ mimeType: fc.constant('image/png'), data: fc.base64String() }) }),
  );

  it('a body unfolded and folded is the body', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), fc.jsonValue(), (parts, extra) => {
        const body = JSON.parse(JSON.stringify({ ...chunkOf(parts, 1, { finishReason: 'STOP' }), 'x-extra': extra }));
        for (const shape of ['stream', 'array']) {
          const stream = convert('gemini', json(body), shape) as Delivered;
          expect(JSON.parse((convert('gemini', stream, 'json') as Delivered).text)).toEqual(body);
        }
      }),
    );
  });

  it('how text is cut into chunks changes nothing', () => {
    fc.assert(
      fc.property(fc.array(words, { minLength: 1 }), fc.array(words, { minLength: 1 }), (thought, said) => {
        const body = gemini.fold([
          ...thought.map((text) => chunkOf([{ text, thought: true }], 1)),
          ...said.map((text) => chunkOf([{ text }], 1)),
          chunkOf([], 2, { finishReason: 'STOP' }),
        ]);
        expect(body).toEqual(
          chunkOf([{ text: thought.join(''), thought: true }, { text: said.join('') }], 2, { finishReason: 'STOP' }),
        );
      }),
    );
  });
});
