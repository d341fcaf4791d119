// In the browser, because Node 20 has no URLPattern.
import { expect, test } from 'vitest';
import { readAttributes } from './attributes.ts';

const base = 'https://app.example/shop/';

test.each(['endpoints', 'exclude'] as const)('readAttributes takes %s as patterns relative to the page', (name) => {
  const { worker, bad } = readAttributes({ [name]: ' /api/chat\n https://llm.example/* ' }, base);
  expect(worker[name]).toEqual([
    { pattern: '/api/chat', base },
    { pattern: 'https://llm.example/*', base },
  ]);
  expect(bad).toEqual([]);
});

test.each(['(', '/a https://[', '/:'])('readAttributes lists endpoints=%j as bad, and takes none of them', (text) => {
  const { worker, bad } = readAttributes({ endpoints: text }, base);
  expect(worker.endpoints).toEqual([]);
  expect(bad).toMatchObject([{ name: 'data-endpoints', value: text }]);
});
