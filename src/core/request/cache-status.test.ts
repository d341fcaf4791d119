import { expect, test } from 'vitest';
import { addStatus, forwardStatus, hitStatus } from './cache-status.ts';

test.each([
  ['memory', 2_591_990.9, 'refrain; hit; ttl=2591990; detail=memory'],
  ['opfs', 0.5, 'refrain; hit; ttl=0; detail=opfs'],
  ['opfs', -1.5, 'refrain; hit; ttl=-2; detail=opfs'],
  ['memory', Number.POSITIVE_INFINITY, 'refrain; hit; detail=memory'],
] as const)('hitStatus of %s with %s seconds left is %s', (tier, left, status) => {
  expect(hitStatus(tier, left)).toBe(status);
});

test.each([
  ['miss', false, 'refrain; fwd=miss'],
  ['miss', true, 'refrain; fwd=miss; collapsed'],
  ['stale', false, 'refrain; fwd=stale'],
  ['request', false, 'refrain; fwd=request'],
] as const)('forwardStatus of %s, collapsed %s, is %s', (reason, collapsed, status) => {
  expect(forwardStatus(reason, collapsed)).toBe(status);
});

test('addStatus comes last, after the caches nearer to the origin, and leaves the original alone', () => {
  const headers = new Headers({ 'cache-status': 'edge; hit', 'content-type': 'text/plain' });
  expect(addStatus(headers, 'refrain; fwd=miss').get('cache-status')).toBe('edge; hit, refrain; fwd=miss');
  expect(headers.get('cache-status')).toBe('edge; hit');
  expect(addStatus(new Headers(), 'refrain; fwd=miss').get('cache-status')).toBe('refrain; fwd=miss');
});
