import { answerOf, bytesOf, openaiChat } from '../answers.ts';
import { ask, startAsking } from '../asking.ts';
import { stats } from '../refrain-in-page.ts';
import type { Gate } from '../upstream.ts';
import { engines, Visit } from './site.ts';
import { askOf, expect, test } from './site.ts';

const question = { prompt: 'Think for long', stream: true };

/** Lets a piece through every so many milliseconds, until all are. */
async function pour(gate: Gate, pieces: number, every: number): Promise<void> {
  for (let i = 0; i < pieces; i++) {
    await new Promise((resolve) => setTimeout(resolve, every));
    gate.release();
  }
  gate.open();
}

/** A stream whose text comes in so many pieces. */
function longAnswer(pieces: number) {
  const answer = answerOf(openaiChat, question, 'A thought.');
  const chunks = answer.chunks as string[];
  const middle = chunks[1] as string;
  return { ...answer, chunks: [chunks[0] as string, ...Array(pieces).fill(middle), ...chunks.slice(2)] };
}

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
    const answer = longAnswer(35);
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
void engines;
