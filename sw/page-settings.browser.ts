import { expect, test } from 'vitest';
import type { Introduction } from '../src/core/protocol/messages.ts';
import { defaultPageSettings } from '../src/core/settings/options.ts';
import { type ClientsPlatform, PageSettingsByClient } from './page-settings.ts';

const introduction: Introduction = {
  page: { ...defaultPageSettings, partition: 'user-7' },
  worker: { endpoints: [], exclude: [] },
};

/** A page as the worker sees it, that answers over the port it is given when the test lets it. */
class Page {
  asked = 0;
  private port: MessagePort | undefined;

  constructor(readonly url = 'https://app.example/') {}

  postMessage(message: unknown, [port]: [MessagePort]): void {
    expect(message).toEqual({ refrain: 'introduce-yourself' });
    this.asked++;
    this.port = port;
  }

  answer(): void {
    this.port?.postMessage(introduction);
  }
}

function createSettings(page: Page | undefined) {
  const bench = { demanding: false, scriptless: false, introduced: [] as Introduction[], timePasses: () => {} };
  const platform: ClientsPlatform = {
    clients: { get: async (id: string) => (id === 'page' ? page : undefined) } as unknown as Clients,
    after: () =>
      new Promise((resolve) => {
        bench.timePasses = resolve;
      }),
    demanding: async () => bench.demanding,
    scriptless: async () => bench.scriptless,
    introduced: async (given) => void bench.introduced.push(given),
  };
  return { bench, settings: new PageSettingsByClient(platform) };
}

test('PageSettingsByClient gives what a page said of itself, without asking', async () => {
  const page = new Page();
  const { settings } = createSettings(page);
  settings.set('page', introduction.page);
  expect(await settings.of('page')).toEqual(introduction.page);
  expect(page.asked).toBe(0);
});

test('PageSettingsByClient asks a page it does not know, once, however many calls wait for it', async () => {
  const page = new Page();
  const { settings, bench } = createSettings(page);
  const asked = Promise.all([settings.of('page'), settings.of('page')]);
  await expect.poll(() => page.asked).toBe(1);
  page.answer();
  expect(await asked).toEqual([introduction.page, introduction.page]);
  expect(await settings.of('page')).toEqual(introduction.page);
  expect(page.asked).toBe(1);
  expect(bench.introduced).toEqual([introduction]);
});

test('PageSettingsByClient takes the defaults, when a page does not answer in time', async () => {
  const page = new Page();
  const { settings, bench } = createSettings(page);
  const asked = settings.of('page');
  await expect.poll(() => page.asked).toBe(1);
  bench.timePasses();
  expect(await asked).toEqual(defaultPageSettings);
});

test('PageSettingsByClient takes no defaults, when a page does not answer and some page is demanding', async () => {
  const page = new Page();
  const { settings, bench } = createSettings(page);
  bench.demanding = true;
  const asked = settings.of('page');
  await expect.poll(() => page.asked).toBe(1);
  bench.timePasses();
  expect(await asked).toBeUndefined();
});

test('PageSettingsByClient takes no defaults any more for a page that never answered, once some page is demanding', async () => {
  const page = new Page();
  const { settings, bench } = createSettings(page);
  const asked = settings.of('page');
  await expect.poll(() => page.asked).toBe(1);
  bench.timePasses();
  await asked;
  bench.demanding = true;
  const later = settings.of('page');
  bench.timePasses();
  expect(await later).toBeUndefined();
});

test('PageSettingsByClient takes a late answer for the calls after it', async () => {
  const page = new Page();
  const { settings, bench } = createSettings(page);
  const asked = settings.of('page');
  await expect.poll(() => page.asked).toBe(1);
  bench.timePasses();
  await asked;
  page.answer();
  await expect.poll(() => settings.of('page')).toEqual(introduction.page);
});

test('PageSettingsByClient leaves a page alone whose URL says so, before its script could', async () => {
  const page = new Page('https://app.example/?a=b&refrain=off');
  const { settings } = createSettings(page);
  expect(await settings.of('page')).toMatchObject({ mode: 'off' });
  expect(page.asked).toBe(0);
});

test.each([
  [false, defaultPageSettings],
  [true, undefined],
])(
  'PageSettingsByClient takes a client that is gone by the defaults, where no page is demanding: %s',
  async (demanding, settings) => {
    const { settings: byClient, bench } = createSettings(undefined);
    bench.demanding = demanding;
    expect(await byClient.of('page')).toEqual(settings);
  },
);

test('PageSettingsByClient forgets pages that are gone, when it knows many', async () => {
  const page = new Page();
  const { settings } = createSettings(page);
  for (let i = 0; i < 150; i++) settings.set(`gone ${i}`, introduction.page);
  settings.set('page', introduction.page);
  await expect.poll(() => settings.of('gone 3')).toEqual(defaultPageSettings);
  expect(await settings.of('page')).toEqual(introduction.page);
});

test('PageSettingsByClient asks nobody where no page ever had the script, until a call tells that its page has it', async () => {
  const page = new Page();
  const { settings, bench } = createSettings(page);
  bench.scriptless = true;
  const byDefault = { ...defaultPageSettings, ttl: 60 };
  expect(await settings.of('page', false, byDefault)).toBe(byDefault);
  expect(page.asked).toBe(0);
  const marked = settings.of('page', true, byDefault);
  await expect.poll(() => page.asked).toBe(1);
  page.answer();
  expect(await marked).toEqual(introduction.page);
  expect(await settings.of('page', false, byDefault)).toEqual(introduction.page);
});

test('PageSettingsByClient keeps what a page says that was not asked before', async () => {
  const page = new Page();
  const { settings, bench } = createSettings(page);
  bench.scriptless = true;
  await settings.of('page', false);
  settings.set('page', introduction.page);
  expect(await settings.of('page', true)).toEqual(introduction.page);
  expect(page.asked).toBe(0);
});
