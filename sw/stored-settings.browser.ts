import { afterAll, expect, test } from 'vitest';
import { defaultPageSettings, type PageSettings, type WorkerSettings } from '../src/core/settings/options.ts';
import { sampleEntry } from '../src/core/store/tier-contract.ts';
import { StoredSettings } from './stored-settings.ts';

const hour = 60 * 60 * 1000;
const day = 24 * hour;
const base = 'https://app.example/';
const root = await navigator.storage.getDirectory();
const folders: string[] = [];

afterAll(async () => {
  for (const name of folders) await root.removeEntry(name, { recursive: true });
});

/** The settings of one scope, as one worker after the other has them. */
class Scope {
  now = 20_000 * day;
  readonly conflicts: string[] = [];

  private constructor(readonly folder: FileSystemDirectoryHandle) {}

  static async create(): Promise<Scope> {
    const name = crypto.randomUUID();
    folders.push(name);
    return new Scope(await root.getDirectoryHandle(name, { create: true }));
  }

  /** A worker starts; the one before has written all it had to. */
  async start(): Promise<StoredSettings> {
    const settings = new StoredSettings({
      directory: async () => this.folder,
      now: () => this.now,
      conflict: (message) => this.conflicts.push(message),
    });
    await settings.read;
    return settings;
  }

  async writeFile(content: string): Promise<void> {
    const handle = await this.folder.getFileHandle('settings.json', { create: true });
    const writable = await handle.createWritable();
    await writable.write(content);
    await writable.close();
  }

  async readFile(): Promise<string> {
    return (await (await this.folder.getFileHandle('settings.json')).getFile()).text();
  }
}

/** A page introduces itself, and what it said is on disk when this resolves. */
async function introduce(
  settings: StoredSettings,
  page: Partial<PageSettings> = {},
  worker: Partial<WorkerSettings> = {},
): Promise<void> {
  await settings.introduce({
    page: { ...defaultPageSettings, ...page },
    worker: { endpoints: [], exclude: [], ...worker },
  });
  // Sets nothing new the second time, and waits for what is being written.
  await settings.setRestricted(!settings.restricted);
  await settings.setRestricted(!settings.restricted);
}

const endpoint = (pattern: string) => ({ pattern, base });
const takes = (settings: StoredSettings, path: string) => settings.matcher?.(new URL(path, base)) !== undefined;

test('StoredSettings has no matcher until it has read, and the built-in one then', async () => {
  const { folder } = await Scope.create();
  const settings = new StoredSettings({ directory: async () => folder, now: () => 0, conflict: () => {} });
  expect(settings.matcher).toBeUndefined();
  await settings.read;
  expect(takes(settings, '/v1/chat/completions')).toBe(true);
  expect(takes(settings, '/api/ask')).toBe(false);
  expect(settings).toMatchObject({ memory: 64_000_000, disk: 1_000_000_000, demanding: false, restricted: false });
});

test('StoredSettings unites the endpoints of all pages, and keeps them for the next worker', async () => {
  const scope = await Scope.create();
  const first = await scope.start();
  await introduce(first, {}, { endpoints: [endpoint('/api/ask')] });
  await introduce(first, {}, { endpoints: [endpoint('/api/tell')], exclude: [endpoint('/v1/responses')] });
  await introduce(first);
  for (const settings of [first, await scope.start()]) {
    expect(['/api/ask', '/api/tell', '/v1/messages'].map((path) => takes(settings, path))).toEqual([true, true, true]);
    expect(takes(settings, '/v1/responses')).toBe(false);
  }
});

test('StoredSettings keeps one endpoint, however often it is named', async () => {
  const scope = await Scope.create();
  const settings = await scope.start();
  for (let i = 0; i < 5; i++) {
    scope.now += hour;
    await introduce(settings, {}, { endpoints: [endpoint('/api/ask')] });
  }
  expect(JSON.parse(await scope.readFile()).endpoints).toHaveLength(1);
});

test('StoredSettings forgets an endpoint, when no page has named it for two months', async () => {
  const scope = await Scope.create();
  await introduce(await scope.start(), {}, { endpoints: [endpoint('/api/old'), endpoint('/api/used')] });
  scope.now += 50 * day;
  await introduce(await scope.start(), {}, { endpoints: [endpoint('/api/used')] });
  scope.now += 11 * day;
  const settings = await scope.start();
  expect(takes(settings, '/api/old')).toBe(false);
  expect(takes(settings, '/api/used')).toBe(true);
});

