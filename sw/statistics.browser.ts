import { afterAll, expect, test } from 'vitest';
import type { RefrainEvent } from '../src/core/report/events.ts';
import { emptyCounters } from '../src/core/report/stats.ts';
import { readJson } from '../src/core/store/json-file.ts';
import { Statistics } from './statistics.ts';

const root = await navigator.storage.getDirectory();
const folders: string[] = [];

afterAll(async () => {
  for (const name of folders) await root.removeEntry(name, { recursive: true });
});

async function createFolder(): Promise<FileSystemDirectoryHandle> {
  const name = crypto.randomUUID();
  folders.push(name);
  return root.getDirectoryHandle(name, { create: true });
}

const miss: RefrainEvent = {
  type: 'entry-miss',
  reason: 'miss',
  url: 'https://api.example/',
  key: 'k',
  format: 'generic',
  partition: 'none',
};

/** Statistics of one worker after the other, in one folder; time passes when the test says so. */
function open(folder: FileSystemDirectoryHandle) {
  let pass = () => {};
  const statistics = new Statistics(
    async () => folder,
    () =>
      new Promise((resolve) => {
        pass = resolve;
      }),
  );
  return { statistics, timePasses: () => pass() };
}

test('Statistics counts since boot and since install alike, in the first worker', async () => {
  const { statistics } = open(await createFolder());
  await statistics.read();
  statistics.add(miss);
  expect(statistics.sinceBoot).toEqual({ ...emptyCounters(), misses: 1 });
  expect(statistics.sinceInstall).toEqual({ ...emptyCounters(), misses: 1 });
});

test('Statistics goes on since install, and anew since boot, in the next worker', async () => {
  const folder = await createFolder();
  const first = open(folder).statistics;
  first.add(miss);
  first.add(miss);
  await first.save();
  const next = open(folder).statistics;
  await next.read();
  next.add(miss);
  expect(next.sinceBoot.misses).toBe(1);
  expect(next.sinceInstall.misses).toBe(3);
});

test('Statistics loses nothing that is counted before the file is read', async () => {
  const folder = await createFolder();
  const first = open(folder).statistics;
  first.add(miss);
  await first.save();
  const next = open(folder).statistics;
  next.add(miss);
  const reading = next.read();
  next.add(miss);
  await reading;
  expect(next.sinceInstall.misses).toBe(3);
  expect(next.sinceBoot.misses).toBe(2);
});

test('Statistics.saveSoon writes once for all that is counted in a second', async () => {
  const folder = await createFolder();
  const { statistics, timePasses } = open(folder);
  statistics.add(miss);
  const saved = [statistics.saveSoon(), statistics.saveSoon()];
  statistics.add(miss);
  expect(await readJson(folder, 'stats.json')).toBeUndefined();
  timePasses();
  await Promise.all(saved);
  expect(await readJson(folder, 'stats.json')).toMatchObject({ misses: 2 });
  await statistics.saveSoon();
});

test('Statistics.save writes nothing, when nothing was counted', async () => {
  const folder = await createFolder();
  const { statistics } = open(folder);
  await statistics.save();
  expect(await readJson(folder, 'stats.json')).toBeUndefined();
});

test('Statistics counts from zero and goes on, when its file is damaged or the folder is missing', async () => {
  const folder = await createFolder();
  const writable = await (await folder.getFileHandle('stats.json', { create: true })).createWritable();
  await writable.write('{"misses":7,"hits":');
  await writable.close();
  const damaged = open(folder).statistics;
  const homeless = new Statistics(
    () => Promise.reject(new Error('no disk')),
    async () => {},
  );
  for (const statistics of [damaged, homeless]) {
    statistics.add(miss);
    await statistics.read();
    await statistics.save();
    expect(statistics.sinceInstall).toEqual({ ...emptyCounters(), misses: 1 });
  }
});
