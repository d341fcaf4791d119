import type { LLMock } from '@copilotkit/aimock';
import type { Page } from '@playwright/test';
import { failure, freshAnswers } from './answers.ts';
import { flush, stats } from './refrain-in-page.ts';
import { askThroughSdk, callsFrom, originOf, putSdksInto, test } from './sdks.ts';
import { expect } from './site.ts';

const sdks = [
  'openai, chat',
  'openai, responses',
  '@anthropic-ai/sdk',
  '@google/genai',
  'ollama',
  'fetch, Cohere v2',
] as const;

const content = 'Grüße aus Zürich, and many more words than two chunks can hold 🎵';
const error = (status: number) => ({ status, error: { message: `Failed with ${status}`, type: 'an_error' } });

/** What goes wrong, by prompt: aimock's chaos, its interrupted streams, and errors in the provider's own words. */
const faults: Record<string, Parameters<LLMock['onMessage']>> = {
  'Answer with 500': [/with 500/, { content }, { chaos: { dropRate: 1 } }],
  'Answer with malformed JSON': [/with malformed JSON/, { content }, { chaos: { malformedRate: 1 } }],
  'Answer with 429': [/with 429/, { content }, { chaos: { rateLimitRate: 1 } }],
  'Close the connection': [/^Close/, { content }, { chaos: { disconnectRate: 1 } }],
  'Refuse the request': [/^Refuse/, error(400)],
  'Be overloaded': [/^Be overloaded/, { ...error(429), retryAfter: 1 }],
  // A body has no chunks to stop after: it would arrive whole. The pause lets the first chunk out before the end.
  'Stop after two chunks': [/^Stop/, { content }, { truncateAfterChunks: 2, latency: 20 }],
};

const questions = Object.keys(faults).flatMap((fault) =>
  [true, false]
    .filter((stream) => stream || !fault.startsWith('Stop'))
    .map((stream) => ({ fault, prompt: `${fault} to a ${stream ? 'stream' : 'body'}`, stream })),
);

/** What an app learns of a call through an SDK, with what the error hands out. */
async function outcomeOf(page: Page, sdk: string, upstream: string, prompt: string, stream: boolean) {
  return page.evaluate(
    ([name, ...question]) =>
      window.askThroughSdk(name, ...question).catch((reason) => ({
        class: reason.constructor.name,
        name: reason.name,
        message: reason.message,
        status: reason.status,
        code: reason.code,
        error: reason.error,
        cause: reason.cause && String(reason.cause),
      })),
    [sdk, upstream, prompt, stream] as const,
  );
}

for (const sdk of sdks) {
  test(`${sdk} sees every fault as it does without Refrain, nothing of it is stored, and what comes next is`, async ({
    site,
    visitor,
    provider,
  }) => {
    const upstream = originOf(provider);
    await putSdksInto(site, upstream, sdk);
    for (const fault of Object.values(faults)) provider.onMessage(...fault);
    const [page, bare] = [await visitor.open(), await visitor.openBare()];
    // All at once, because SDKs wait before they try again.
    const outcomes = (one: Page) =>
      Promise.all(questions.map(({ prompt, stream }) => outcomeOf(one, sdk, upstream, prompt, stream)));
    const [seen, native] = await Promise.all([outcomes(page), outcomes(bare)]);

    for (const [at, { fault, prompt }] of questions.entries()) {
      await test.step(prompt, () => {
        expect(seen[at]).toEqual(native[at]);
        expect(seen[at], 'It fails without Refrain too').toHaveProperty('message');
        const attempts = (origin: string) =>
          callsFrom(provider, origin)
            .filter(({ body }) => JSON.stringify(body).includes(`"${prompt}"`))
            .map(({ headers }) => headers['x-stainless-retry-count'] ?? 'not counted');
        // Chromium itself asks again when a connection it has used before is closed, with Refrain and without.
        if (fault.startsWith('Close'))
          expect(new Set(attempts(site.origin))).toEqual(new Set(attempts(site.bareOrigin)));
        else expect(attempts(site.origin)).toEqual(attempts(site.bareOrigin));
        expect(attempts(site.origin)).not.toEqual([]);
      });
    }

    const statuses = callsFrom(provider, site.origin).map(({ response }) => response.status);
    await flush(page);
    const after = await stats(page);
    expect(after).toMatchObject({ entries: 0, bytes: 0, sinceBoot: { stored: 0, hits: { memory: 0, opfs: 0 } } });
    expect(after.sinceBoot.refusals).toEqual({
      status: statuses.filter((status) => status >= 400).length,
      // JSON that cannot be parsed may have been cut: it is refused as such.
      truncated: 3,
    });

    provider.clearFixtures();
    provider.on({ model: /./ }, { content });
    for (const { prompt, stream } of questions) {
      await test.step(`${prompt}, no more`, async () => {
        const asked = callsFrom(provider, site.origin).length;
        const first = await askThroughSdk(page, sdk, upstream, prompt, stream);
        expect(first.cacheStatus).toEqual(['refrain; fwd=miss']);
        const second = await askThroughSdk(page, sdk, upstream, prompt, stream);
        expect(second.cacheStatus).toEqual([expect.stringMatching(/^refrain; hit; ttl=\d+; detail=memory$/)]);
        expect(JSON.stringify(first.parsed.whole)).toContain(content);
        expect(second.parsed).toEqual(first.parsed);
        expect(callsFrom(provider, site.origin)).toHaveLength(asked + 1);
      });
    }
    expect(await stats(page)).toMatchObject({ entries: questions.length, sinceBoot: { stored: questions.length } });
  });
}

test('An SDK waits as long as Retry-After says, and what it gets then is stored', async ({
  site,
  visitor,
  upstream,
}) => {
  await putSdksInto(site, upstream.origin, 'openai, chat');
  const arrivals: number[] = [];
  upstream.answer = (call) => {
    arrivals.push(performance.now());
    return call.number === 1 ? failure(429, 'Slow down', { 'retry-after': '1' }) : freshAnswers(call);
  };
  const page = await visitor.open();
  const first = await askThroughSdk(page, 'openai, chat', upstream.origin, 'Hello', true);
  expect(first.parsed.whole).toMatchObject({ choices: [{ message: { content: 'Ünïque answer 2 🎵' } }] });
  expect(first.cacheStatus).toEqual([null, 'refrain; fwd=miss']);
  // Without the header it waits half a second.
  expect((arrivals[1] ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThanOrEqual(1000);
  const second = await askThroughSdk(page, 'openai, chat', upstream.origin, 'Hello', true);
  expect(second.parsed).toEqual(first.parsed);
  expect(upstream.calls).toHaveLength(2);
  expect(upstream.calls[1]?.headers['x-stainless-retry-count']).toBe('1');
  expect(await stats(page)).toMatchObject({ entries: 1, sinceBoot: { refusals: { status: 1 }, stored: 1 } });
});
