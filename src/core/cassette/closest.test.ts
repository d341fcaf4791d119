import { expect, test } from 'vitest';
import type { KeptRequest } from '../store/entry.ts';
import { closest, differencesOf } from './closest.ts';

const url = 'https://api.example/v1/chat/completions';

function request(body: unknown, more: Partial<KeptRequest> = {}): KeptRequest {
  return { url, shape: 'json', headers: [], body: JSON.stringify(body, null, 2), ...more };
}

test('differencesOf names every member that differs, and what only one has', () => {
  const recorded = request({ model: 'a', n: 1, 'a/b': { '~': 1 } }, { headers: [['anthropic-version', '1']] });
  const asked = request({ model: 'b', top_p: 1, 'a/b': { '~': 2 } }, { shape: 'stream' });
  expect(differencesOf(recorded, asked)).toEqual([
    { at: 'shape', recorded: 'json', asked: 'stream' },
    { at: 'header anthropic-version', recorded: '1' },
    { at: '/model', recorded: '"a"', asked: '"b"' },
    { at: '/n', recorded: '1' },
    { at: '/a~1b/~0', recorded: '1', asked: '2' },
    { at: '/top_p', asked: '1' },
  ]);
});

test('differencesOf shows of long texts the part that differs', () => {
  const [difference] = differencesOf(request({ p: `${'x'.repeat(500)}A` }), request({ p: `${'x'.repeat(500)}B` }));
  expect(difference?.recorded).toMatch(/^…x+A"$/);
  expect(difference?.asked).toMatch(/^…x+B"$/);
  expect(difference?.asked?.length).toBeLessThan(90);
});

test('differencesOf says that a body was withheld', () => {
  const withheld: KeptRequest = { url, shape: 'json', headers: [], withheld: '/api_key holds a credential' };
  expect(differencesOf(withheld, request({ a: 1 }))).toMatchObject([
    { at: '/', recorded: expect.stringContaining('withheld') },
  ]);
});

test('closest takes the same place before the same words, few differences before many, and like texts before others', () => {
  const asked = request({ prompt: 'Say hello in Dutch', temperature: 0 });
  const elsewhere = {
    request: request({ prompt: 'Say hello in Dutch', temperature: 0 }, { url: 'https://b.example/' }),
  };
  const like = { request: request({ prompt: 'Say hello in Danish', temperature: 0 }) };
  const unlike = { request: request({ prompt: 'Name three rivers', temperature: 0 }) };
  const many = { request: request({ prompt: 'Name three rivers', temperature: 1 }) };
  expect(closest(asked, [elsewhere, many, unlike, like])?.recorded).toBe(like);
  expect(closest(asked, [elsewhere, many, unlike])?.recorded).toBe(unlike);
  expect(closest(asked, [elsewhere])?.recorded).toBe(elsewhere);
  expect(closest(asked, [])).toBeUndefined();
});
