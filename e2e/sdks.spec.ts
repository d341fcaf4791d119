import { readFile } from 'node:fs/promises';
import { LLMock } from '@copilotkit/aimock';
import type { Page } from '@playwright/test';
import { pathOf } from './prepare.ts';
import { flush } from './refrain-in-page.ts';
import { test as base, expect } from './site.ts';

const sdks = [
  'openai, chat',
  'openai, responses',
  '@anthropic-ai/sdk',
  '@google/genai',
  'ollama',
  'ai with @ai-sdk/openai',
] as const;

/** A stand-in for all providers at once, written by others: its formats are not this project's idea of them. */
const test = base.extend<{ provider: LLMock }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off this pattern
  provider: async ({}, use) => {
    const provider = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 6 });
    let answers = 0;
    // Another answer to every call: an equal answer can only be the same one.
    provider.on({ model: /./ }, () => ({ content: `Grüße, this is answer number ${++answers} 🎵` }));
    await provider.start();
    await use(provider);
    await provider.stop();
  },
});

for (const sdk of sdks) {
  for (const stream of [false, true]) {
    test(`${sdk} gets the same ${stream ? 'stream' : 'answer'} from upstream, memory and OPFS, across a worker stop and a browser restart`, async ({
      site,
      visitor,
      provider,
    }) => {
      const upstream = `http://127.0.0.1:${provider.port}`;
      site.attributes = sdk === 'ollama' ? { 'data-endpoints': `${upstream}/api/*` } : {};
      site.files.set('/sdks.js', { type: 'text/javascript; charset=utf-8', body: await readFile(pathOf('sdks.js')) });
      site.body = '<script src="/sdks.js"></script>';
      const ask = (page: Page) => askThroughSdk(page, sdk, upstream, stream);

      let page = await visitor.open();
      const first = await ask(page);
      expect(first.cacheStatus).toEqual(['refrain; fwd=miss']);
      expect(asked(provider)).toBe(1);

      const second = await ask(page);
      expect(second.cacheStatus).toEqual([expect.stringMatching(/^refrain; hit; ttl=\d+; detail=memory$/)]);
      expect(second.parsed).toEqual(first.parsed);

      await flush(page);
      await visitor.stopWorkers(page);
      const afterStop = await ask(page);
      expect(afterStop.cacheStatus).toEqual([expect.stringMatching(/^refrain; hit; ttl=\d+; detail=opfs$/)]);
      expect(afterStop.parsed).toEqual(first.parsed);

      await visitor.restart();
      page = await visitor.open();
      const afterRestart = await ask(page);
      expect(afterRestart.cacheStatus).toEqual([expect.stringMatching(/^refrain; hit; ttl=\d+; detail=opfs$/)]);
      expect(afterRestart.parsed).toEqual(first.parsed);
      expect(asked(provider)).toBe(1);
    });
  }
}

function asked(provider: LLMock): number {
  return provider.getRequests().filter(({ method }) => method === 'POST').length;
}

/** What the SDK parsed, and `Cache-Status` of every response the page got from the upstream meanwhile. */
async function askThroughSdk(page: Page, sdk: string, upstream: string, stream: boolean) {
  const cacheStatus: (string | null)[] = [];
  const listener = async (response: { url(): string; headers(): Record<string, string> }) => {
    if (response.url().startsWith(upstream)) cacheStatus.push(response.headers()['cache-status'] ?? null);
  };
  page.on('response', listener);
  const parsed = await page.evaluate(([name, url, streams]) => window.askThroughSdk(name, url, 'Greet me', streams), [
    sdk,
    upstream,
    stream,
  ] as const);
  await expect.poll(() => cacheStatus.length, { message: 'the page sees a response' }).toBeGreaterThan(0);
  page.off('response', listener);
  return { parsed, cacheStatus };
}
