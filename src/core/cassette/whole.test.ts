import { expect, test } from 'vitest';
import { wholeStreams } from '../formats/sample-answers.ts';
import { sampleAnswer } from './sample-recordings.ts';
import { notWhole } from './whole.ts';

const url = 'https://api.example/v1/chat/completions';

test.each(Object.entries(wholeStreams))('notWhole proves a whole answer (%s), and finds a cut one', (_, whole) => {
  const { format, url: at, contentType, text } = whole;
  const headers = [['content-type', contentType]] as const;
  expect(notWhole({ format, url: at }, sampleAnswer(text, { headers }))).toBeUndefined();
  const half = text.slice(0, text.length / 2);
  expect(notWhole({ format, url: at }, sampleAnswer(half, { headers }))).toContain('not whole');
});

test('notWhole serves no type that could be a document, and no format it does not know', () => {
  const page = sampleAnswer('<script></script>', { headers: [['content-type', 'text/html']] });
  expect(notWhole({ format: 'openai-chat', url }, page)).toContain('"text/html"');
  expect(notWhole({ format: 'somebody’s', url }, page)).toContain('not known here');
});
