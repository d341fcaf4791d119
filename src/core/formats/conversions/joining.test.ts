import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appended, dropped, indexed, inPieces, joined, latest, once, same, steady } from './joining.ts';

describe('rules', () => {
  it('in pieces: texts are appended, anything else comes whole', () => {
    expect(inPieces('a', 'b')).toBe('ab');
    expect(inPieces(undefined, [1])).toEqual([1]);
    expect(() => inPieces('a', [1])).toThrow();
  });

  it('appended: arrays grow, and the pieces do not', () => {
    const first = ['a'];
    expect(appended(appended(undefined, first), ['b'])).toEqual(['a', 'b']);
    expect(first).toEqual(['a']);
    expect(() => appended(undefined, 'a')).toThrow();
  });

  it('same: repeated', () => {
    expect(same({ a: 1 }, { a: 1 })).toEqual({ a: 1 });
    expect(() => same(1, 2)).toThrow();
  });

  it('steady: repeated, but for arrays, which may go on', () => {
    expect(steady('a', 'a')).toBe('a');
    expect(() => steady([1], [1])).toThrow();
  });

  it('once and latest', () => {
    expect(once(undefined, 1)).toBe(1);
    expect(() => once(1, 1)).toThrow();
    expect(latest(1, 2)).toBe(2);
  });
});

describe('an object in pieces', () => {
  const rule = joined({ text: inPieces, count: latest, pad: dropped }, same);

  it('goes by its rules, and by the last for other members', () => {
    const pieces = [
      { text: 'Te', model: 'm', pad: 'x' },
      { text: 'al', count: 1 },
      { model: 'm', count: 2 },
    ];
    expect(pieces.reduce(rule, {})).toEqual({ text: 'Teal', model: 'm', count: 2 });
    expect(() => [{ model: 'm' }, { model: 'n' }].reduce(rule, {})).toThrow();
  });

  it('takes nothing from what says nothing, and keeps it where nothing else comes', () => {
    for (const blank of [null, '', {}, []]) {
      expect([{ model: blank }, { model: 'm' }, { model: blank }].reduce(rule, {})).toEqual({ model: 'm' });
      expect([{ model: blank }, {}].reduce(rule, {})).toEqual({ model: blank });
    }
    expect([{ model: 0 }, { model: 0 }, {}].reduce(rule, {})).toEqual({ model: 0 });
  });

  it('has members of any name', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    for (const name of names) {
      const given = JSON.parse(`{"${name}":{"a":1}}`) as object;
      expect(JSON.stringify(rule({}, given))).toBe(JSON.stringify(given));
    }
  });

  it('never changes the pieces', () => {
    const pieces = fc.array(fc.record({ text: fc.string(), list: fc.array(fc.record({ index: fc.constant(0) })) }));
    const lists = joined({ text: inPieces, list: indexed(joined({ index: same })) });
    fc.assert(
      fc.property(pieces, (given) => {
        const before = JSON.stringify(given);
        given.reduce<object>(lists, {});
        expect(JSON.stringify(given)).toBe(before);
      }),
    );
  });
});

describe('an array in pieces', () => {
  const rule = indexed(joined({ index: dropped, text: inPieces }));

  it('has its elements where their index says', () => {
    const first = rule(undefined, [{ index: 0, text: 'a' }]);
    expect(
      rule(first, [
        { index: 1, text: 'b' },
        { index: 0, text: 'c' },
      ]),
    ).toEqual([{ text: 'ac' }, { text: 'b' }]);
  });

  it('has no gaps, and no other index than a place in it', () => {
    for (const index of [1, -1, 0.5, '0', null, undefined, 'length'])
      expect(() => rule(undefined, [{ index, text: 'a' }]), String(index)).toThrow();
  });

  it('may take one index for granted', () => {
    expect(indexed(joined({}), 0)(undefined, [{ text: 'a' }])).toEqual([{ text: 'a' }]);
  });
});
