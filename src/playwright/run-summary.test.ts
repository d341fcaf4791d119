import { describe, expect, it } from 'vitest';
import type { LedgerLine } from './run-ledger.ts';
import { runsAll, summaryOf } from './run-summary.ts';

const replayed: LedgerLine = {
  cassette: '/nowhere/chat.refrain',
  mode: 'replay',
  passed: true,
  served: 0,
  missed: 0,
  recorded: 0,
  used: [],
  mayServeNothing: false,
  outputDir: '/nowhere/results',
};

describe('summaryOf', () => {
  it('calls a whole green run an error when none of its replayed tests was served', () => {
    const { text, servedNothing } = summaryOf([replayed, replayed], true);
    expect(servedNothing).toBe(true);
    expect(text).toContain('Cannot call this run green: it replayed 2 tests and served no answer');
  });

  it.each([
    ['one test was served', [replayed, { ...replayed, served: 1 }], true],
    ['a test has failed already', [{ ...replayed, passed: false }], true],
    ['it was told that this may be', [{ ...replayed, mayServeNothing: true }], true],
    ['tests were left out', [replayed], false],
    ['nothing was replayed', [{ ...replayed, mode: 'auto' }], true],
    ['no test names a cassette', [], true],
  ])('is content where %s', (_what, lines, isWhole) => {
    expect(summaryOf(lines, isWhole).servedNothing).toBe(false);
  });

  it('sums up what the tests of a cassette did', () => {
    const lines = [
      { ...replayed, served: 3, missed: 1 },
      { ...replayed, served: 2 },
    ];
    expect(summaryOf(lines, true).text).toMatch(/chat\.refrain: 5 served, 1 missed, 0 unused in 2 tests\n$/);
    const recorded = { ...replayed, mode: 'record', recorded: 4 };
    expect(summaryOf([recorded], true).text).toMatch(/chat\.refrain: 0 served, 4 recorded in 1 test\n$/);
  });
});

describe('runsAll', () => {
  it.each([
    ['', true],
    ['--config=other.config.ts --workers 2 --headed', true],
    ['chat.spec.ts', false],
    ['--headed chat.spec.ts', false],
    ['-g login', false],
    ['--shard=1/3', false],
    ['--project chromium', false],
  ])('"playwright test %s": %s', (line, all) => {
    expect(runsAll(line.split(' ').filter(Boolean))).toBe(all);
  });
});
