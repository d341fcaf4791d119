import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventStream } from './framing.ts';

type Found = [data: string, name: string | undefined] | 'fault';

function framed(text: string, cuts: readonly number[]): Found[] {
  const found: Found[] = [];
  const framing = eventStream({
    event: (data, name) => found.push([data, name]),
    fault: () => found.push('fault'),
    cut() {},
  });
  const bytes = new TextEncoder().encode(text);
  let from = 0;
  for (const to of [...[...cuts].sort((a, b) => a - b), bytes.length]) {
    framing.feed(bytes.subarray(from, to));
    from = to;
  }
  return found;
}

function parsed(text: string): Found[] {
  const found: Found[] = [];
  const parser = createParser({
    onEvent: ({ data, event }) => found.push([data, event]),
    // An unreadable `retry` is no error of the answer's.
    onError: ({ type }) => type === 'unknown-field' && found.push('fault'),
  });
  parser.feed(text);
  return found;
}

test('eventStream finds what eventsource-parser finds, wherever the bytes are cut', () => {
  const piece = fc.constantFrom(
    ...['data', 'event', 'id', 'retry', 'error', 'data: a', 'data:b', 'data:  c', 'event: e', 'event:', ': ping', ':'],
    ...['id: 1', 'retry: 5', '{"error":1}', 'Oops', 'data: é😀', 'a:b:c', ' data: x', '\n', '\r\n', '\n\n', '\r\n\r\n'],
  );
  const lines = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('\n'));
  fc.assert(
    fc.property(lines, fc.array(fc.nat(200), { maxLength: 20 }), (text, cuts) => {
      expect(framed(`${text}\n`, cuts)).toEqual(parsed(`${text}\n`));
    }),
    { numRuns: 3000 },
  );
});

test('eventStream takes CR for a line end too', () => {
  expect(framed('event: e\rdata: a\rdata: b\r\rdata: c\r\r', [9, 10])).toEqual([
    ['a\nb', 'e'],
    ['c', undefined],
  ]);
});
