import { expect, test } from 'vitest';
import { createHandOver } from './hand-over.ts';

const bytes = new TextEncoder().encode('data: hello\n\n');

test('createHandOver makes a stream of bytes in Chromium, which gives them again and again', async () => {
  const handOver = createHandOver(true);
  for (let i = 0; i < 3; i++) {
    const body = handOver(bytes);
    expect(body).toBeInstanceOf(ReadableStream);
    expect(new Uint8Array(await new Response(body).arrayBuffer())).toEqual(bytes);
  }
});

test.each([
  ['bytes in another browser', false, bytes],
  ['a Blob', true, new Blob(['hello'])],
  ['what is longer than eight megabytes', true, new Uint8Array(8_000_001)],
])('createHandOver leaves %s as they are', (_what, isChromium, body) => {
  expect(createHandOver(isChromium)(body)).toBe(body);
});
