// What does OPFS offer in a service worker, what do writes, appends and reads cost there, and what is left of a file that
// was never closed?
//
//   node docs/discoveries/probes/opfs-in-service-worker.mjs        (about a minute)

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  median,
  openControlled,
  printTable,
  startBrowser,
  startBrowserOnDisk,
  startServer,
  TAKE_CONTROL,
  watchWorkers,
} from './laboratory.mjs';

const ENTRY_BYTES = 2048;
const MB = 1_000_000;

const worker = `${TAKE_CONTROL}
  const root = () => navigator.storage.getDirectory();
  const bytes = (count) => new Uint8Array(count).fill(7);
  const milliseconds = async (act) => { const from = performance.now(); await act(); return performance.now() - from; };
  const times = async (count, act) => {
    const all = [];
    for (let i = 0; i < count; i++) all.push(await milliseconds(() => act(i)));
    return all;
  };
  async function write(name, data, options) {
    const handle = await (await root()).getFileHandle(name, { create: true });
    const out = await handle.createWritable(options);
    if (options?.keepExistingData) await out.seek((await handle.getFile()).size);
    await out.write(data);
    await out.close();
    return handle;
  }
  const open = async (name) => (await (await root()).getFileHandle(name)).getFile();
  const read = async (file, at) => (await file.slice(at, at + ${ENTRY_BYTES}).arrayBuffer()).byteLength;
  const outcome = (promise) => promise.then((value) => 'worked: ' + value, (error) => error.name + ': ' + error.message);

  const tasks = {
    async offers() {
      const handle = await write('offers', 'x');
      return {
        'FileSystemFileHandle.createSyncAccessHandle': typeof handle.createSyncAccessHandle,
        'FileSystemFileHandle.createWritable': typeof handle.createWritable,
        'FileSystemHandle.move': typeof handle.move,
        Worker: typeof self.Worker,
      };
    },
    perEntry: () => times(100, (i) => write('entry-' + i, bytes(${ENTRY_BYTES}))),
    inOneBlob: () => times(10, (i) => write('segment-' + i, new Blob(Array.from({ length: 500 }, () => bytes(${ENTRY_BYTES}))))),
    async append({ size }) {
      await write('grown-' + size, bytes(size));
      return times(7, () => write('grown-' + size, bytes(${ENTRY_BYTES}), { keepExistingData: true }));
    },
    async reads() {
      await write('read', bytes(${MB}));
      const held = await open('read');
      const at = (i) => (i * 7919) % (${MB} - ${ENTRY_BYTES});
      await times(20, (i) => read(held, at(i)));
      return { held: await times(200, (i) => read(held, at(i))), opened: await times(200, async (i) => read(await open('read'), at(i))) };
    },
    async heldFile({ then }) {
      const name = 'held-' + then;
      const handle = await write(name, bytes(5000));
      const held = await handle.getFile();
      if (then === 'overwritten') await write(name, bytes(5000));
      if (then === 'appended to') await write(name, bytes(10), { keepExistingData: true });
      if (then === 'removed') await (await root()).removeEntry(name);
      if (then === 'open for writing') await (await handle.createWritable()).write(bytes(10));
      return outcome(read(held, 0));
    },
    async removeWhileOpen() {
      const handle = await write('locked', bytes(10));
      const out = await handle.createWritable();
      const refused = await outcome((await root()).removeEntry('locked'));
      await out.abort();
      return refused + '; after abort(): ' + (await outcome((await root()).removeEntry('locked')));
    },
    async unfinished({ name, ends, existing }) {
      if (existing) await write(name, bytes(10));
      const handle = await (await root()).getFileHandle(name, { create: true });
      const out = await handle.createWritable();
      await out.write(bytes(${MB}));
      if (ends === 'abort') await out.abort();
      if (ends === 'close') await out.close();
    },
    async removeSwaps() {
      const usage = async () => Math.round((await navigator.storage.estimate()).usage / ${MB});
      const before = await usage();
      const outcomes = [];
      for await (const name of (await root()).keys()) {
        if (name.endsWith('.crswap')) outcomes.push(await outcome((await root()).removeEntry(name)));
      }
      return 'removeEntry ' + outcomes.join(', ') + '; usage ' + before + ' MB, then ' + (await usage()) + ' MB';
    },
    async list({ prefix }) {
      const found = {};
      for await (const [name, handle] of (await root()).entries()) if (name.startsWith(prefix)) found[name] = (await handle.getFile()).size;
      return found;
    },
  };
  addEventListener('message', (event) => {
    const { task, ...input } = event.data;
    event.waitUntil(tasks[task](input).then((result) => event.ports[0].postMessage({ result }), (error) => event.ports[0].postMessage({ error: String(error) })));
  });
`;

const site = await startServer({ '/': '<title>probe</title>', '/worker.js': worker });

async function run(page, task, input = {}) {
  const answer = await page.evaluate(
    (message) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = (event) => resolve(event.data);
        navigator.serviceWorker.controller.postMessage(message, [port2]);
      }),
    { task, ...input },
  );
  if (answer.error) throw new Error(answer.error);
  return answer.result;
}

