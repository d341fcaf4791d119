import { expect, test } from 'vitest';
import { readDirectives } from './directives.ts';

const none = { noStore: false, reload: false, onlyIfCached: false, forceCache: false, unknown: [] };

test('readDirectives finds nothing asked, where nothing is said', () => {
  expect(readDirectives(null, undefined, null)).toEqual(none);
  expect(readDirectives('', 'default', '')).toEqual(none);
});

test.each([
  ['no-store', { noStore: true }],
  ['reload', { reload: true }],
  ['only-if-cached', { onlyIfCached: true }],
  ['ttl=60s', { ttl: 60 }],
  ['ttl=none', { ttl: null }],
  ['ttl=0', { ttl: 0 }],
  ['variant=3', { variant: '3' }],
  ['tag=greeting', { tag: 'greeting' }],
  ['tag=a=b', { tag: 'a=b' }],
  [' reload , ttl=1h,tag=x ', { reload: true, ttl: 3600, tag: 'x' }],
  ['Reload, TTL=1h', { reload: true, ttl: 3600 }],
  ['variant=A', { variant: 'A' }],
  [',,', {}],
])('readDirectives reads x-refrain: %s', (header, directives) => {
  expect(readDirectives(header, undefined, null)).toEqual({ ...none, ...directives });
});

test.each([
  ['nope', ['nope']],
  ['nope=1, reload', ['nope=1']],
  ['ttl=soon', ['ttl=soon']],
  ['ttl', ['ttl']],
  ['variant=', ['variant']],
  ['tag', ['tag']],
  ['force-cache', ['force-cache']],
  ['constructor', ['constructor']],
])('readDirectives lists what it does not understand: %s', (header, unknown) => {
  const read = readDirectives(header, undefined, null);
  expect(read.unknown).toEqual(unknown);
  expect(read).not.toHaveProperty('ttl');
  expect(read).not.toHaveProperty('variant');
  expect(read).not.toHaveProperty('tag');
});

test('readDirectives follows what it understands beside what it does not', () => {
  expect(readDirectives('nope, ttl=60s', undefined, null)).toEqual({ ...none, ttl: 60, unknown: ['nope'] });
});

test.each([
  ['default', {}],
  ['no-store', { noStore: true }],
  ['reload', { reload: true }],
  ['no-cache', { reload: true }],
  ['force-cache', { forceCache: true }],
  ['only-if-cached', { onlyIfCached: true }],
])('readDirectives follows fetch’s cache mode: %s', (mode, directives) => {
  expect(readDirectives(null, mode, null)).toEqual({ ...none, ...directives });
});

test.each([
  ['no-store', { noStore: true }],
  ['no-cache', { reload: true }],
  ['No-Cache, No-Store', { noStore: true, reload: true }],
  ['max-age=0', {}],
  ['private, max-age=60', {}],
])('readDirectives follows the request’s cache-control: %s', (control, directives) => {
  expect(readDirectives(null, undefined, control)).toEqual({ ...none, ...directives });
});

test('readDirectives takes the strictest of the three', () => {
  expect(readDirectives('no-store', 'force-cache', 'no-cache')).toEqual({
    ...none,
    noStore: true,
    forceCache: true,
    reload: true,
  });
});
