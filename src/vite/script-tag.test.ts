import { expect, test } from 'vitest';
import type { PwaWorker } from './pwa-worker.ts';
import { baseOf, checkBase, optionsFor } from './script-tag.ts';

test('baseOf is relative to the page where the base of Vite is', () => {
  expect(baseOf('/app/', '/deep/index.html')).toBe('/app/');
  for (const base of ['', './']) {
    expect(baseOf(base, '/index.html')).toBe('./');
    expect(baseOf(base, '/deep/index.html')).toBe('../');
    expect(baseOf(base, '/very/deep/index.html')).toBe('../../');
  }
});

test('optionsFor names the worker of a PWA, and the scope which the app names or else the PWA', () => {
  const pwa: PwaWorker = { file: 'pwa/sw.js', scope: '/app/', type: 'classic' };
  expect(optionsFor(undefined, '/')).toEqual({});
  expect(optionsFor(pwa, '/app/')).toEqual({ worker: '/app/pwa/sw.js', scope: '/app/' });
  expect(optionsFor(pwa, '/app/', '/app/chat/')).toEqual({ worker: '/app/pwa/sw.js', scope: '/app/chat/' });
  expect(optionsFor({ ...pwa, scope: './' }, '../')).toEqual({ worker: '../pwa/sw.js' });
  expect(optionsFor({ ...pwa, type: 'module' }, '/')).toMatchObject({ workerType: 'module' });
});

test('checkBase refuses an origin of its own for the worker, unless another worker is named', () => {
  for (const base of ['https://cdn.example/', '//cdn.example/']) {
    expect(() => checkBase(base, {})).toThrow('Cannot use refrain-sw.js under the base');
    expect(() => checkBase(base, { worker: '/refrain-sw.js' })).not.toThrow();
  }
  for (const base of ['/', '/app/', './', '']) expect(() => checkBase(base, {})).not.toThrow();
});
