import { describe, expect, it } from 'vitest';
import { expressionOf } from './worker-side.ts';

/** What the worker gets of a function: its source, evaluated elsewhere. */
function asText(given: (...args: never[]) => unknown): (...args: unknown[]) => unknown {
  return new Function(`return (${expressionOf(given)});`)();
}

describe('expressionOf', () => {
  it('reads functions, arrows and methods, also asynchronous ones', async () => {
    const methods = {
      plain(number: number) {
        return number + 1;
      },
      async later(number: number) {
        return number + 1;
      },
    };
    expect(asText((number: number) => number + 1)(1)).toBe(2);
    expect(
      asText(function named(number: number) {
        return number + 1;
      })(1),
    ).toBe(2);
    expect(asText(methods.plain)(1)).toBe(2);
    expect(await asText(methods.later)(1)).toBe(2);
  });

  it('refuses what has no source', () => {
    expect(() => expressionOf((() => 1).bind(null))).toThrow('Cannot use normalize: its source cannot be read');
  });
});
