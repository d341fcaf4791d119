import { answerOf, bytesOf, openaiChat } from '../answers.ts';
import { type Ask, ask, startAsking } from '../asking.ts';
import type { Tab } from './engine.ts';
import { Http2Upstream } from './http2-upstream.ts';
import { askOf, test as base, expect } from './site.ts';

const question = { prompt: 'Which version?', stream: true };
const answer = answerOf(openaiChat, question, 'The second.');

const test = base.extend<{ http2: Http2Upstream }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off this pattern
  http2: async ({}, use, testInfo) => {
    const upstream = await Http2Upstream.start();
    if (!upstream) return void testInfo.skip(true, 'no certificate for HTTP/2: openssl is needed');
    upstream.chunks = answer.chunks ?? [];
    await use(upstream);
    await upstream.close();
  },
});

test('A stream over HTTP/2 arrives whole, is stored, and is closed within a second of an abort', async ({
  engine,
  http2,
  visit,
}) => {
  const tab = await visit.open();
  const gate = http2.hold();
  const given = await startAsking(tab, askOf(http2, question));
  await expect.poll(() => http2.calls.length).toBe(1);
  gate.release(2);
  await expect.poll(async () => (await given.received()).length).toBeGreaterThan(0);
  const at = Date.now();
  await given.abort();
  await expect.poll(() => http2.calls[0]?.state, { intervals: [10] }).toBe('aborted');
  const took = Date.now() - at;
  console.log(`${engine.name} HTTP/2 abort: ${took} ms`);
  expect(took).toBeLessThan(1000);
  http2.hold().open();
  const first = await ask(tab, askOf(http2, question));
  expect(first).toBeMiss();
  expect(first.bytes).toBe(bytesOf(answer));
  const again = await ask(tab, askOf(http2, question));
  expect(again).toBeHit();
  expect(again.bytes).toBe(first.bytes);
  expect(http2.calls.map(({ state }) => state)).toEqual(['aborted', 'completed']);
});

test('A request body that is a stream reaches the upstream as it does without Refrain', async ({
  engine,
  http2,
  visit,
}) => {
  const outcomes: string[] = [];
  for (const open of [() => visit.openBare(), () => visit.open()])
    outcomes.push(await upload(await open(), askOf(http2, question)));
  console.log(`${engine.name} streamed upload: ${outcomes[1]}, ${http2.calls.length} calls`);
  expect(outcomes[1]).toBe(outcomes[0]);
  // The others have no streams for request bodies.
  if (engine.name === 'Chromium') expect(http2.calls).toHaveLength(2);
  const [without, withRefrain] = http2.calls;
  expect(withRefrain?.body).toBe(without?.body);
});

/** Sends the call's body in two pieces, the second after a while. Resolves with how it ended. */
function upload(tab: Tab, { url, headers, body = '' }: Ask): Promise<string> {
  return tab.evaluate(
    async ([address, fields, text]) => {
      const half = text.length / 2;
      const pieces = [text.slice(0, half), text.slice(half)];
      const stream = new ReadableStream({
        async pull(controller) {
          const piece = pieces.shift();
          if (piece === undefined) return controller.close();
          await new Promise((resolve) => setTimeout(resolve, 50));
          controller.enqueue(new TextEncoder().encode(piece));
        },
      });
      try {
        const init = { method: 'POST', headers: fields, body: stream, duplex: 'half' };
        const response = await fetch(address, init as RequestInit);
        return `${response.status} ${(await response.text()).length}`;
      } catch (error) {
        return (error as Error).name;
      }
    },
    [url, headers as Record<string, string>, body] as const,
  );
}
