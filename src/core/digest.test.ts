import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frame, hex, sha256 } from './digest.ts';

test('sha256 gives the digest as 64 hexadecimal digits', async () => {
  // FIPS 180-4, the example of one block.
  const digest = await sha256(new TextEncoder().encode('abc'));
  expect(digest).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('hex writes each byte as two digits, small ones too', () => {
  expect(hex(new Uint8Array([0, 1, 15, 16, 255]).buffer)).toBe('00010f10ff');
});

test('frame puts the length in bytes before each text', () => {
  expect([...frame(['é', ''])]).toEqual([0, 0, 0, 2, 0xc3, 0xa9, 0, 0, 0, 0]);
});

test.each([
  [
    ['ab', 'c'],
    ['a', 'bc'],
  ],
  [['a', ''], ['a']],
  [
    ['', 'a'],
    ['a', ''],
  ],
  [[], ['']],
  [['a\0\0\0\u0001b'], ['a', 'b']],
])('frame gives %j and %j different bytes', (one, other) => {
  expect(frame(one)).not.toEqual(frame(other));
});

test('frame never gives two lists the same bytes', () => {
  const texts = fc.array(fc.oneof(fc.constantFrom('', 'a', '\0', '\0\0\0\u0001a'), fc.string({ unit: 'grapheme' })), {
    maxLength: 4,
  });
  const lists = fc.array(texts, { minLength: 20, maxLength: 60 });
  fc.assert(
    fc.property(lists, (many) => {
      const seen = new Map<string, string>();
      for (const list of many) {
        const bytes = hex(frame(list).buffer);
        expect(seen.get(bytes) ?? JSON.stringify(list)).toBe(JSON.stringify(list));
        seen.set(bytes, JSON.stringify(list));
      }
    }),
  );
});
