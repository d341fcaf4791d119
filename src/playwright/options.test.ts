import { describe, expect, it } from 'vitest';
import { cassettePath, effectiveMode } from './options.ts';

describe('effectiveMode', () => {
  it.each([
    ['auto', {}, 'auto'],
    ['record', { CI: 'true' }, 'record'],
    ['auto', { CI: 'true' }, 'replay'],
    ['auto', { CI: 'false' }, 'auto'],
    ['auto', { CI: 'true', REFRAIN_MODE: 'auto' }, 'auto'],
    ['replay', { REFRAIN_MODE: 'record' }, 'record'],
    ['refresh', { REFRAIN_MODE: '' }, 'refresh'],
  ] as const)('%s with %j is %s', (asked, env, mode) => {
    expect(effectiveMode(asked, env)).toBe(mode);
  });

  it('says which modes there are', () => {
    expect(() => effectiveMode('auto', { REFRAIN_MODE: 'reply' })).toThrow(
      'Cannot use REFRAIN_MODE: it is "reply", one of "auto", "replay", "record", "refresh" is needed',
    );
  });
});

describe('cassettePath', () => {
  it("is relative to the test's file", () => {
    expect(cassettePath('../chat.refrain', '/app/e2e/chat.spec.ts')).toBe('/app/chat.refrain');
    expect(cassettePath('/elsewhere/chat.refrain', '/app/e2e/chat.spec.ts')).toBe('/elsewhere/chat.refrain');
  });
});
