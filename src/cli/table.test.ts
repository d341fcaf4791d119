import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { table } from './table.ts';

const names = ['what', 'size', 'note'];
const rows = [
  ['api.openai.com/v1/chat/completions', '1,204', 'a greeting in several words'],
  ['日本語', '7', ''],
];

test('Columns stand under their names, numbers to the right', () => {
  expect(table(names, rows, 100)).toBe(
    [
      'what                                 size  note',
      '──────────────────────────────────  ─────  ───────────────────────────',
      'api.openai.com/v1/chat/completions  1,204  a greeting in several words',
      '日本語                                  7',
    ].join('\n'),
  );
});

test.each([80, 60, 40, 34])('In %d characters no line is wider, and nothing is cut', (width) => {
  const text = table(names, rows, width);
  expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
  const words = new Set(rows.flat().join('').replace(/\s/g, ''));
  for (const character of words) expect(text).toContain(character);
  expect(text.split('\n').length).toBeGreaterThanOrEqual(4);
});

test('In a very narrow terminal each row is a list', () => {
  expect(table(names, rows, 20)).toBe(
    'what: api.openai.com/v1/chat/completions\nsize: 1,204\nnote: a greeting in several words\n\nwhat: 日本語\nsize: 7',
  );
});

test('A column that is empty everywhere is left out', () => {
  expect(table(['a', 'tag'], [['1', '']], 80)).toBe('a\n─\n1');
});
