import { expect, test } from 'vitest';
import { Bench } from '../request/answer-bench.ts';
import { ask, type Question } from '../request/question.ts';
import { keptRequest } from './kept-request.ts';

const messages = [{ role: 'user', content: 'Hi' }];

async function kept(body: object, headers: Record<string, string> = {}, url?: string) {
  const bench = new Bench();
  const call = bench.call({ body: JSON.stringify(body), headers, ...(url === undefined ? {} : { url }) });
  return keptRequest((await ask(bench.engine, call)) as Question);
}

test('Of a request what counts is kept, in order and indented, and how the answer is to be delivered', async () => {
  const request = await kept({ stream: true, messages, model: 'm' }, { 'content-type': 'application/json' });
  expect(request).toEqual({
    url: 'https://api.example/v1/chat/completions',
    shape: 'stream',
    headers: [['content-type', 'application/json']],
    body: JSON.stringify({ messages: [{ content: 'Hi', role: 'user' }], model: 'm' }, null, 2),
  });
});

test('Headers nobody listed are not kept, and neither is a credential in the URL', async () => {
  const url = 'https://api.example/v1/chat/completions?key=sk-1&a=1';
  const request = await kept({ messages, model: 'm' }, { authorization: 'Bearer sk-1', 'x-own': 'sk-1' }, url);
  expect(request.headers).toEqual([['content-type', 'text/plain;charset=UTF-8']]);
  expect(JSON.stringify(request)).not.toContain('sk-1');
  expect(request.url).toMatch(/\?a=1$/);
});

test('A body with a credential is withheld as a whole, and so is one that is far too long', async () => {
  const secret = await kept({ messages, model: 'm', metadata: { apiKey: 'sk-1' } });
  expect(secret).toMatchObject({ withheld: '/metadata/apiKey holds a credential' });
  expect(secret.body).toBeUndefined();
  const many = Array.from({ length: 2000 }, () => messages[0]);
  expect((await kept({ messages: many, model: 'm' })).withheld).toMatch(/^it has \d+ characters$/);
});

test('Of a long body the long texts are named by their length', async () => {
  const request = await kept({ messages: [...messages, { role: 'user', content: 'a'.repeat(70_000) }], model: 'm' });
  expect(request.body).toContain(`${'a'.repeat(100)}… (70000 characters)`);
  expect(request.body).toContain('"Hi"');
});
