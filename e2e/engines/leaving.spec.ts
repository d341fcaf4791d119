import { answerOf, openaiChat } from '../answers.ts';
import { ask, startAsking } from '../asking.ts';
import { filesOnDisk } from '../disk.ts';
import { readiness } from '../refrain-in-page.ts';
import { clock, putForward } from '../worker-clock.ts';
import type { Tab } from './engine.ts';
import { askOf, expect, test } from './site.ts';

const day = 24 * 60 * 60 * 1000;

function registrations(tab: Tab): Promise<string[]> {
  return tab.evaluate(async () =>
    (await navigator.serviceWorker.getRegistrations()).map(({ active }) => active?.scriptURL ?? ''),
  );
}

/** Names of the files on disk; none where the engine has no OPFS. */
async function files(tab: Tab): Promise<string[]> {
  const hasDisk = await tab.evaluate(() => typeof navigator.storage?.getDirectory === 'function');
  return hasDisk ? Object.keys(await filesOnDisk(tab)) : [];
}

test('unregister({ purge: true }) stops it here at once, elsewhere from the next load, and leaves no file', async ({
  upstream,
  visit,
}) => {
  const [tab, other] = [await visit.open(), await visit.open()];
  await ask(tab, askOf(upstream, 'Remember me'));
  await tab.evaluate(() => window.refrain.flush());
  // What is under way when it is told is not kept either.
  upstream.answer = () => answerOf(openaiChat, { prompt: '', stream: true }, 'Late.');
  const gate = upstream.hold();
  const late = await startAsking(tab, askOf(upstream, { prompt: 'Be late', stream: true }));
  await expect.poll(() => upstream.calls.length).toBe(2);
  await tab.evaluate(() => window.refrain.unregister({ purge: true }));
  gate.open();
  expect((await ask(other, askOf(upstream, 'Remember me'))).error).toBeUndefined();
  expect((await late.done()).error).toBeUndefined();
  expect(await ask(tab, askOf(upstream, 'Remember me'))).toBeUntouched();
  await other.goto('about:blank');
  expect(await registrations(tab)).toEqual([]);
  await expect.poll(() => files(tab)).toEqual([]);
  const next = await visit.open();
  expect(await ask(next, askOf(upstream, 'Be late'))).toBeMiss();
});

test('A page without the script is served for a week after the last one that had it; then the worker goes, with its files', async ({
  site,
  upstream,
  visit,
}) => {
  site.worker = (built) => `${clock}\n${built}`;
  const tab = await visit.open();
  await ask(tab, askOf(upstream, 'Still there?'));
  await tab.evaluate(() => window.refrain.flush());
  site.attributes = null;
  const without = await visit.openUncontrolled();
  await putForward(without, 6 * day);
  expect(await ask(without, askOf(upstream, 'Still there?'))).toBeHit();
  await putForward(without, 9 * day);
  expect(await ask(without, askOf(upstream, 'Still there?'))).toBeUntouched();
  await expect.poll(() => registrations(without)).toEqual([]);
  await expect.poll(async () => (await files(without)).filter((name) => !name.endsWith('/settings.json'))).toEqual([]);
  expect(await ask(without, askOf(upstream, 'Still there?'))).toBeUntouched();
  expect(upstream.calls).toHaveLength(3);
  // A page with the script that was open all the time, and made no call.
  expect((await ask(tab, askOf(upstream, 'And I?'))).error).toBeUndefined();
  expect(upstream.calls.at(-1)?.headers.accept).not.toContain('refrain');
  for (const page of [tab, without]) await page.close();

  site.attributes = {};
  const back = await visit.open();
  expect(await ask(back, askOf(upstream, 'Still there?'))).toBeMiss();
  expect(await ask(back, askOf(upstream, 'Still there?'))).toBeHit();
});

test('?refrain=off holds for that page load only', async ({ upstream, visit }) => {
  const tab = await visit.open();
  await ask(tab, askOf(upstream, 'On or off?'));
  const off = await visit.openUncontrolled('/?refrain=off');
  expect(await readiness(off)).toMatchObject({ code: 'off' });
  expect(await ask(off, askOf(upstream, 'On or off?'))).toBeUntouched();
  expect(await ask(await visit.open(), askOf(upstream, 'On or off?'))).toBeHit();
});

test("Another project's worker on the same port is named, and never replaced", async ({ site, upstream, visit }) => {
  site.files.set('/other-sw.js', { type: 'text/javascript', body: 'self.onfetch = () => {};' });
  site.attributes = null;
  const before = await visit.openUncontrolled();
  await before.evaluate(async () => {
    await navigator.serviceWorker.register('/other-sw.js');
    await navigator.serviceWorker.ready;
  });
  site.attributes = {};
  const tab = await visit.openUncontrolled();
  const ready = await readiness(tab);
  expect(ready).toMatchObject({ code: 'foreign-worker', message: expect.stringContaining('/other-sw.js') });
  expect(await ask(tab, askOf(upstream, 'Whose is it?'))).toBeUntouched();
  expect(await registrations(tab)).toEqual([`${site.origin}/other-sw.js`]);
});
