import { ask } from './asking.ts';
import { broughtBetween, bytesOnDisk, damageFiles, damages, filesOnDisk } from './disk.ts';
import { entries, flush, forgetMemory, recordEvents, reported, stats, verify } from './refrain-in-page.ts';
import { askOf, expect, test } from './site.ts';
import type { Visitor } from './visitor.ts';
import { neverQuiet } from './worker-clock.ts';

for (const damage of damages) {
  test(`A file on disk ${damage}: its answer is asked for again, and nothing else is lost`, async ({
    upstream,
    visitor,
  }) => {
    const page = await visitor.open();
    const [hurt, sound] = [askOf(upstream, { prompt: 'Hurt', stream: true }), askOf(upstream, 'Sound')];
    // Files that are written once a browser come with the first answer.
    await ask(page, askOf(upstream, 'Before'));
    await flush(page);
    const before = await filesOnDisk(page);
    const first = await ask(page, hurt);
    await flush(page);
    const withHurt = await filesOnDisk(page);
    const other = await ask(page, sound);
    await flush(page);
    const files = broughtBetween(before, withHurt, await filesOnDisk(page));
    expect(files).not.toEqual([]);

    await visitor.stopWorkers(page);
    await damageFiles(page, files, damage);
    const afterDamage = await ask(page, hurt);
    expect(afterDamage).toBeMiss();
    expect(afterDamage.status).toBe(200);
    expect(afterDamage.bytes).not.toBe(first.bytes);
    const unhurt = await ask(page, sound);
    expect(unhurt).toBeHit();
    expect(unhurt.bytes).toBe(other.bytes);

    const repeated = await ask(page, hurt);
    expect(repeated).toBeHitFrom('memory');
    expect(repeated.bytes).toBe(afterDamage.bytes);
    await flush(page);
    await visitor.stopWorkers(page);
    const mended = await ask(page, hurt);
    expect(mended).toBeHitFrom('opfs');
    expect(mended.bytes).toBe(afterDamage.bytes);
    expect(await entries(page)).toHaveLength(3);
    expect(upstream.calls).toHaveLength(4);
  });

  test(`A file on disk ${damage} under a running worker never gives a wrong answer`, async ({ upstream, visitor }) => {
    const page = await visitor.open();
    const question = askOf(upstream, { prompt: 'Hello', stream: true });
    const first = await ask(page, question);
    await flush(page);
    await forgetMemory(page);
    expect(await ask(page, question)).toBeHitFrom('opfs');
    await damageFiles(page, Object.keys(await filesOnDisk(page)), damage);
    await forgetMemory(page);

    const second = await ask(page, question);
    expect(second.status).toBe(200);
    expect(second.error).toBe(undefined);
    // A deleted file may still be readable through a handle that is open.
    const right = upstream.calls.length === 1 ? first.bytes : (await ask(page, question)).bytes;
    expect(second.bytes).toBe(right);
  });

  test(`All files on disk ${damage}: every call is answered, and new answers survive`, async ({
    upstream,
    visitor,
  }) => {
    const page = await visitor.open();
    const questions = ['One', 'Two', 'Three'].map((prompt) => askOf(upstream, prompt));
    for (const question of questions) {
      await ask(page, question);
      await flush(page);
    }
    await visitor.stopWorkers(page);
    const files = Object.keys(await filesOnDisk(page));
    expect(files).not.toEqual([]);
    await damageFiles(page, files, damage);

    const answers = [];
    for (const question of questions) {
      const got = await ask(page, question);
      expect(got).toMatchObject({ status: 200 });
      answers.push(got.bytes);
    }
    await flush(page);
    await visitor.stopWorkers(page);
    for (const [index, question] of questions.entries()) {
      const got = await ask(page, question);
      expect(got).toBeHit();
      expect(got.bytes).toBe(answers[index]);
    }
    await visitor.restart();
    const next = await visitor.open();
    const again = await ask(next, questions[0] as (typeof questions)[number]);
    expect(again).toBeHitFrom('opfs');
    expect(again.bytes).toBe(answers[0]);
  });
}

/** What some engines and modes lack, put before the worker's own script. */
const missing: Record<string, string> = {
  'navigator.storage is missing': "Object.defineProperty(WorkerNavigator.prototype, 'storage', { value: undefined });",
  'OPFS is refused': `StorageManager.prototype.getDirectory = () =>
    Promise.reject(new DOMException('Storage directory access is denied', 'SecurityError'));`,
  'files cannot be written': 'delete FileSystemFileHandle.prototype.createWritable;',
};

for (const [what, patch] of Object.entries(missing)) {
  test(`Where ${what}, answers come from memory, and the console says so once`, async ({ site, upstream, visitor }) => {
    site.worker = (built) => `${patch}\n${built}`;
    const page = await visitor.open();
    const question = askOf(upstream, { prompt: 'Hello', stream: true });
    const first = await ask(page, question);
    expect(first).toBeMiss();
    const second = await ask(page, question);
    expect(second).toBeHitFrom('memory');
    expect(second.bytes).toBe(first.bytes);
    await flush(page);
    await ask(page, askOf(upstream, 'Another'));
    expect(await stats(page)).toMatchObject({ storage: 'memory', storageReason: expect.stringMatching(/./) });

    await visitor.stopWorkers(page);
    expect(await ask(page, question)).toBeMiss();
    expect(await ask(page, question)).toBeHitFrom('memory');
    await expect.poll(() => saidAboutStorage(visitor, page)).toHaveLength(1);
    expect(visitor.pageErrors).toEqual([]);
  });
}

