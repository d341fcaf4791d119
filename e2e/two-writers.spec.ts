import type { Page } from '@playwright/test';
import { bytesOf, freshAnswers } from './answers.ts';
import { ask } from './asking.ts';
import { filesOnDisk } from './disk.ts';
import { entries, flush, purge } from './refrain-in-page.ts';
import { askOf, expect, test } from './site.ts';
import type { Upstream } from './upstream.ts';

// What they look for may show once in many runs: a second run would hide it.
test.describe.configure({ retries: 0 });

async function askEach(page: Page, upstream: Upstream, names: readonly string[]) {
  const asked = [];
  for (const name of names) {
    const question = askOf(upstream, { prompt: name, stream: true });
    asked.push({ question, bytes: (await ask(page, question)).bytes });
  }
  return asked;
}

test('Two scopes on one origin keep apart: neither serves, purges nor changes what is the other’s', async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = { 'data-scope': '/one/' };
  const one = await visitor.open('/one/');
  site.attributes = { 'data-scope': '/two/' };
  const two = await visitor.open('/two/');
  const inOne = await askEach(one, upstream, ['Hello', 'Bye']);
  const inTwo = await askEach(two, upstream, ['Hello']);
  expect(upstream.calls).toHaveLength(3);
  await Promise.all([flush(one), flush(two)]);

  expect(await purge(two)).toBe(1);
  await visitor.stopWorkers(one);
  for (const { question, bytes } of inOne) {
    const got = await ask(one, question);
    expect(got).toBeHit();
    expect(got.bytes).toBe(bytes);
  }
  expect(upstream.calls).toHaveLength(3);
  expect(await ask(two, (inTwo[0] as (typeof inTwo)[0]).question)).toBeMiss();
  await flush(two);
  expect(await entries(one)).toHaveLength(2);
  expect(await entries(two)).toHaveLength(1);
  const folders = Object.keys(await filesOnDisk(one)).filter((path) => path.includes('segments'));
  expect(new Set(folders.map((path) => path.split('/')[1]))).toEqual(new Set(['%2Fone%2F', '%2Ftwo%2F']));
});

test('While a worker is replaced by a newer one, nothing that was stored is lost, and what was purged stays away', async ({
  site,
  upstream,
  visitor,
}) => {
  const page = await visitor.open();
  const watch = await visitor.watchWorkers(page);
  const active = () => watch.versions().find(({ status }) => status === 'activated')?.versionId;
  const asked = await askEach(page, upstream, ['A', 'B', 'C', 'D']);
  await flush(page);
  for (let version = 1; version <= 4; version++) {
    const before = active();
    site.worker = (built) => `${built}\n// build ${version}\n`;
    const updating = page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
    // The older one goes on, writing and removing, until the newer has taken its place.
    asked.push(...(await askEach(page, upstream, [`during ${version} a`, `during ${version} b`])));
    const question = askOf(upstream, { prompt: `purged ${version}`, model: 'gpt-4o' });
    await ask(page, question);
    expect(await purge(page, { model: 'gpt-4o' })).toBe(1);
    await updating;
    await expect.poll(active).not.toBe(before);
    await flush(page);
    const calls = upstream.calls.length;
    for (const each of asked) {
      const got = await ask(page, each.question);
      expect(got).toBeHit();
      expect(got.bytes).toBe(each.bytes);
    }
    expect(upstream.calls).toHaveLength(calls);
    expect((await entries(page)).filter(({ model }) => model === 'gpt-4o')).toEqual([]);
    expect(await ask(page, question)).toBeMiss();
    expect(await purge(page, { model: 'gpt-4o' })).toBe(1);
  }
  await watch.session.detach();
});

const lockless = {
  missing: "Object.defineProperty(WorkerNavigator.prototype, 'locks', { value: undefined });",
  refused: "LockManager.prototype.request = () => Promise.reject(new DOMException('no', 'SecurityError'));",
};

for (const [how, patch] of Object.entries(lockless))
  test(`Where Web Locks are ${how}, answers are kept on disk and purged as elsewhere`, async ({
    site,
    upstream,
    visitor,
  }) => {
    site.worker = (built) => `${patch}\n${built}`;
    const page = await visitor.open();
    const [kept, gone] = [askOf(upstream, 'Kept'), askOf(upstream, { prompt: 'Gone', model: 'gpt-4o' })];
    for (const question of [kept, gone]) await ask(page, question);
    await flush(page);
    expect(await purge(page, { model: 'gpt-4o' })).toBe(1);
    expect(await page.evaluate(() => window.refrain.verify())).toMatchObject({ checked: 1, damaged: 0 });
    await visitor.stopWorkers(page);
    const got = await ask(page, kept);
    expect(got).toBeHitFrom('opfs');
    expect(got.bytes).toBe(bytesOf(freshAnswers(upstream.calls[0] as (typeof upstream.calls)[0])));
    expect(await ask(page, gone)).toBeMiss();
    expect(visitor.pageErrors).toEqual([]);
  });
