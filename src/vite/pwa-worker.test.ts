import { type PluginOption, resolveConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { expect, test } from 'vitest';
import { findPwaWorker, type PwaWorker, withRefrain } from './pwa-worker.ts';

function find(plugins: PluginOption[], base = '/', command: 'build' | 'serve' = 'build') {
  return resolveConfig({ configFile: false, logLevel: 'silent', base, plugins }, command).then(findPwaWorker);
}

test('findPwaWorker finds the worker of a PWA under any base', async () => {
  const pwa = { scope: '/', type: 'classic' };
  expect(await find([VitePWA()])).toEqual({ ...pwa, file: 'sw.js' });
  expect(await find([VitePWA({ filename: 'pwa/worker.js' })])).toEqual({ ...pwa, file: 'pwa/worker.js' });
  expect(await find([VitePWA()], '/app/')).toEqual({ ...pwa, file: 'sw.js', scope: '/app/' });
  expect(await find([VitePWA()], './')).toMatchObject({ file: 'sw.js' });
});

test('findPwaWorker tells where there is no such worker', async () => {
  expect(await find([])).toBe('none');
  expect(await find([VitePWA({ disable: true })])).toBe('none');
  expect(await find([VitePWA({ injectRegister: false })])).toBe('not registered');
  expect(await find([VitePWA({ injectRegister: false })], '/', 'serve')).toBe('none');
});

const worker: PwaWorker = { file: 'sw.js', scope: '/', type: 'classic' };

test('withRefrain imports Refrain first, by a URL that is relative to the worker', () => {
  expect(withRefrain('route();', worker, '1a2b')).toBe('importScripts("refrain-sw.js?1a2b");route();');
  expect(withRefrain('', { ...worker, file: 'pwa/worker.js' }, '1')).toBe('importScripts("../refrain-sw.js?1");');
});

test('withRefrain leaves a worker alone that has Refrain, imported or bundled', () => {
  const imported = 'importScripts("/refrain-sw.js");route();';
  expect(withRefrain(imported, worker, '1')).toBe(imported);
  const bundled = 'client.postMessage({refrain:"introduce-yourself"});';
  expect(withRefrain(bundled, worker, '1')).toBe(bundled);
  expect(withRefrain(withRefrain('route();', worker, '1'), worker, '1')).toBe(withRefrain('route();', worker, '1'));
});
