import { expect, test } from 'vitest';
import { parseBytes, parseTtl } from './units.ts';

test.each([
  ['30d', 2_592_000],
  ['12h', 43_200],
  ['5m', 300],
  ['90s', 90],
  ['1.5h', 5400],
  ['0', 0],
  ['0s', 0],
  ['none', null],
])('parseTtl reads %s as %s seconds', (text, seconds) => {
  expect(parseTtl(text)).toBe(seconds);
});

test.each([
  '',
  ' ',
  '30',
  'd',
  '30 d',
  '30D',
  '30days',
  '-1d',
  '+1d',
  '1e3s',
  '1d12h',
  '5ms',
  'None',
  'never',
  '0x10s',
  '.5h',
  '1.h',
])('parseTtl does not understand %j', (text) => {
  expect(parseTtl(text)).toBeUndefined();
});

test.each([
  ['64MB', 64_000_000],
  ['1GB', 1_000_000_000],
  ['2TB', 2_000_000_000_000],
  ['500kB', 500_000],
  ['500KB', 500_000],
  ['64mb', 64_000_000],
  ['64 MB', 64_000_000],
  ['1000', 1000],
  ['1000B', 1000],
  ['1.5GB', 1_500_000_000],
  ['0.0001kB', 0],
  ['0', 0],
])('parseBytes reads %s as %s bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(['', 'MB', '64MiB', '64M', '-1MB', '1e6', '64MBit', '64,5MB', 'none', '∞', '64MB 1GB'])(
  'parseBytes does not understand %j',
  (text) => {
    expect(parseBytes(text)).toBeUndefined();
  },
);
