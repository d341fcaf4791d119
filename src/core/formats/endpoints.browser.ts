// In the browser, because Node 20 has no URLPattern.
import { expect, test } from 'vitest';
import { createMatcher } from './endpoints.ts';

const base = 'https://app.example/shop/index.html';

function match(url: string, endpoints: string, exclude = '') {
  const patterns = (text: string) =>
    text
      .split(' ')
      .filter(Boolean)
      .map((pattern) => ({ pattern, base }));
  return createMatcher(patterns(endpoints), patterns(exclude))(new URL(url));
}

test.each([
  ['generic', 'https://app.example/api/ask', '/api/ask'],
  ['generic', 'https://app.example/shop/ask', 'ask'],
  ['generic', 'https://llm.example/any/path', 'https://llm.example/*'],
  ['generic', 'https://eu.llm.example/ask', 'https://*.llm.example/ask'],
  ['ollama', 'http://gpu.lan:8080/api/chat', 'http://gpu.lan:8080/api/*'],
  ['openai-chat', 'https://llm.example/v1/chat/completions', 'https://llm.example/*'],
  ['cohere', 'https://proxy.example/v2/chat', 'https://proxy.example/*'],
])('createMatcher takes a URL the app named, as %s: %s by %s', (format, url, endpoints) => {
  expect(match(url, endpoints)).toEqual({ format, named: true });
});

test.each([
  ['https://app.example/api/ask/more', '/api/ask'],
  ['https://other.example/api/ask', '/api/ask'],
  ['http://app.example/api/ask', '/api/ask'],
  ['https://app.example:8443/api/ask', '/api/ask'],
  ['wss://llm.example/ask', 'wss://llm.example/*'],
])('createMatcher leaves alone what the app’s pattern does not name: %s by %s', (url, endpoints) => {
  expect(match(url, endpoints)).toBeUndefined();
});

test('createMatcher takes a known API as the app’s own, when it named that too', () => {
  expect(match('https://api.openai.com/v1/responses', 'https://api.openai.com/*')).toEqual({
    format: 'openai-responses',
    named: true,
  });
});

test('createMatcher lets an exclusion win over known APIs and over endpoints', () => {
  expect(match('https://api.openai.com/v1/responses', '', 'https://api.openai.com/*')).toBeUndefined();
  expect(match('https://app.example/api/ask', '/api/*', '/api/ask')).toBeUndefined();
  expect(match('https://app.example/api/other', '/api/*', '/api/ask')).toEqual({ format: 'generic', named: true });
});

test('createMatcher leaves out a pattern the engine cannot read, and reads the others', () => {
  expect(match('https://app.example/api/ask', '( /api/ask')).toEqual({ format: 'generic', named: true });
});

test('createMatcher takes an endpoint whatever its query says, where the pattern says nothing of it', () => {
  expect(match('https://app.example/api/ask?session=1', '/api/ask')).toEqual({ format: 'generic', named: true });
});
