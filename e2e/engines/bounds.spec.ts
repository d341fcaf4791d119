import { answerOf, bytesOf, openaiChat } from '../answers.ts';
import type { Ask } from '../asking.ts';
import { stats } from '../refrain-in-page.ts';
import { Upstream } from '../upstream.ts';
import { EndlessUpstream } from './endless-upstream.ts';
import type { Browser, Tab } from './engine.ts';
import { memoryOf } from './memory.ts';
import { askOf, expect, test, Visit } from './site.ts';
import { hold, letGo, readOn } from './slow-reader.ts';

// What they look for may show once in many runs: a second run would hide it.
test.describe.configure({ retries: 0 });

const question = { prompt: 'Tell me everything', stream: true };
const answer = answerOf(openaiChat, question, 'Everything.');

/** Bytes recorded of one answer at most. */
const recorded = 32_000_000;

const megabytes = (bytes: number | undefined) => (bytes === undefined ? '?' : `${Math.round(bytes / 1e6)} MB`);

test('A page that never reads stops the upstream: what the worker holds has a bound', async ({
  driven,
  engine,
  visit,
}) => {
  // With a worker or without: Firefox takes 250 MB in a minute, WebKitGTK 20 GB of memory for them.
  test.skip(engine.name !== 'Chromium', `${engine.name} takes what a page does not read without a bound of its own`);
  const endless = await EndlessUpstream.start();
  try {
    const bare = await visit.openBare();
    await hold(bare, askOf(endless, question));
    const without = await endless.whenStuck();
    await letGo(bare);
    await expect.poll(() => endless.closed).toBe(1);
    const tab = await visit.open();
    const before = memoryOf(driven.pid);
    await hold(tab, askOf(endless, question));
    const held = (await endless.whenStuck()) - without;
    console.log(
      `${engine.name} never reads: ${megabytes(held)} sent, ${megabytes(without)} without a worker; memory ${megabytes(before)} -> ${megabytes(memoryOf(driven.pid))}`,
    );
    // The way of a network answer is gone twice, from the upstream to the worker and from there to the page.
    expect(held).toBeLessThan(recorded + 2 * without);
    // It goes on as soon as the page reads, unrecorded.
    const more = endless.sent + 20_000_000;
    await readOn(tab, 20_000_000 + held);
    await expect.poll(() => endless.sent).toBeGreaterThan(more - 10_000_000);
    expect((await stats(tab)).sinceBoot.refusals).toEqual({ 'too-large': 1 });
    await letGo(tab);
    await expect.poll(() => endless.closed).toBe(2);
  } finally {
    await endless.close();
  }
});

test('Two hundred streams at once all arrive', async ({ driven, engine, visit }) => {
  // Engines open six connections to a host, and have a bound for all of them: WebKitGTK's is far below two hundred.
  const atOnce = engine.name === 'WebKitGTK' ? 0 : 200;
  const upstreams = await Promise.all(Array.from({ length: 40 }, () => Upstream.start()));
  try {
    const gates = upstreams.map((upstream) => {
      upstream.answer = () => answer;
      return atOnce ? upstream.hold() : undefined;
    });
    const tab = await visit.open();
    const asks = upstreams.flatMap((upstream) =>
      Array.from({ length: 5 }, (_, i) => askOf(upstream, { ...question, prompt: `Question ${i}` })),
    );
    const before = memoryOf(driven.pid);
    const begin = performance.now();
    const all = askAll(tab, asks);
    const open = () => upstreams.reduce((sum, { calls }) => sum + calls.length, 0);
    await expect.poll(open, { timeout: 20_000 }).toBeGreaterThanOrEqual(atOnce);
    const peak = memoryOf(driven.pid);
    for (const gate of gates) gate?.open();
    const ends = await all;
    console.log(
      `${engine.name} 200 streams: ${Math.round(performance.now() - begin)} ms; memory ${megabytes(before)} -> ${megabytes(peak)}`,
    );
    expect(ends).toEqual({ [`whole ${bytesOf(answer).length}, refrain; fwd=miss`]: 200 });
    expect((await stats(tab)).entries).toBe(200);
  } finally {
    await Promise.all(upstreams.map((upstream) => upstream.close()));
  }
});

test('A thousand equal calls at once make one upstream call, and all of them arrive', async ({
  driven,
  engine,
  upstream,
  visit,
}) => {
  upstream.answer = () => answer;
  const gate = upstream.hold();
  const tab = await visit.open();
  const before = memoryOf(driven.pid);
  const begin = performance.now();
  const all = askAll(tab, Array(1000).fill(askOf(upstream, question)));
  await expect.poll(() => stats(tab).then(({ sinceBoot }) => sinceBoot.collapsed), { timeout: 20_000 }).toBe(999);
  const peak = memoryOf(driven.pid);
  gate.open();
  const ends = await all;
  console.log(
    `${engine.name} 1000 equal calls: ${Math.round(performance.now() - begin)} ms; memory ${megabytes(before)} -> ${megabytes(peak)}`,
  );
  const whole = `whole ${bytesOf(answer).length}`;
  expect(ends).toEqual({ [`${whole}, refrain; fwd=miss`]: 1, [`${whole}, refrain; fwd=miss; collapsed`]: 999 });
  expect(upstream.calls).toHaveLength(1);
});

test('A page that pauses for longer than a worker lives still gets the rest, or an error', async ({
  engine,
  site,
  upstream,
}) => {
  test.skip(engine.name !== 'Firefox', `${engine.name} cannot be told how long a worker lives`);
  const life = 2000;
  const driven: Browser = await engine.start({ workerLife: life });
  const visit = new Visit(driven, site);
  try {
    const tab = await visit.open();
    const long = answerOf(openaiChat, question, 'All of it. '.repeat(200_000));
    upstream.answer = () => long;
    await hold(tab, askOf(upstream, question));
    await expect.poll(() => upstream.calls[0]?.state).toBe('completed');
    // The upstream has long said all, the page has read nothing, and the worker's last event is past.
    await new Promise((resolve) => setTimeout(resolve, 4 * life));
    const end = await readOn(tab, Number.POSITIVE_INFINITY);
    console.log(`${engine.name} pause of ${4 * life} ms: ${end} of ${bytesOf(long).length}`);
    expect(end === `whole ${bytesOf(long).length}` || end.startsWith('error')).toBe(true);
  } finally {
    await driven.close();
  }
});

/** Makes all calls at once and counts how they end. */
function askAll(tab: Tab, asks: readonly Ask[]): Promise<Record<string, number>> {
  return tab.evaluate(async (list) => {
    for (const [i, one] of list.entries()) window.asking.start(`one of many ${i}`, one);
    const ends: Record<string, number> = {};
    for (let i = 0; i < list.length; i++) {
      const got = await window.asking.underWay[`one of many ${i}`]?.done;
      const end = got?.error
        ? `${got.error.name}: ${got.error.message}`
        : `whole ${got?.bytes.length}, ${got?.cacheStatus}`;
      ends[end] = (ends[end] ?? 0) + 1;
    }
    return ends;
  }, asks);
}
