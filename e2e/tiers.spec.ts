import type { Page } from '@playwright/test';
import { answerOf, bytesOf, freshAnswers, openaiChat, providers } from './answers.ts';
import { ask, startAsking } from './asking.ts';
import { entries, flush, forgetMemory, purge, stats } from './refrain-in-page.ts';
import { askOf, expect, test, withHeaders } from './site.ts';

for (const provider of providers) {
  for (const via of ['fetch', 'xhr'] as const) {
    test(`${via} gets ${provider.name}'s JSON and stream byte for byte from upstream, memory and OPFS`, async ({
      site,
      upstream,
      visitor,
    }) => {
      site.attributes = provider.endpoints ? { 'data-endpoints': upstream.origin + provider.endpoints } : {};
      const page = await visitor.open();
      // Two questions: one question's stream would serve for its JSON too.
      const [json, stream] = [false, true].map((one) => ({
        ...askOf(upstream, { prompt: one ? 'Tell me more' : 'Hello', stream: one }, provider),
        via,
      })) as [Parameters<typeof ask>[1], Parameters<typeof ask>[1]];

      const fromUpstream = [await ask(page, json), await ask(page, stream)] as const;
      for (const [index, got] of fromUpstream.entries()) {
        expect(got).toBeMiss();
        expect(got.bytes).toBe(bytesOf(freshAnswers(upstream.calls[index] as (typeof upstream.calls)[number])));
      }
      const fromMemory = [await ask(page, json), await ask(page, stream)];
      for (const [index, got] of fromMemory.entries()) {
        expect(got).toBeHitFrom('memory');
        expect(got.bytes).toBe(fromUpstream[index]?.bytes);
        expect(got.status).toBe(200);
        expect(got.headers['content-type']).toBe(fromUpstream[index]?.headers['content-type']);
      }

      await flush(page);
      await visitor.stopWorkers(page);
      const afterStop = await ask(page, stream);
      expect(afterStop).toBeHitFrom('opfs');
      expect(afterStop.bytes).toBe(fromUpstream[1].bytes);
      await visitor.stopWorkers(page);
      const afterNextStop = await ask(page, json);
      expect(afterNextStop).toBeHitFrom('opfs');
      expect(afterNextStop.bytes).toBe(fromUpstream[0].bytes);
      expect(upstream.calls).toHaveLength(2);
    });
  }
}

test('A hit in OPFS is a hit in memory from then on', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const question = askOf(upstream, 'Hello');
  const first = await ask(page, question);
  await flush(page);
  await forgetMemory(page);
  expect(await ask(page, question)).toBeHitFrom('opfs');
  const third = await ask(page, question);
  expect(third).toBeHitFrom('memory');
  expect(third.bytes).toBe(first.bytes);
  expect(upstream.calls).toHaveLength(1);
});

test('What one tab asked is a hit in another', async ({ upstream, visitor }) => {
  const [one, two] = [await visitor.open(), await visitor.open()];
  const question = askOf(upstream, { prompt: 'Hello', stream: true });
  const first = await ask(one, question);
  const second = await ask(two, question);
  expect(first).toBeMiss();
  expect(second).toBeHitFrom('memory');
  expect(second.bytes).toBe(first.bytes);
  expect(upstream.calls).toHaveLength(1);
});

test('Identical calls of two tabs at once make one upstream call, and each asker streams from byte 0', async ({
  upstream,
  visitor,
}) => {
  const [one, two] = [await visitor.open(), await visitor.open()];
  const question = askOf(upstream, { prompt: 'Hello', stream: true });
  const pieces = openaiChat.stream('gpt-4o-mini', 'Ünïque answer 1 🎵');
  const upTo = (count: number) => bytesOf({ chunks: pieces.slice(0, count) });
  const gate = upstream.hold();

  const askers = [];
  for (const page of [one, two, one, two, one, two]) askers.push(await startAsking(page, question));
  await expect.poll(async () => (await stats(one)).sinceBoot.collapsed).toBe(5);

  gate.release(2);
  for (const asker of askers) await expect.poll(() => asker.received()).toBe(upTo(1));
  gate.release();
  for (const asker of askers) await expect.poll(() => asker.received()).toBe(upTo(2));
  const late = await startAsking(two, question);
  await expect.poll(() => late.received()).toBe(upTo(2));
  gate.open();

  const got = await Promise.all([...askers, late].map((asker) => asker.done()));
  for (const { bytes, error } of got) {
    expect(error).toBe(undefined);
    expect(bytes).toBe(upTo(pieces.length));
  }
  expect(got.map(({ cacheStatus }) => cacheStatus).sort()).toEqual([
    'refrain; fwd=miss',
    ...Array(6).fill('refrain; fwd=miss; collapsed'),
  ]);
  expect(upstream.calls).toHaveLength(1);
  expect(await ask(one, question)).toBeHitFrom('memory');
});

