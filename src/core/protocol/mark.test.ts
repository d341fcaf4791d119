import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Mark, takeMark, writeMark } from './mark.ts';

const modes = ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'];
const mark: Mark = { call: 'k3x9q0', cache: 'default', streamBody: false };

/** What a request's headers are with the mark put where writeMark says, as the page script does it. */
function marked(accept: string | null, given: Mark, wishes?: string): Headers {
  const headers = new Headers();
  if (accept !== null) headers.set('accept', accept);
  if (wishes !== undefined) headers.set('x-refrain', wishes);
  const { name, text } = writeMark(accept, given);
  if (name === 'accept' && accept === null) headers.set('accept', '*/*');
  headers.append(name, text);
  return headers;
}

test.each(modes)('takeMark gives back what writeMark wrote: cache %s', (cache) => {
  for (const streamBody of [false, true]) {
    const given = { ...mark, cache, streamBody };
    expect(takeMark(marked(null, given))).toEqual(given);
  }
});

test.each(['*/*', 'application/json', 'text/event-stream', 'application/json, text/plain;q=0.5, */*;q=0.1'])(
  'takeMark leaves the app’s own accept as it was: %s',
  (accept) => {
    const headers = marked(accept, mark);
    expect(headers.get('accept')).toContain('refrain/');
    expect(takeMark(headers)).toEqual(mark);
    expect(headers.get('accept')).toBe(accept);
  },
);

test('takeMark gives any call’s mark and any accept back, wherever the mark fits', () => {
  const calls = fc.stringMatching(/^[a-z0-9]{1,24}$/);
  const types = fc.stringMatching(/^[a-z]{1,9}\/[a-z0-9.+-]{1,30}(;q=0\.[1-9])?$/);
  const accepts = fc.array(types, { minLength: 1, maxLength: 4 }).map((list) => list.join(', '));
  fc.assert(
    fc.property(calls, fc.constantFrom(...modes), fc.boolean(), accepts, (call, cache, streamBody, accept) => {
      const given = { call, cache, streamBody };
      const headers = marked(accept, given);
      expect(takeMark(headers)).toEqual(given);
      expect(headers.get('accept')).toBe(accept);
    }),
  );
});

test('writeMark never makes accept longer than 128 bytes: the mark goes into x-refrain then', () => {
  for (let length = 60; length < 140; length++) {
    const accept = 'a'.repeat(length);
    const { name, text } = writeMark(accept, mark);
    const bytes = `${accept}, ${text}`.length;
    expect([length, name]).toEqual([length, bytes <= 128 ? 'accept' : 'x-refrain']);
  }
});

test('takeMark finds the mark in x-refrain, and leaves the app’s wishes there', () => {
  const accept = 'a'.repeat(120);
  const headers = marked(accept, mark, 'ttl=60s, tag=x');
  expect(headers.get('accept')).toBe(accept);
  expect(takeMark(headers)).toEqual(mark);
  expect(headers.get('x-refrain')).toBe('ttl=60s, tag=x');
});

test('writeMark uses no byte that is unsafe for CORS', () => {
  const unsafe = /["():<>?@[\\\]{}\u007f]|[^\t\u0020-\u007e]/;
  for (const cache of modes)
    for (const streamBody of [false, true])
      expect(writeMark(null, { ...mark, cache, streamBody }).text).not.toMatch(unsafe);
});

test('takeMark finds no mark, where there is none, and changes nothing', () => {
  for (const accept of ['*/*', 'application/refrain', 'text/html;q=0.9']) {
    const headers = new Headers({ accept, 'x-refrain': 'reload' });
    expect(takeMark(headers)).toBeUndefined();
    expect([...headers]).toEqual([
      ['accept', accept],
      ['x-refrain', 'reload'],
    ]);
  }
  expect(takeMark(new Headers())).toBeUndefined();
});