test('StoredSettings takes the budgets of the page that last named some, and keeps them for the next worker', async () => {
  const scope = await Scope.create();
  const settings = await scope.start();
  await introduce(settings, {}, { memory: 1_000_000, disk: 5_000_000 });
  await introduce(settings, {}, { disk: 6_000_000 });
  await introduce(settings);
  expect(settings).toMatchObject({ memory: 1_000_000, disk: 6_000_000 });
  expect(await scope.start()).toMatchObject({ memory: 1_000_000, disk: 6_000_000 });
});

test('StoredSettings tells of two pages that name different budgets, and not of one that names none', async () => {
  const scope = await Scope.create();
  const settings = await scope.start();
  await introduce(settings, {}, { disk: 5_000_000 });
  await introduce(settings, {}, { disk: 5_000_000 });
  await introduce(settings);
  expect(scope.conflicts).toEqual([]);
  await introduce(settings, {}, { disk: 6_000_000 });
  expect(scope.conflicts).toEqual([expect.stringMatching(/data-disk 5000000 and 6000000/)]);
});

test.each<[Partial<PageSettings>, boolean]>([
  [{ partition: 'user' }, true],
  [{ models: { m: '1' } }, true],
  [{ mode: 'record' }, true],
  [{ mode: 'replay' }, true],
  [{ mode: 'off' }, true],
  [{ ttl: 60, onAbort: 'finish' }, false],
])('StoredSettings remembers that a page named %j: demanding is %s', async (page, demanding) => {
  const scope = await Scope.create();
  const settings = await scope.start();
  await introduce(settings, page);
  await introduce(settings);
  expect(settings.demanding).toBe(demanding);
  expect((await scope.start()).demanding).toBe(demanding);
});

test('StoredSettings remembers that the worker’s own policy may forbid calls', async () => {
  const scope = await Scope.create();
  await (await scope.start()).setRestricted(true);
  expect((await scope.start()).restricted).toBe(true);
});

test('StoredSettings.isOutdated knows nothing of a model no catalog names', async () => {
  const settings = await (await Scope.create()).start();
  expect(settings.isOutdated('m', '1')).toBe(false);
});

test('StoredSettings.isOutdated says so a day after a newer version was first seen, and not before', async () => {
  const scope = await Scope.create();
  const settings = await scope.start();
  await introduce(settings, { models: { m: '1' } });
  scope.now += 10 * day;
  await introduce(settings, { models: { m: '2' } });
  expect(settings.isOutdated('m', '1')).toBe(false);
  scope.now += day - 2 * hour;
  expect(settings.isOutdated('m', '1')).toBe(false);
  scope.now += 3 * hour;
  expect(settings.isOutdated('m', '1')).toBe(true);
  expect(settings.isOutdated('m', '2')).toBe(false);
  expect((await scope.start()).isOutdated('m', '1')).toBe(true);
});

test('StoredSettings.removeOutdated runs a removal once for each version that is outdated', async () => {
  const scope = await Scope.create();
  const settings = await scope.start();
  await introduce(settings, { models: { m: '1' } });
  scope.now += 10 * day;
  await introduce(settings, { models: { m: '2' } });
  scope.now += day + hour;
  const asked: boolean[] = [];
  const remove = async (isOutdated: (model: string, version: string) => boolean) => {
    asked.push(isOutdated('m', '1'), isOutdated('m', '2'));
  };
  await settings.removeOutdated(remove);
  await settings.removeOutdated(remove);
  expect(asked).toEqual([true, false]);
});

test('StoredSettings.isOutdated spares a version that a page still has', async () => {
  const scope = await Scope.create();
  const settings = await scope.start();
  for (let i = 0; i < 10; i++) {
    scope.now += day / 2;
    await introduce(settings, { models: { m: '1' } });
    scope.now += 2 * hour;
    await introduce(settings, { models: { m: '2' } });
  }
  expect(settings.isOutdated('m', '1')).toBe(false);
  expect(settings.isOutdated('m', '2')).toBe(false);
});

test('StoredSettings.isOutdated takes a version no catalog ever named for older than those it did', async () => {
  const scope = await Scope.create();
  const settings = await scope.start();
  await introduce(settings, { models: { m: '2' } });
  expect(settings.isOutdated('m', '1')).toBe(false);
  scope.now += day + hour;
  expect(settings.isOutdated('m', '1')).toBe(true);
  expect(settings.isOutdated('other', '1')).toBe(false);
});

