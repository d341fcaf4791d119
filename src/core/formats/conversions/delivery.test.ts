import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import type { Frame } from './conversion.ts';
import { readAnswer, writeStream } from './delivery.ts';

const chunks = [{ type: 'begin', text: 'Te\n' }, { text: 'al \u2028 👋' }];

describe('reading', () => {
  it('takes SSE with any line ends, and leaves out what is no data', () => {
    const lines = [': comment', 'event: begin', 'id: 7', 'data: {"a":', 'data: 1}', '', 'data: [DONE]', '', ''];
    for (const end of ['\n', '\r\n', '\r'])
      expect(readAnswer(lines.join(end), 'text/event-stream; charset=utf-8')).toEqual([{ a: 1 }]);
  });

  it('takes names before data, after it, and none', () => {
    const named = 'event: a\ndata: {"type":"a"}\n\ndata: {"type":"b"}\nevent: b\n\ndata: {"type":"c"}\n\n';
    expect(readAnswer(named, 'text/event-stream')).toEqual([{ type: 'a' }, { type: 'b' }, { type: 'c' }]);
  });

  it('takes lines with and without a last line end, and blank ones', () => {
    for (const type of ['application/x-ndjson', 'application/jsonl', 'application/stream+json'])
      for (const text of ['{"a":1}\n{"a":2}', '{"a":1}\r\n\r\n{"a":2}\n\n'])
        expect(readAnswer(text, type)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('tells a body from an array of chunks', () => {
    expect(readAnswer(' \n{"a":[1]}', 'application/json')).toEqual({ a: [1] });
    expect(readAnswer('[{"a":1}\n,\r\n{"a":2}]', 'application/json; charset=UTF-8')).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('throws for what is not made of objects', () => {
    for (const text of ['"a"', '[1]', '7', 'null', '{'])
      expect(() => readAnswer(text, 'application/json'), text).toThrow();
    expect(() => readAnswer('data: 7\n\n', 'text/event-stream')).toThrow();
    expect(() => readAnswer('7\n', 'application/x-ndjson')).toThrow();
  });
});

describe('writing', () => {
  const written = (frame: Frame) => writeStream(chunks, frame);

  it('names events by their type', () => {
    expect(written('sse').text).toBe(
      'event: begin\ndata: {"type":"begin","text":"Te\\n"}\n\ndata: {"text":"al \u2028 👋"}\n\n',
    );
  });

  it('ends with [DONE] where that is the custom', () => {
    expect(written('sse-done').text).toBe(`${written('sse').text}data: [DONE]\n\n`);
  });

  it('has CRLF throughout where that is the custom', () => {
    expect(written('sse-crlf').text).toBe(written('sse').text.replaceAll('\n', '\r\n'));
  });

  it('is read back as it was, in every frame', () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 });
    fc.assert(
      fc.property(objects, fc.constantFrom<Frame>('sse', 'sse-done', 'sse-crlf', 'lines', 'array'), (given, frame) => {
        const sent = JSON.parse(JSON.stringify(given.map(({ type: _, ...rest }) => rest))) as JsonObject[];
        const { text, contentType } = writeStream(sent, frame);
        expect(readAnswer(text, contentType)).toEqual(sent);
      }),
    );
  });
});
