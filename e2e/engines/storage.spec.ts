import { ask } from '../asking.ts';
import { readiness, stats } from '../refrain-in-page.ts';
import { askOf, expect, test, Visit } from './site.ts';

test('Wherever answers are kept, a repeat is a hit, and stats() say where', async ({
  driven,
  engine,
  upstream,
  visit,
}) => {
  const tab = await visit.open();
  await ask(tab, askOf(upstream, 'Where is it?'));
  const { storage, storageReason } = await stats(tab);
  console.log(`${engine.name} ${driven.version}: ${storage} ${storageReason ?? ''}`);
  // An automated WebKitGTK has no OPFS.
  expect(storage).toBe(engine.name === 'WebKitGTK' ? 'memory' : 'opfs');
  expect(storageReason !== undefined).toBe(storage === 'memory');
  expect(await ask(tab, askOf(upstream, 'Where is it?'))).toBeHitFrom('memory');
});

test('In a private window calls are answered, with a cache or without one', async ({ engine, site, upstream }) => {
  test.skip(engine.name === 'WebKitGTK', 'its automated windows are all private');
  const driven = await engine.start({ isPrivate: true });
  const visit = new Visit(driven, site);
  try {
    const tab = await visit.openUncontrolled();
    const ready = await readiness(tab);
    const first = await ask(tab, askOf(upstream, 'Who knows?'));
    expect(first.status).toBe(200);
    const second = await ask(tab, askOf(upstream, 'Who knows?'));
    const storage = ready === 'ready' ? await stats(tab) : undefined;
    console.log(
      `${engine.name} private: ${JSON.stringify(ready)}, ${storage?.storage} ${storage?.storageReason ?? ''}, ${second.cacheStatus}`,
    );
    if (ready === 'ready') expect(second).toBeHit();
    else expect(second).toBeUntouched();
  } finally {
    await driven.close();
  }
});

test('With a quota of next to nothing, answers are kept in memory, and nothing fails', async ({
  driven,
  engine,
  site,
  upstream,
  visit,
}) => {
  test.skip(!driven.limitStorage, `${engine.name} has no way to set a quota`);
  await visit.openBare();
  await driven.limitStorage?.(site.origin, 1);
  const tab = await visit.open();
  await ask(tab, askOf(upstream, 'Is there room?'));
  await tab.evaluate(() => window.refrain.flush());
  const { storage, storageReason, opfs } = await stats(tab);
  console.log(`${engine.name} quota 1: ${storage} ${storageReason ?? ''} ${JSON.stringify(opfs)}`);
  expect(await ask(tab, askOf(upstream, 'Is there room?'))).toBeHitFrom('memory');
  expect(opfs.entries).toBe(0);
});
