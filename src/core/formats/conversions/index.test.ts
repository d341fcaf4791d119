import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formats } from '../index.ts';
import type { FormatName } from '../paths.ts';
import { bytesOf, judge, wholeStreams } from '../sample-answers.ts';
import { otherShapes, sourceShapes } from '../shapes.ts';
import { convert } from './index.ts';

const convertible: FormatName[] = ['anthropic', 'cohere', 'gemini', 'ollama', 'openai-chat', 'openai-responses'];

describe('convert', () => {
  const body = { text: '{"a":1}', contentType: 'application/json' };

  it('is there for these formats, and for no other', () => {
    const names = Object.keys(formats) as FormatName[];
    expect(names.filter((name) => otherShapes(name, 'json').length > 0).sort()).toEqual(convertible);
  });

  it('refuses a number of more digits than parsing keeps', () => {
    const message = (
      id: string,
    ) => `{"type":"message","role":"assistant","content":[{"type":"tool_use","id":"t","name":"n",
      "input":{"id":${id}}}],"stop_reason":"tool_use","usage":{"output_tokens":1}}`;
    const asStream = (id: string) =>
      convert('anthropic', { text: message(id), contentType: 'application/json' }, 'stream');
    expect(asStream('9007199254740991')?.text).toContain('9007199254740991');
    expect(asStream('12345678901234567891')).toBeUndefined();
    const stream = asStream('1') ?? body;
    const pieces = [...stream.text.matchAll(/.*input_json_delta.*\n\n/g)].map(([event]) => event);
    expect(pieces).toHaveLength(1);
    const twice = ['{\\"id\\":123', '45678901234567891}'].map((piece) =>
      `event: content_block_delta\n${pieces[0]}`.replace(/"partial_json":".*?}"/, `"partial_json":"${piece}"`),
    );
    const cut = { ...stream, text: stream.text.replace(`event: content_block_delta\n${pieces[0]}`, twice.join('')) };
    expect(cut.text).toContain('45678901234567891}');
    expect(convert('anthropic', cut, 'json')).toBeUndefined();
  });

  it('never throws, whatever is stored', () => {
    const texts = [
      '',
      'null',
      '7',
      '{}',
      '[]',
      '[{}]',
      '{"choices":7}',
      'data: {}\n\n',
      'data: 7\n\n',
      '\ufeff',
      '{"a":',
    ];
    const types = ['', 'application/json', 'text/event-stream', 'application/x-ndjson', 'audio/mpeg'];
    for (const format of Object.keys(formats) as FormatName[])
      for (const text of texts)
        for (const contentType of types)
          for (const shape of ['json', 'stream', 'stream+usage', 'array', '[true,{}]'])
            expect(() => convert(format, { text, contentType }, shape)).not.toThrow();
  });

  const streams = Object.values(wholeStreams).filter(({ format }) => convertible.includes(format));
  const shapes = fc.constantFrom('json', 'stream', 'stream+usage', 'array');
  const lenient = new TextDecoder();

  it('never throws, wherever a stream is cut', () => {
    expect(new Set(streams.map(({ format }) => format)).size).toBe(convertible.length);
    for (const { format, text, contentType } of streams)
      for (let at = 0; at <= text.length; at++)
        for (const shape of ['json', 'stream', 'stream+usage'])
          convert(format, { text: text.slice(0, at), contentType }, shape);
  });

  it('never throws, whatever bytes of a stream are flipped', () => {
    const flips = fc.array(fc.tuple(fc.nat(1e6), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...streams), flips, shapes, ({ format, text, contentType }, flipped, shape) => {
        const damaged = bytesOf(text);
        for (const [at, by] of flipped) damaged[at % damaged.length] = (damaged[at % damaged.length] as number) ^ by;
        convert(format, { text: lenient.decode(damaged), contentType }, shape);
      }),
      { numRuns: 500 },
    );
  });

  it('makes of an answer that is proven whole one that is proven whole and ended alike, or none', () => {
    const values = fc.oneof(fc.constantFrom<unknown>(null, '', 0, -1, true, [], {}, [null], 'x', [{}]), fc.jsonValue());
    /** The same JSON with one member, counted from the first, set to another value. */
    const spoil = (whole: string, at: number, value: unknown): string => {
      let left = at;
      return JSON.stringify(
        JSON.parse(whole, function (name, member) {
          return name !== '' && !Array.isArray(this) && left-- === 0 ? value : member;
        }),
      );
    };
    let made = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...streams),
        fc.nat(8),
        fc.nat(12),
        values,
        fc.nat(2),
        (answer, event, member, value, choice) => {
          let at = 0;
          const text = answer.text.replaceAll(/\{.*\}/g, (json) =>
            at++ === event ? spoil(json, member, value) : json,
          );
          const { verdict } = judge({ ...answer, text });
          const body = verdict.complete ? convert(answer.format, { ...answer, text }, 'json') : undefined;
          if (!body) return;
          made++;
          expect(judge({ ...answer, ...body }).verdict).toEqual(verdict);
          const others = sourceShapes(answer.format, new URL(answer.url), 'json');
          const again = convert(answer.format, body, others[choice % others.length] as string);
          if (again) expect(judge({ ...answer, ...again }).verdict).toEqual(verdict);
        },
      ),
      { numRuns: 1500 },
    );
    expect(made).toBeGreaterThan(100);
  });

  it('misses for formats without a conversion', () => {
    expect(convert('openai-plain', body, 'stream')).toBeUndefined();
    expect(convert('generic', body, 'stream')).toBeUndefined();
  });

  it('misses for streams of nothing', () => {
    for (const format of convertible)
      expect(convert(format, { text: '', contentType: 'text/event-stream' }, 'json'), format).toBeUndefined();
  });
});