test('Different questions at once each have an upstream call of their own', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const gate = upstream.hold();
  const askers = [];
  for (const prompt of ['One', 'Two', 'Three']) askers.push(await startAsking(page, askOf(upstream, prompt)));
  await expect.poll(() => upstream.calls.length).toBe(3);
  gate.open();
  const got = await Promise.all(askers.map((asker) => asker.done()));
  expect(new Set(got.map(({ bytes }) => bytes)).size).toBe(3);
});

test('Offline, what was asked before is answered from memory and OPFS, and what was not fails as without Refrain', async ({
  upstream,
  visitor,
}) => {
  const page = await visitor.open();
  const bare = await visitor.openBare();
  const question = askOf(upstream, { prompt: 'Hello', stream: true });
  const first = await ask(page, question);
  await flush(page);
  await visitor.offline();

  const second = await ask(page, question);
  expect(second).toBeHitFrom('memory');
  expect(second.bytes).toBe(first.bytes);
  await visitor.stopWorkers(page);
  const third = await ask(page, question);
  expect(third).toBeHitFrom('opfs');
  expect(third.bytes).toBe(first.bytes);

  const unknown = askOf(upstream, 'Never asked');
  expect((await ask(page, unknown)).error).toEqual((await ask(bare, unknown)).error);
  await visitor.offline(false);
  expect(await ask(page, unknown)).toBeMiss();
  expect(upstream.calls).toHaveLength(2);
});

test('With page.route active, a repeat is a hit', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  await page.route('**/*', (route) => route.continue());
  await page.reload();
  await hitsOnRepeat(page, upstream);
});

test("With DevTools' cache switched off, a repeat is a hit", async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const session = await visitor.context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await hitsOnRepeat(page, upstream);
  await session.detach();
});

async function hitsOnRepeat(page: Page, upstream: { origin: string; calls: readonly unknown[] }): Promise<void> {
  for (const via of ['fetch', 'xhr'] as const) {
    const question = { ...askOf(upstream, { prompt: `Hello ${via}`, stream: true }), via };
    const first = await ask(page, question);
    const second = await ask(page, question);
    expect(first).toBeMiss();
    expect(second).toBeHitFrom('memory');
    expect(second.bytes).toBe(first.bytes);
  }
  expect(upstream.calls).toHaveLength(2);
}

test('An answer older than its ttl is asked for again', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const question = withHeaders(askOf(upstream, 'Hello'), { 'x-refrain': 'ttl=1s' });
  const first = await ask(page, question);
  expect(first).toBeMiss();
  await expect.poll(async () => (await ask(page, question)).cacheStatus).toMatch(/^refrain; fwd=(stale|miss)$/);
  expect(upstream.calls).toHaveLength(2);
});

test('With data-ttl="0" an answer is stale at once: it is stored, and asked for again', async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = { 'data-ttl': '0' };
  const page = await visitor.open();
  const question = askOf(upstream, 'Hello');
  expect(await ask(page, question)).toBeMiss();
  const second = await ask(page, question);
  expect(second.cacheStatus).toBe('refrain; fwd=stale');
  expect(upstream.calls).toHaveLength(2);
  expect((await stats(page)).entries).toBe(1);
});

test('data-ttl="none" never expires, and its hits say so by a ttl', async ({ site, upstream, visitor }) => {
  site.attributes = { 'data-ttl': 'none' };
  const page = await visitor.open();
  const question = askOf(upstream, 'Hello');
  await ask(page, question);
  expect((await ask(page, question)).cacheStatus).toMatch(/^refrain; hit;( ttl=\d+;)? detail=memory$/);
  expect(upstream.calls).toHaveLength(1);
});