async function costs(page) {
  const figure = (value) => (value < 1 ? value.toFixed(2) : value.toFixed(1));
  const reads = await run(page, 'reads');
  const appends = {};
  for (const size of [1, 10, 50])
    appends[`append 2 KB to ${size} MB (keepExistingData)`] = figure(
      median(await run(page, 'append', { size: size * MB })),
    );
  return {
    'one file an entry of 2 KB: createWritable, write, close': figure(median(await run(page, 'perEntry'))),
    '500 such entries as one blob in one file': figure(median(await run(page, 'inOneBlob'))),
    '— that is, an entry': figure(median(await run(page, 'inOneBlob')) / 500),
    ...appends,
    'read 2 KB of a held File': figure(median(reads.held)),
    'read 2 KB, file opened by its name': figure(median(reads.opened)),
  };
}

const CASES = [
  ['new file, closed', { name: 'left-1', ends: 'close' }],
  ['new file, aborted', { name: 'left-2', ends: 'abort' }],
  ['new file, never closed', { name: 'left-3', ends: 'never' }],
  ['10 bytes overwritten, never closed', { name: 'left-4', ends: 'never', existing: true }],
];

async function unfinished(page) {
  for (const [, input] of CASES) await run(page, 'unfinished', input);
  return run(page, 'list', { prefix: 'left-' });
}

function printLeftovers(title, before, after, ended) {
  const size = (listing, name) => (name in listing ? `${listing[name]} bytes` : 'not listed');
  const others = (listing) => Object.keys(listing).filter((name) => !CASES.some(([, input]) => input.name === name));
  printTable(title, [
    ['1 MB written', 'listed before', ended],
    ...CASES.map(([what, { name }]) => [what, size(before, name), size(after, name)]),
    [
      'other names listed',
      ...[before, after].map(
        (list) =>
          others(list)
            .map((name) => `${name} ${size(list, name)}`)
            .join(', ') || 'none',
      ),
    ],
  ]);
}

async function afterStop(context, page) {
  const workers = await watchWorkers(context, page);
  const before = await unfinished(page);
  await workers.stop();
  return [before, await run(page, 'list', { prefix: 'left-' })];
}

/** Ends the browser at once, as a power cut would, and starts it again with the same profile. */
async function afterCrash(folder) {
  const context = await startBrowserOnDisk(folder);
  const page = await openControlled(context, site.origin);
  const before = await unfinished(page);
  const gone = new Promise((resolve) => context.on('close', resolve));
  const session = await context.newCDPSession(page);
  session.send('Browser.crash').catch(() => {});
  await gone;
  const again = await startBrowserOnDisk(folder);
  const pageAgain = await openControlled(again, site.origin);
  const listing = await run(pageAgain, 'list', { prefix: 'left-' });
  const removed = await run(pageAgain, 'removeSwaps');
  await again.close();
  return { before, listing, removed };
}

const folder = await mkdtemp(join(tmpdir(), 'opfs-probe-'));
const crashFolder = await mkdtemp(join(tmpdir(), 'opfs-probe-'));
const onDisk = await startBrowserOnDisk(folder);
const browser = await startBrowser();
try {
  console.log(`Chromium ${browser.version()}`);
  const page = await openControlled(onDisk, site.origin);
  const privateContext = await browser.newContext();
  const privatePage = await openControlled(privateContext, site.origin);
  printTable('What there is', [['', 'typeof'], ...Object.entries(await run(page, 'offers'))]);

  const disk = await costs(page);
  const memory = await costs(privatePage);
  printTable('Costs, medians in milliseconds', [
    ['', 'profile on disk', "Playwright's default context"],
    ...Object.keys(disk).map((name) => [name, disk[name], memory[name]]),
  ]);
  const held = [['the file was then', 'a read of the File held before']];
  for (const then of ['left alone', 'open for writing', 'appended to', 'overwritten', 'removed']) {
    held.push([then, await run(page, 'heldFile', { then }), await run(privatePage, 'heldFile', { then })]);
  }
  held[0].push("the same in Playwright's default context");
  printTable('A held File', held);
  console.log(`\nremoveEntry while a writable is open: ${await run(page, 'removeWhileOpen')}`);
  printLeftovers('Worker stopped, profile on disk', ...(await afterStop(onDisk, page)), 'after');
  printLeftovers(
    "Worker stopped, Playwright's default context",
    ...(await afterStop(privateContext, privatePage)),
    'after',
  );
  const crash = await afterCrash(crashFolder);
  printLeftovers('Browser crashed, profile on disk', crash.before, crash.listing, 'after a new start');
  console.log(`\nThe .crswap files then: ${crash.removed}`);
} finally {
  await onDisk.close();
  await browser.close();
  await site.close();
  for (const used of [folder, crashFolder]) await rm(used, { recursive: true, force: true });
}
