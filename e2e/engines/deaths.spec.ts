import { answerOf, bytesOf, openaiChat } from '../answers.ts';
import { ask, type Got, startAsking } from '../asking.ts';
import type { Gate, Upstream } from '../upstream.ts';
import type { Tab } from './engine.ts';
import { askOf, expect, test, Visit } from './site.ts';
import { hold, readOn } from './slow-reader.ts';

// What they look for may show once in many runs: a second run would hide it.
test.describe.configure({ retries: 0 });

const question = { prompt: 'Think for long', stream: true };
const answer = answerOf(openaiChat, question, 'A thought.');

/** A first asker and one that joins it, both in the middle of the stream. */
async function twoInTheMiddle(upstream: Upstream, tabs: [Tab, Tab]) {
  upstream.answer = () => answer;
  const gate: Gate = upstream.hold();
  const first = await startAsking(tabs[0], askOf(upstream, question));
  await expect.poll(() => upstream.calls.length).toBe(1);
  const joiner = await startAsking(tabs[1], askOf(upstream, question));
  gate.release(3);
  const begun = (answer.chunks as string[]).slice(0, 2).join('').length;
  for (const asking of [first, joiner])
    await expect.poll(async () => (await asking.received()).length).toBeGreaterThanOrEqual(begun);
  expect(upstream.calls).toHaveLength(1);
  return { first, joiner };
}

function endOf(got: Got): string {
  return got.error ? 'an error' : 'a clean end';
}

test('Killed in the middle of a stream, a worker leaves every asker with an error, and the next call works', async ({
  driven,
  engine,
  upstream,
  visit,
}) => {
  const { killWorkers } = driven;
  test.skip(!killWorkers, `${engine.name} cannot be told to kill a worker`);
  const tabs: [Tab, Tab] = [await visit.open(), await visit.open()];
  const { first, joiner } = await twoInTheMiddle(upstream, tabs);
  const at = Date.now();
  await killWorkers?.();
  const [a, b] = await Promise.all([first.done(), joiner.done()]);
  console.log(`${engine.name} killed: ${Date.now() - at} ms, ${a.error?.message}, ${b.error?.message}`);
  await expect.poll(() => upstream.calls[0]?.state).toBe('aborted');
  upstream.hold().open();
  const next = await ask(tabs[0], askOf(upstream, question));
  expect(next.error).toBeUndefined();
  expect(next).toBeMiss();
  expect({ first: endOf(a), joiner: endOf(b) }).toEqual({ first: 'an error', joiner: 'an error' });
});

test('A worker that idles to death in the middle of a stream leaves every asker with an error', async ({
  engine,
  site,
  upstream,
}) => {
  test.skip(engine.name !== 'Firefox', `a worker that a page reads from does not idle in ${engine.name}`);
  const driven = await engine.start({ workerLife: 1000 });
  const visit = new Visit(driven, site);
  try {
    const tabs: [Tab, Tab] = [await visit.open(), await visit.open()];
    // A page that does not answer the worker: as if it had no page script.
    for (const tab of tabs)
      await tab.evaluate(() =>
        navigator.serviceWorker.addEventListener('message', (event) => event.stopImmediatePropagation(), true),
      );
    const { first, joiner } = await twoInTheMiddle(upstream, tabs);
    const at = Date.now();
    const [a, b] = await Promise.all([first.done(), joiner.done()]);
    console.log(`${engine.name} idle: ${Date.now() - at} ms, ${a.error?.message}, ${b.error?.message}`);
    expect({ first: endOf(a), joiner: endOf(b) }).toEqual({ first: 'an error', joiner: 'an error' });
  } finally {
    await driven.close();
  }
});

for (const tier of ['memory', 'opfs'])
  test(`Killed while a page reads a long answer from ${tier}, a worker leaves it whole or with an error`, async ({
    driven,
    engine,
    site,
    upstream,
    visit,
  }) => {
    const { killWorkers } = driven;
    test.skip(!killWorkers, `${engine.name} cannot be told to kill a worker`);
    // An answer in memory is no more than a tenth of it.
    site.attributes = { 'data-memory': '256MB' };
    const long = answerOf(openaiChat, question, 'All of it. '.repeat(20_000_000 / 11));
    upstream.answer = () => long;
    const tab = await visit.open();
    const call = askOf(upstream, question);
    await ask(tab, call);
    await tab.evaluate(() => window.refrain.flush());
    if (tier === 'opfs') await tab.evaluate(() => window.refrain.forgetMemory());
    expect(await hold(tab, call)).toContain(`detail=${tier}`);
    await killWorkers?.();
    const end = await readOn(tab, Number.POSITIVE_INFINITY);
    const { length } = bytesOf(long);
    console.log(`${engine.name} killed in a hit from ${tier}: ${end} of ${length}`);
    expect(end === `whole ${length}` || end.startsWith('error')).toBe(true);
    expect(upstream.calls).toHaveLength(1);
  });
