import type { Page } from '@playwright/test';
import { answerOf, openaiChat } from './answers.ts';
import { ask } from './asking.ts';
import { filesOnDisk } from './disk.ts';
import { entries, flush, recordEvents } from './refrain-in-page.ts';
import { askOf, expect, test } from './site.ts';
import type { StaticOrigin } from './static-origin.ts';
import type { Upstream } from './upstream.ts';
import type { Visitor } from './visitor.ts';
import { clock, neverQuiet, putForward } from './worker-clock.ts';

// What they look for may show once in many runs: a second run would hide it.
test.describe.configure({ retries: 0 });

/** The pause after a refused write, and more, in milliseconds. */
const later = 31_000;

/** Of twenty files of about one size, so many are what is freed: up to a tenth, and the one that passes it. */
const aTenth = 3;

/** A page with twenty answers, each in a file of its own, and what sets how many bytes it may store. */
async function withAnswers(
  { site, upstream, visitor }: { site: StaticOrigin; upstream: Upstream; visitor: Visitor },
  text: (number: number) => string,
) {
  site.worker = (built) => `${clock}\n${neverQuiet}\n${built}`;
  const page = await visitor.open();
  await recordEvents(page);
  upstream.answer = ({ number }) => answerOf(openaiChat, { prompt: '' }, text(number));
  const questions = Array.from({ length: 20 }, (_, index) => askOf(upstream, `Question ${index}`));
  for (const question of questions) {
    await ask(page, question);
    await flush(page);
  }
  const session = await visitor.context.newCDPSession(page);
  const setQuota = (bytes: number | undefined) =>
    session.send('Storage.overrideQuotaForOrigin', {
      origin: site.origin,
      ...(bytes !== undefined && { quotaSize: bytes }),
    });
  return { page, questions, setQuota };
}

function problems(page: Page): Promise<string[]> {
  return page.evaluate(() => window.reported.flatMap((event) => (event.type === 'problem' ? [event.code] : [])));
}

function evicted(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      window.reported.flatMap((event) =>
        event.type === 'entry-remove' && event.reason === 'evict' && event.tier === 'opfs' ? event.keys : [],
      ).length,
  );
}

/** Files that no write may leave behind. */
async function leftovers(page: Page): Promise<string[]> {
  const files = await filesOnDisk(page);
  return Object.entries(files)
    .filter(([path, size]) => /probe|\.crswap$/.test(path) || size.startsWith('0 bytes'))
    .map(([path]) => path);
}

test('With no room left, every call is answered, it is said once, nothing is wiped, and no file is left behind', async ({
  site,
  upstream,
  visitor,
}) => {
  const { page, questions, setQuota } = await withAnswers({ site, upstream, visitor }, (number) => `Answer ${number}`);
  await setQuota(1);

  for (let round = 0; round < 4; round++) {
    for (const name of ['A', 'B', 'C']) {
      const question = askOf(upstream, `${name} in round ${round}`);
      const first = await ask(page, question);
      expect(first).toBeMiss();
      await flush(page);
      const second = await ask(page, question);
      expect(second).toBeHitFrom('memory');
      expect(second.bytes).toBe(first.bytes);
    }
    // Now it may try again, with one byte.
    await putForward(page, (round + 1) * later);
  }
  await expect.poll(() => problems(page)).toEqual(['disk-full']);
  expect(await evicted(page)).toBeLessThanOrEqual(aTenth);
  expect(await leftovers(page)).toEqual([]);

  await setQuota(undefined);
  await putForward(page, 5 * later);
  const withRoom = askOf(upstream, 'With room again');
  await ask(page, withRoom);
  await flush(page);
  await visitor.stopWorkers(page);
  expect((await entries(page)).length).toBeGreaterThanOrEqual(21 - aTenth);
  for (const question of [...questions.slice(aTenth), withRoom]) expect(await ask(page, question)).toBeHit();
  expect(await leftovers(page)).toEqual([]);
});

test('With room for a byte and not for an answer, a tenth is freed at a time, and what then fits is written', async ({
  site,
  upstream,
  visitor,
}) => {
  const size = 20_000;
  const { page, questions, setQuota } = await withAnswers({ site, upstream, visitor }, (number) =>
    `Answer ${number} `.padEnd(size, '.'),
  );
  const { usage = 0 } = await page.evaluate(() => navigator.storage.estimate());
  await setQuota(usage + size / 4);

  // There is room for one more then.
  await ask(page, askOf(upstream, 'Newer'));
  await flush(page);
  expect(await problems(page)).toEqual([]);
  await expect.poll(() => evicted(page)).toBeGreaterThanOrEqual(1);
  expect(await evicted(page)).toBeLessThanOrEqual(aTenth);

  upstream.answer = () => answerOf(openaiChat, { prompt: '' }, 'x'.repeat(size * 10));
  const tooLarge = askOf(upstream, 'Too large');
  await ask(page, tooLarge);
  await flush(page);
  expect(await ask(page, tooLarge)).toBeHitFrom('memory');
  await expect.poll(() => problems(page)).toEqual(['disk-full']);
  expect(await evicted(page)).toBeLessThanOrEqual(2 * aTenth);
  expect(await leftovers(page)).toEqual([]);

  await visitor.stopWorkers(page);
  for (const question of questions.slice(2 * aTenth)) expect(await ask(page, question)).toBeHit();
});
