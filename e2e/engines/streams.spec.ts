import { bytesOf } from '../answers.ts';
import { ask, startAsking } from '../asking.ts';
import { stats } from '../refrain-in-page.ts';
import { longAnswer, pour } from './pouring.ts';
import { askOf, expect, test, Visit } from './site.ts';

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
    console.log(engine.name, driven.version, got.elapsed, (await stats(tab)).storage);
  } finally {
    await driven.close();
  }
});