test('With no room left on disk, new answers stay in memory, and whole files that hold a tenth of what is stored make room', async ({
  site,
  upstream,
  visitor,
}) => {
  site.worker = (built) => `${neverQuiet}\n${built}`;
  const page = await visitor.open();
  const questions = Array.from({ length: 25 }, (_, index) => askOf(upstream, `Question ${index}`));
  // Each in a file of its own, all of about one size: what is freed are whole files, a tenth ends in the third.
  for (const question of questions) {
    await ask(page, question);
    await flush(page);
  }
  const session = await visitor.context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: site.origin, quotaSize: 1 });

  const newer = askOf(upstream, 'Newer');
  const first = await ask(page, newer);
  expect(first).toBeMiss();
  await flush(page);
  const second = await ask(page, newer);
  expect(second).toBeHitFrom('memory');
  expect(second.bytes).toBe(first.bytes);
  await expect.poll(() => saidAboutStorage(visitor, page)).toHaveLength(1);

  await visitor.stopWorkers(page);
  expect(await entries(page)).toHaveLength(22);
  const newest = await ask(page, questions.at(-1) as (typeof questions)[number]);
  expect(newest).toBeHitFrom('opfs');
  expect(await ask(page, newer)).toBeMiss();

  await session.send('Storage.overrideQuotaForOrigin', { origin: site.origin });
  await session.detach();
  await visitor.stopWorkers(page);
  const withRoom = askOf(upstream, 'With room again');
  await ask(page, withRoom);
  await flush(page);
  await visitor.stopWorkers(page);
  expect(await ask(page, withRoom)).toBeHitFrom('opfs');
});

test('An answer larger than a tenth of data-memory is served from OPFS alone', async ({ site, upstream, visitor }) => {
  site.attributes = { 'data-memory': '5kB' };
  const page = await visitor.open();
  await recordEvents(page);
  const question = askOf(upstream, { prompt: 'Hello', stream: true });
  const first = await ask(page, question);
  await flush(page);
  const second = await ask(page, question);
  const third = await ask(page, question);
  for (const got of [second, third]) {
    expect(got).toBeHitFrom('opfs');
    expect(got.bytes).toBe(first.bytes);
  }
  expect((await stats(page)).memory).toMatchObject({ entries: 0, budget: 5000 });
  expect(upstream.calls).toHaveLength(1);
});

test('data-disk is kept to, the oldest answers leaving first', async ({ site, upstream, visitor }) => {
  site.attributes = { 'data-disk': '20kB' };
  const page = await visitor.open();
  await recordEvents(page);
  const questions = Array.from({ length: 30 }, (_, index) =>
    askOf(upstream, { prompt: `Question ${index}`, stream: true }),
  );
  for (const question of questions) {
    await ask(page, question);
    await flush(page);
  }
  const { opfs } = await stats(page);
  expect(opfs.bytes).toBeLessThanOrEqual(20_000);
  expect(await reported(page)).toContain('entry-remove evict');
  const [oldest, newest] = [questions.at(0), questions.at(-1)] as [(typeof questions)[0], (typeof questions)[0]];
  await forgetMemory(page);
  expect(await ask(page, newest)).toBeHitFrom('opfs');
  expect(await ask(page, oldest)).toBeMiss();
});

test('verify() checks every answer on disk, removes what is damaged, and tells how far it is', async ({
  upstream,
  visitor,
}) => {
  const page = await visitor.open();
  const [sound, hurt] = [askOf(upstream, 'Sound'), askOf(upstream, { prompt: 'Hurt '.repeat(500), stream: true })];
  const first = await ask(page, sound);
  await flush(page);
  const before = await filesOnDisk(page);
  await ask(page, hurt);
  await flush(page);
  const withHurt = await filesOnDisk(page);
  await forgetMemory(page);
  await damageFiles(page, broughtBetween(before, withHurt, withHurt), 'one bit flipped');
  await recordEvents(page);

  const report = { rebuilt: 0, checked: 2, damaged: 1, swept: 0, newer: 0 };
  expect(await verify(page)).toEqual(report);
  await expect.poll(() => reported(page)).toContain('entry-remove damaged');
  const steps = await page.evaluate(() =>
    window.reported.flatMap((event) => (event.type === 'verify-progress' ? [event.step] : [])),
  );
  expect([...new Set(steps)]).toEqual(['indexes', 'records', 'files', 'segments', 'checkpoint']);
  expect(await verify(page)).toEqual({ ...report, checked: 1, damaged: 0 });

  const again = await ask(page, sound);
  expect(again).toBeHitFrom('opfs');
  expect(again.bytes).toBe(first.bytes);
  expect(await ask(page, hurt)).toBeMiss();
});

test('No credential and nothing of a request lies on the disk', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const question = askOf(upstream, 'Who knows the xylophone?');
  const url = `${question.url}?key=query-secret`;
  await ask(page, { ...question, url, headers: { ...question.headers, 'x-app-session': 'header-secret' } });
  await ask(page, question);
  await flush(page);
  const disk = await bytesOnDisk(page);
  expect(disk.length).toBeGreaterThan(100);
  for (const secret of ['sk-end-to-end', 'query-secret', 'header-secret', 'xylophone'])
    expect(disk).not.toContain(secret);
});

function saidAboutStorage(visitor: Visitor, page: Parameters<Visitor['consoleOf']>[0]): string[] {
  return visitor.consoleOf(page).filter((line) => /refrain/i.test(line) && /OPFS|storage|disk|memory/i.test(line));
}