test('entries() lists what is stored, without what was asked', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  await ask(page, withHeaders(askOf(upstream, { prompt: 'A secret plan' }), { 'x-refrain': 'tag=greeting' }));
  await flush(page);
  const listed = await entries(page);
  expect(listed).toEqual([
    expect.objectContaining({
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      format: 'openai-chat',
      provider: 'openai',
      model: 'gpt-4o-mini',
      tag: 'greeting',
      url: `${upstream.origin}/v1/chat/completions`,
      bytes: expect.any(Number),
      tiers: ['memory', 'opfs'],
    }),
  ]);
  expect(JSON.stringify(listed)).not.toContain('secret plan');
  expect(JSON.stringify(listed)).not.toContain('sk-end-to-end');
});

test('purge() removes what its filter names, for good', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const tagged = withHeaders(askOf(upstream, 'Tagged'), { 'x-refrain': 'tag=greeting' });
  const large = askOf(upstream, { prompt: 'Large', model: 'gpt-4o' });
  const kept = askOf(upstream, 'Kept');
  for (const question of [tagged, large, kept]) await ask(page, question);
  await flush(page);

  expect(await purge(page, { tag: 'greeting' })).toBe(1);
  expect(await purge(page, { model: 'gpt-4o' })).toBe(1);
  expect(await purge(page, { provider: 'anthropic' })).toBe(0);
  expect(await entries(page)).toHaveLength(1);
  await visitor.stopWorkers(page);
  expect(await ask(page, kept)).toBeHit();
  expect(await ask(page, tagged)).toBeMiss();
  expect(await ask(page, large)).toBeMiss();

  expect(await purge(page)).toBe(3);
  await visitor.restart();
  const next = await visitor.open();
  expect(await entries(next)).toEqual([]);
  expect(await ask(next, kept)).toBeMiss();
  expect(upstream.calls).toHaveLength(6);
});

test('purge() during a flight keeps its answer from being stored', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const gate = upstream.hold();
  const asking = await startAsking(page, askOf(upstream, { prompt: 'Hello', stream: true }));
  gate.release(2);
  await expect.poll(() => asking.received()).not.toBe('');
  await purge(page);
  gate.open();
  expect((await asking.done()).error).toBe(undefined);
  expect(await ask(page, askOf(upstream, { prompt: 'Hello', stream: true }))).toBeMiss();
});

test('stats() count hits by tier, misses, tokens live and saved, and outlive the browser', async ({
  upstream,
  visitor,
}) => {
  const page = await visitor.open();
  const question = askOf(upstream, 'Hello');
  await ask(page, question);
  await ask(page, question);
  await flush(page);
  await forgetMemory(page);
  await ask(page, question);
  await ask(page, { ...askOf(upstream, 'Other'), init: { cache: 'no-store' } });

  const shown = await stats(page);
  const counted = {
    hits: { memory: 1, opfs: 1 },
    misses: 1,
    collapsed: 0,
    stored: 1,
    bypasses: { 'no-store': 1 },
    refusals: {},
    tokens: { live: { input: 10, cachedInput: 0, output: 2, reasoning: 0 }, saved: { input: 20, output: 4 } },
  };
  expect(shown).toMatchObject({ entries: 1, storage: 'opfs', sinceInstall: counted, sinceBoot: counted });
  expect(shown.memory.entries).toBe(1);
  expect(shown.opfs.entries).toBe(1);

  await flush(page);
  await visitor.restart();
  const next = await visitor.open();
  const later = await stats(next);
  expect(later).toMatchObject({ entries: 1, sinceInstall: counted });
  expect(later.sinceBoot).toMatchObject({ hits: { memory: 0, opfs: 0 }, misses: 0, stored: 0 });
});

test("A changed version in data-models misses, and two builds in one browser do not take each other's answers away", async ({
  site,
  upstream,
  visitor,
}) => {
  const question = askOf(upstream, { prompt: 'Hello', model: 'dialogue-gemma-mock' });
  site.attributes = { 'data-models': '{"dialogue-gemma-mock":"1"}' };
  const older = await visitor.open();
  const fromOne = await ask(older, question);
  expect(fromOne).toBeMiss();
  expect(await ask(older, question)).toBeHitFrom('memory');

  site.attributes = { 'data-models': '{"dialogue-gemma-mock":"2"}' };
  const newer = await visitor.open();
  const fromTwo = await ask(newer, question);
  expect(fromTwo).toBeMiss();
  expect(fromTwo.bytes).not.toBe(fromOne.bytes);
  const again = await ask(newer, question);
  expect(again).toBeHitFrom('memory');
  expect(again.bytes).toBe(fromTwo.bytes);

  const olderAgain = await ask(older, question);
  expect(olderAgain).toBeHitFrom('memory');
  expect(olderAgain.bytes).toBe(fromOne.bytes);
  expect(upstream.calls).toHaveLength(2);
});

