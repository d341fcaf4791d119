import { startAsking } from '../asking.ts';
import type { EngineName } from './engine.ts';
import { longAnswer, pour } from './pouring.ts';
import { askOf, expect, test } from './site.ts';

const seconds = 280;

/** Seconds for which an answer goes on after the last page has gone, at least (docs/discoveries/worker-lifetime.md). */
const bound: Record<EngineName, number> = { Chromium: 240, Firefox: 50, WebKitGTK: 8 };

test('With data-on-abort="finish", an answer goes on for a stated time after the last page has gone', async ({
  engine,
  site,
  upstream,
  visit,
}) => {
  test.setTimeout((seconds + 60) * 1000);
  site.attributes = { 'data-on-abort': 'finish' };
  const tab = await visit.open();
  const question = { prompt: 'Go on without me', stream: true };
  upstream.answer = () => longAnswer(question, seconds);
  const gate = upstream.hold();
  const asking = await startAsking(tab, askOf(upstream, question));
  await expect.poll(() => upstream.calls.length).toBe(1);
  gate.release(3);
  await expect.poll(async () => (await asking.received()).length).toBeGreaterThan(0);
  await tab.close();
  const at = Date.now();
  const poured = pour(gate, seconds + 2, 1000);
  await expect.poll(() => upstream.calls[0]?.state, { timeout: (seconds + 30) * 1000 }).not.toBe('open');
  const lasted = (Date.now() - at) / 1000;
  console.log(`${engine.name} finish without a page: ${upstream.calls[0]?.state} after ${Math.round(lasted)} s`);
  expect(lasted).toBeGreaterThan(bound[engine.name]);
  await poured;
});
