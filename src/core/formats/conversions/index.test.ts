import { describe, expect, it } from 'vitest';
import { formats } from '../index.ts';
import type { FormatName } from '../paths.ts';
import { otherShapes } from '../shapes.ts';
import { convert } from './index.ts';

const convertible: FormatName[] = ['anthropic', 'cohere', 'gemini', 'ollama', 'openai-chat', 'openai-responses'];

describe('convert', () => {
  const body = { text: '{"a":1}', contentType: 'application/json' };

  it('is there for these formats, and for no other', () => {
    const names = Object.keys(formats) as FormatName[];
    expect(names.filter((name) => otherShapes(name, 'json').length > 0).sort()).toEqual(convertible);
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

  it('misses for formats without a conversion', () => {
    expect(convert('openai-plain', body, 'stream')).toBeUndefined();
    expect(convert('generic', body, 'stream')).toBeUndefined();
  });

  it('misses for streams of nothing', () => {
    for (const format of convertible)
      expect(convert(format, { text: '', contentType: 'text/event-stream' }, 'json'), format).toBeUndefined();
  });
});
