import { bytesOf } from '../answers.ts';
import { ask, startAsking } from '../asking.ts';
import { longAnswer, pour } from './pouring.ts';
import { askOf, expect, test, Visit } from './site.ts';

// What they look for may show once in many runs: a second run would hide it.
test.describe.configure({ retries: 0 });

const question = { prompt: 'Think for long', stream: true };

test('A stream through an idle page outlives what an engine allows an idle worker, arrives whole and is stored', async ({
  engine,
  site,
  upstream,
}) => {
  test.setTimeout(120_000);
  const driven = await engine.start({ workerLife: 10_000 });
  const visit = new Visit(driven, site);
  try {
    const tab = await visit.open();
    const answer = longAnswer(question, 35);
    upstream.answer = () => answer;
    const gate = upstream.hold();
    const asking = await startAsking(tab, askOf(upstream, question));
    await pour(gate, 38, 1000);
    const got = await asking.done();
    expect(got.error).toBeUndefined();
    expect(got.bytes).toBe(bytesOf(answer));
    const again = await ask(tab, askOf(upstream, question));
    expect(again).toBeHit();
    expect(again.bytes).toBe(got.bytes);
    expect(upstream.calls.map(({ state }) => state)).toEqual(['completed']);
    console.log(`${engine.name} long stream: ${Math.round(got.elapsed)} ms`);
  } finally {
    await driven.close();
  }
});

test('A newer worker waits for an open stream, which arrives whole', async ({ site, upstream, visit }) => {
  const tab = await visit.open();
  const answer = longAnswer(question, 2);
  upstream.answer = () => answer;
  const gate = upstream.hold();
  const asking = await startAsking(tab, askOf(upstream, question));
  await expect.poll(() => upstream.calls.length).toBe(1);
  gate.release(2);
  await expect.poll(async () => (await asking.received()).length).toBeGreaterThan(0);
  site.worker = (built) => `${built}\n// newer`;
  const isWaiting = () =>
    tab.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration?.update();
      return Boolean(registration?.waiting);
    });
  await expect.poll(isWaiting).toBe(true);
  gate.open();
  const got = await asking.done();
  expect(got.error).toBeUndefined();
  expect(got.bytes).toBe(bytesOf(answer));
  const tookOver = () => tab.evaluate(async () => !(await navigator.serviceWorker.getRegistration())?.waiting);
  await expect.poll(tookOver).toBe(true);
});
