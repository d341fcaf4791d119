import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type DevTools, speakDevTools, withDeadline } from '../browser/devtools-pipe.mjs';
import { findChromium, launchOptions } from '../browser/find-chromium.mjs';
import { type Browser, type Engine, expressionOf, type StartOptions, type Tab } from './engine.ts';

/** Milliseconds. Longer than the longest test. */
const patience = 20 * 60_000;

/** Chromium over the DevTools protocol. Playwright would attach itself to the workers too. */
export const chromium: Engine = {
  name: 'Chromium',
  missing: () => (findChromium() ? undefined : 'node e2e/browser/ensure-chromium.mjs gets it'),
  start,
};

async function start({ isPrivate = false }: StartOptions = {}): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'refrain-engines-'));
  const { executablePath = '', args } = launchOptions();
  const own = ['--headless', '--remote-debugging-pipe', `--user-data-dir=${profile}`, '--no-default-browser-check'];
  const quiet = ['--password-store=basic', '--use-mock-keychain', '--ignore-certificate-errors', 'about:blank'];
  // A page put aside keeps its calls, with a worker and without.
  const hosts = ['--host-resolver-rules=MAP *.localhost 127.0.0.1', '--disable-back-forward-cache'];
  const child = spawn(executablePath, [...args, ...own, ...hosts, ...quiet], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const devTools = speakDevTools(child.stdio[3] as Writable, child.stdio[4] as unknown as Readable);
  void exited.then(() => devTools.end('it has stopped'));
  const { product } = await devTools.send('Browser.getVersion');
  const { browserContextId } = isPrivate ? await devTools.send('Target.createBrowserContext') : {};
  let last: { targetId: string; sessionId: string } | undefined;
  return {
    version: product,
    pid: child.pid as number,
    async open(url) {
      const { targetId } = await devTools.send('Target.createTarget', { url: 'about:blank', browserContextId });
      const { sessionId } = await devTools.send('Target.attachToTarget', { targetId, flatten: true });
      last = { targetId, sessionId };
      const tab = tabOf(devTools, targetId, sessionId);
      await tab.goto(url);
      return tab;
    },
    killWorkers: () => killWorkers(devTools, last?.targetId),
    async limitStorage(origin, quotaSize) {
      await devTools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize }, last?.sessionId);
    },
    async close() {
      await devTools.send('Browser.close').catch(() => child.kill());
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function tabOf(devTools: DevTools, targetId: string, sessionId: string): Tab {
  return {
    async goto(url) {
      await devTools.send('Page.enable', {}, sessionId);
      const loaded = new Promise<void>((resolve) => {
        const stop = devTools.listen((event) => {
          if (event.sessionId !== sessionId || event.method !== 'Page.loadEventFired') return;
          stop();
          resolve();
        });
      });
      await devTools.send('Page.navigate', { url }, sessionId);
      await withDeadline(`loading ${url}`, loaded);
      await devTools.send('Page.disable', {}, sessionId);
    },
    evaluate: async (work: unknown, argument?: unknown) => {
      const call = { expression: expressionOf(work, argument), awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await devTools.send('Runtime.evaluate', call, sessionId, patience);
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    async show() {
      await devTools.send('Page.bringToFront', {}, sessionId);
    },
    async close() {
      await devTools.send('Target.closeTarget', { targetId });
    },
  };
}

/** Resolves once they have stopped and nobody watches them any more. */
async function killWorkers(devTools: DevTools, targetId: string | undefined): Promise<void> {
  const { sessionId } = await devTools.send('Target.attachToTarget', { targetId, flatten: true });
  const running = new Map<string, boolean>();
  let stopping = false;
  const stopped = new Promise<void>((resolve) => {
    const stop = devTools.listen((event) => {
      if (event.sessionId !== sessionId || event.method !== 'ServiceWorker.workerVersionUpdated') return;
      for (const { versionId, runningStatus } of event.params.versions)
        running.set(versionId, runningStatus !== 'stopped');
      if (!stopping || [...running.values()].some(Boolean)) return;
      stop();
      resolve();
    });
  });
  await devTools.send('ServiceWorker.enable', {}, sessionId);
  stopping = true;
  await devTools.send('ServiceWorker.stopAllWorkers', {}, sessionId);
  await withDeadline('stopping the workers', stopped);
  await devTools.send('Target.detachFromTarget', { sessionId });
}
