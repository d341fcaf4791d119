// Chromium with a debugger at the pages alone. Playwright finds it, but does not drive it: it attaches itself to every
// service worker too, which keeps the worker alive, holds it back when it starts and watches all that it fetches.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { speakDevTools, withDeadline } from '../e2e/browser/devtools-pipe.mjs';
import { findChromium, launchOptions } from '../e2e/browser/find-chromium.mjs';

/** An empty profile on disk, which outlives the browser. */
export function makeProfile() {
  return mkdtemp(join(tmpdir(), 'refrain-bench-'));
}

export function removeProfile(profile) {
  return rm(profile, { recursive: true, force: true, maxRetries: 5 });
}

/** Starts it with this profile, or with an empty one that goes when it is closed. */
export async function startChromium(kept = undefined) {
  const found = findChromium();
  if (!found) throw new Error('Cannot measure: no Chromium is found, `node e2e/browser/ensure-chromium.mjs` gets one');
  const profile = kept ?? (await makeProfile());
  const child = spawn(found.executablePath, [...launchOptions().args, ...argumentsFor(profile)], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const protocol = speakDevTools(child.stdio[3], child.stdio[4]);
  exited.then(() => protocol.end('the browser has stopped'));
  return {
    version: (await protocol.send('Browser.getVersion')).product,
    open: (url) => openPage(protocol, url),
    heapOfWorker: (url) => heapOfWorker(protocol, url),
    async close() {
      await protocol.send('Browser.close').catch(() => child.kill());
      await exited;
      if (!kept) await removeProfile(profile);
    },
  };
}

function argumentsFor(profile) {
  return [
    '--headless',
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
    '--no-default-browser-check',
    '--password-store=basic',
    '--use-mock-keychain',
    '--host-resolver-rules=MAP *.localhost 127.0.0.1',
    // One window is in front; the others must not be slower for it.
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    'about:blank',
  ];
}

/** Opens `url` in a window of its own. */
async function openPage(protocol, url) {
  const { targetId } = await protocol.send('Target.createTarget', { url: 'about:blank', newWindow: true });
  const { sessionId } = await protocol.send('Target.attachToTarget', { targetId, flatten: true });
  await go(protocol, sessionId, url);
  return {
    /** Loads another page into the same window. */
    go: (other) => go(protocol, sessionId, other),
    /** Runs an expression in the page and resolves with what its promise gives, within so many milliseconds. */
    async run(expression, deadline = undefined) {
      const options = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await protocol.send('Runtime.evaluate', options, sessionId, deadline);
      if (exceptionDetails)
        throw new Error(`${url}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
      return result.value;
    },
    stopWorkers: () => stopWorkers(protocol, targetId),
    watchWorkers: () => watchWorkers(protocol, targetId),
  };
}

/** Resolves when the page has loaded. */
async function go(protocol, sessionId, url) {
  await protocol.send('Page.enable', {}, sessionId);
  const loaded = new Promise((resolve) => {
    const stop = protocol.listen((message) => {
      if (message.sessionId !== sessionId || message.method !== 'Page.loadEventFired') return;
      stop();
      resolve();
    });
  });
  await protocol.send('Page.navigate', { url }, sessionId);
  await withDeadline(`loading ${url}`, loaded);
  await protocol.send('Page.disable', {}, sessionId);
}

/** Notes which workers start from now on; `end` resolves with how often one did. They must all have stopped. */
async function watchWorkers(protocol, targetId) {
  const { sessionId } = await protocol.send('Target.attachToTarget', { targetId, flatten: true });
  const statuses = new Map();
  let started = 0;
  const stop = protocol.listen((message) => {
    if (message.sessionId !== sessionId || message.method !== 'ServiceWorker.workerVersionUpdated') return;
    for (const { versionId, runningStatus } of message.params.versions) {
      if (runningStatus === 'starting' && statuses.get(versionId) !== 'starting') started++;
      if (runningStatus === 'running' && !['starting', 'running'].includes(statuses.get(versionId))) started++;
      statuses.set(versionId, runningStatus);
    }
  });
  await protocol.send('ServiceWorker.enable', {}, sessionId);
  return {
    async end() {
      // What happened before this was answered has been told by then.
      await protocol.send('ServiceWorker.disable', {}, sessionId);
      stop();
      await protocol.send('Target.detachFromTarget', { sessionId });
      return started;
    },
  };
}

/** Stops every worker of the browser; resolves with their number once they have stopped and nobody watches any more. */
async function stopWorkers(protocol, targetId) {
  const { sessionId } = await protocol.send('Target.attachToTarget', { targetId, flatten: true });
  const running = new Map();
  let stopping = false;
  let settle;
  const stopped = new Promise((resolve) => {
    // Where none was running, nothing is told after the order to stop.
    settle = () => {
      if (!stopping || running.size === 0 || [...running.values()].some(Boolean)) return;
      stop();
      resolve();
    };
  });
  const stop = protocol.listen((message) => {
    if (message.sessionId !== sessionId || message.method !== 'ServiceWorker.workerVersionUpdated') return;
    for (const { versionId, status, runningStatus } of message.params.versions)
      if (status === 'activated') running.set(versionId, runningStatus !== 'stopped');
    settle();
  });
  await protocol.send('ServiceWorker.enable', {}, sessionId);
  stopping = true;
  await protocol.send('ServiceWorker.stopAllWorkers', {}, sessionId);
  settle();
  await withDeadline('stopping the workers', stopped);
  await protocol.send('Target.detachFromTarget', { sessionId });
  return running.size;
}

/** Bytes on the heap of the worker whose script lies below `url`, arrays outside of it included, all garbage collected. */
async function heapOfWorker(protocol, url) {
  const { targetInfos } = await protocol.send('Target.getTargets', { filter: [{ type: 'service_worker' }] });
  const workers = targetInfos.filter((target) => target.url.startsWith(url));
  if (workers.length !== 1) throw new Error(`Cannot measure the heap: ${workers.length} workers run at ${url}`);
  const { targetId } = workers[0];
  const { sessionId } = await protocol.send('Target.attachToTarget', { targetId, flatten: true });
  // Twice: what the first one finalizes only the second one frees.
  for (let i = 0; i < 2; i++) await protocol.send('HeapProfiler.collectGarbage', {}, sessionId);
  const { usedSize, backingStorageSize } = await protocol.send('Runtime.getHeapUsage', {}, sessionId);
  await protocol.send('Target.detachFromTarget', { sessionId });
  return { used: usedSize, arrays: backingStorageSize };
}