test('configure() changes the model catalog of a page', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const question = askOf(upstream, { prompt: 'Hello', model: 'dialogue-gemma-mock' });
  await ask(page, question);
  await page.evaluate(() => window.refrain.configure({ models: { 'dialogue-gemma-mock': '2' } }));
  expect(await ask(page, question)).toBeMiss();
  expect(await ask(page, question)).toBeHitFrom('memory');
  expect(upstream.calls).toHaveLength(2);
});

test('A page keeps its settings when the worker was stopped', async ({ site, upstream, visitor }) => {
  site.attributes = {
    'data-models': '{"gpt-4o-mini":"7"}',
    'data-partition': 'user-1',
    'data-endpoints': `${upstream.origin}/api/*`,
  };
  const page = await visitor.open();
  const named = askOf(
    upstream,
    { prompt: 'Hello' },
    providers.find(({ name }) => name === 'Ollama'),
  );
  const known = askOf(upstream, 'Hello');
  await ask(page, known);
  await ask(page, named);
  await flush(page);
  await visitor.stopWorkers(page);
  expect(await ask(page, named)).toBeHitFrom('opfs');
  await visitor.stopWorkers(page);
  expect(await ask(page, withHeaders(known, { authorization: 'Bearer another' }))).toBeHitFrom('opfs');
  expect((await entries(page, { model: 'gpt-4o-mini' }))[0]?.modelVersion).toBe('7');
  expect(upstream.calls).toHaveLength(2);
});

test('A worker update keeps what is stored', async ({ site, upstream, visitor }) => {
  const page = await visitor.open();
  const question = askOf(upstream, { prompt: 'Hello', stream: true });
  const first = await ask(page, question);
  await flush(page);
  const { active, update } = await workersOf(page);
  const before = active();

  site.worker = (built) => `${built}\n// the next build\n`;
  await update();
  await expect.poll(active).not.toBe(before);
  const second = await ask(page, question);
  expect(second).toBeHit();
  expect(second.bytes).toBe(first.bytes);
  expect(upstream.calls).toHaveLength(1);

  async function workersOf(one: Page) {
    const watch = await visitor.watchWorkers(one);
    await expect.poll(() => watch.versions().some(({ status }) => status === 'activated')).toBe(true);
    return {
      active: () => watch.versions().find(({ status }) => status === 'activated')?.versionId,
      update: () => updateWorker(one),
    };
  }
});

test('A worker update waits for an open flight, whose stream arrives whole', async ({ site, upstream, visitor }) => {
  const page = await visitor.open();
  const watch = await visitor.watchWorkers(page);
  const active = () => watch.versions().find(({ status }) => status === 'activated')?.versionId;
  await expect.poll(active).toBeTruthy();
  const before = active();
  const gate = upstream.hold();
  const question = askOf(upstream, { prompt: 'Hello', stream: true });
  const asking = await startAsking(page, question);
  gate.release(2);
  await expect.poll(() => asking.received()).not.toBe('');

  site.worker = (built) => `${built}\n// the next build\n`;
  await updateWorker(page);
  await expect.poll(() => watch.versions().some(({ status }) => status === 'installed')).toBe(true);
  expect(active()).toBe(before);
  gate.open();
  const got = await asking.done();
  expect(got.error).toBe(undefined);
  expect(got.bytes).toBe(
    bytesOf(answerOf(openaiChat, { prompt: '', model: 'gpt-4o-mini', stream: true }, 'Ünïque answer 1 🎵')),
  );

  await expect.poll(active).not.toBe(before);
  const second = await ask(page, question);
  expect(second).toBeHit();
  expect(second.bytes).toBe(got.bytes);
  await watch.session.detach();
});

function updateWorker(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration?.update();
  });
}
