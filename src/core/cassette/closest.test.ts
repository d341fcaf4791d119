import { expect, test } from 'vitest';
import type { KeptRequest } from '../store/entry.ts';
import { closest, differencesOf, differenceText } from './closest.ts';

function asking(content: string, others: Partial<KeptRequest> & { json?: object } = {}): KeptRequest {
  const { json, ...rest } = others;
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...json }, null, 2);
  return { url: 'https://api.example/v1/chat/completions', shape: 'json', headers: [], body, ...rest };
}

function differences(recorded: KeptRequest, asked: KeptRequest): string[] {
  return differencesOf(recorded, asked).map(differenceText);
}

test('Equal requests do not differ', () => {
  expect(differences(asking('Hi'), asking('Hi'))).toEqual([]);
});

test('Every place that differs is told: values, members, shapes, headers, URLs', () => {
  const recorded = asking('Hi', { headers: [['openai-beta', 'a']], json: { 'a/b~c': 1, tools: [] } });
  const asked = asking('Hello', {
    url: 'https://other.example/',
    shape: 'stream',
    json: { temperature: 0, tools: {} },
  });
  expect(differences(recorded, asked)).toEqual([
    'url: recorded https://api.example/v1/chat/completions, asked https://other.example/',
    'shape: recorded json, asked stream',
    'header openai-beta: recorded a, asked nothing',
    '/messages/0/content: recorded "Hi", asked "Hello"',
    '/a~1b~0c: recorded 1, asked nothing',
    '/tools: recorded [], asked {}',
    '/temperature: recorded nothing, asked 0',
  ]);
});

test('Of long texts the part around the first difference is shown', () => {
  const [text = ''] = differences(asking(`${'a'.repeat(500)}b`), asking(`${'a'.repeat(500)}c`));
  expect(text).toContain('aab"');
  expect(text).toContain('aac"');
  expect(text.length).toBeLessThan(300);
});

test('What is withheld, or no JSON, is compared as it is', () => {
  const withheld = asking('', { withheld: 'it is neither JSON nor a form' });
  const { body: _body, ...without } = withheld;
  expect(differences(without, { ...without, body: 'text' })).toEqual([
    '/: recorded "(withheld: it is neither JSON nor a form)", asked "text"',
  ]);
});

test('The closest is the request that differs least; of equals the first; none where nothing is recorded', () => {
  const named = (name: string, request: KeptRequest) => ({ name, request });
  const all = [
    named('far', asking('Something else altogether')),
    named('near', asking('Count to three')),
    named('as near', asking('Count to three')),
    named('elsewhere', asking('Count to four', { url: 'https://other.example/' })),
    named('another model', asking('Count to three', { json: { model: 'another' } })),
  ];
  const found = closest(asking('Count to four'), all);
  expect(found?.recorded.name).toBe('near');
  expect(found?.differences.map(differenceText)).toEqual([
    '/messages/0/content: recorded "Count to three", asked "Count to four"',
  ]);
  expect(closest(asking('Count to four'), [])).toBeUndefined();
});
