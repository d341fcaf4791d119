import { bytesOf } from '../answers.ts';
import { ask, startAsking } from '../asking.ts';
import { Upstream } from '../upstream.ts';
import type { Tab } from './engine.ts';
import { longAnswer, pour } from './pouring.ts';
import { askOf, expect, test } from './site.ts';

const minutes = 12;
const every = 5000;
const pieces = (minutes * 60_000) / every;

test(`Streams of ${minutes} minutes arrive whole and are stored: in a tab in front, in a hidden one, and in one without the page script`, async ({
  engine,
  site,
  visit,
}) => {
  test.setTimeout((minutes + 3) * 60_000);
  const hidden = await visit.open();
  const front = await visit.open();
  site.attributes = null;
  const withoutScript = await visit.openUncontrolled();
  await front.show();
  const tabs: Record<string, Tab> = { hidden, front, withoutScript };
  const ends = await Promise.all(
    Object.entries(tabs).map(async ([prompt, tab]) => {
      const upstream = await Upstream.start();
      const question = { prompt, stream: true };
      const answer = longAnswer(question, pieces);
      upstream.answer = () => answer;
      const gate = upstream.hold();
      const asking = await startAsking(tab, askOf(upstream, question));
      await pour(gate, pieces + 2, every);
      const got = await asking.done();
      upstream.hold().open();
      const again = await ask(tab, askOf(upstream, question));
      const state = await tab.evaluate(() => document.visibilityState);
      console.log(
        `${engine.name} ${prompt} (${state}): ${Math.round(got.elapsed / 1000)} s, ${got.error?.message ?? 'no error'}, ${got.bytes === bytesOf(answer) ? 'whole' : 'NOT WHOLE'}, then ${again.cacheStatus}`,
      );
      await upstream.close();
      return [prompt, got.bytes === bytesOf(answer) && !got.error, again.bytes === got.bytes && again.cacheStatus];
    }),
  );
  const isHit = expect.stringMatching(/^refrain; hit/);
  expect(ends).toEqual(Object.keys(tabs).map((prompt) => [prompt, true, isHit]));
});