test('StoredSettings.isOutdated never takes the version in use for outdated, when the app went back to it', async () => {
  const scope = await Scope.create();
  const settings = await scope.start();
  await introduce(settings, { models: { m: '1' } });
  scope.now += 3 * day;
  await introduce(settings, { models: { m: '2' } });
  scope.now += 3 * day;
  await introduce(settings, { models: { m: '1' } });
  scope.now += 2 * day;
  expect(settings.isOutdated('m', '1')).toBe(false);
});

test('StoredSettings.hasDrifted holds for the next worker', async () => {
  const scope = await Scope.create();
  const first = await scope.start();
  const served = (servedBy: string, storedAt: number) => sampleEntry('a', 'a', { servedBy, storedAt }).meta;
  for (const meta of [served('m-1', 1), served('m-2', 5)]) first.noteServed(meta);
  await introduce(first);
  for (const settings of [first, await scope.start()]) {
    expect(settings.hasDrifted(served('m-1', 1))).toBe(true);
    expect(settings.hasDrifted(served('m-2', 5))).toBe(false);
  }
});

test.each(['', '{', 'null', '[]', '"text"', '7', '{}', '{"models":null}', '{"endpoints":{}}', '{"endpoints":[null]}'])(
  'StoredSettings starts anew and takes what pages say, when its file is damaged: %s',
  async (content) => {
    const scope = await Scope.create();
    await scope.writeFile(content);
    const settings = await scope.start();
    expect(settings).toMatchObject({ memory: 64_000_000, disk: 1_000_000_000, demanding: false, restricted: false });
    expect(takes(settings, '/v1/messages')).toBe(true);
    expect(settings.isOutdated('m', '1')).toBe(false);
    await introduce(settings, { models: { m: '1' } }, { endpoints: [endpoint('/api/ask')], disk: 5_000_000 });
    expect(takes(settings, '/api/ask')).toBe(true);
    expect(await scope.start()).toMatchObject({ disk: 5_000_000, demanding: true });
  },
);

test.each(['{"memory":"much"}', '{"disk":null}'])(
  'StoredSettings uses the default budgets, when its file has none that can be: %s',
  async (content) => {
    const scope = await Scope.create();
    await introduce(await scope.start(), { models: { m: '1' } });
    await scope.writeFile(JSON.stringify({ ...JSON.parse(await scope.readFile()), ...JSON.parse(content) }));
    expect(await scope.start()).toMatchObject({ memory: 64_000_000, disk: 1_000_000_000 });
  },
);

test('StoredSettings works as long as the worker lives, when there is no disk', async () => {
  const settings = new StoredSettings({
    directory: () => Promise.reject(new Error('no disk')),
    now: () => 20_000 * day,
    conflict: () => {},
  });
  await settings.read;
  await introduce(settings, { partition: 'user' }, { endpoints: [endpoint('/api/ask')] });
  expect(takes(settings, '/api/ask')).toBe(true);
  expect(settings.demanding).toBe(true);
});

test('StoredSettings is abandoned a week after a page last had the script, for every later worker, until one has it', async () => {
  const scope = await Scope.create();
  const first = await scope.start();
  expect(first.isAbandoned).toBe(false);
  await introduce(first);
  scope.now += 7 * day;
  expect((await scope.start()).isAbandoned).toBe(false);
  const settings = await scope.start();
  settings.notePresent();
  scope.now += 7 * day;
  expect(settings.isAbandoned).toBe(false);
  scope.now += 2 * day;
  expect(settings.isAbandoned).toBe(true);
  const next = await scope.start();
  expect(next.isAbandoned).toBe(true);
  await introduce(next);
  expect(next.isAbandoned).toBe(false);
  expect((await scope.start()).isAbandoned).toBe(false);
});

test.each([
  ['a file of an older version', '{"endpoints":[],"exclude":[],"models":{}}'],
  ['a day that is none', '{"endpoints":[],"exclude":[],"models":{},"present":"soon"}'],
])('StoredSettings is not abandoned, when all it has is %s', async (_, content) => {
  const scope = await Scope.create();
  await scope.writeFile(content);
  expect((await scope.start()).isAbandoned).toBe(false);
});

test('StoredSettings is abandoned in time, when the clock was ahead for a while', async () => {
  const scope = await Scope.create();
  scope.now += 5000 * day;
  await introduce(await scope.start());
  scope.now -= 5000 * day;
  await introduce(await scope.start());
  scope.now += 9 * day;
  expect((await scope.start()).isAbandoned).toBe(true);
});
