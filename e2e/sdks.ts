import { readFile } from 'node:fs/promises';
import { LLMock } from '@copilotkit/aimock';
import type { Page } from '@playwright/test';
import { pathOf } from './prepare.ts';
import { test as base, expect } from './site.ts';
import type { StaticOrigin } from './static-origin.ts';

/** A stand-in for all providers at once, written by others: its formats are not this project's idea of them. */
export const test = base.extend<{ provider: LLMock }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off this pattern
  provider: async ({}, use) => {
    const provider = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 6 });
    await provider.start();
    await use(provider);
    await provider.stop();
  },
});

/** Puts the SDKs into the pages of a site, and names the endpoints that Refrain knows only at their provider's address. */
export async function putSdksInto(site: StaticOrigin, upstream: string, sdk: string): Promise<void> {
  site.files.set('/sdks.js', { type: 'text/javascript; charset=utf-8', body: await readFile(pathOf('sdks.js')) });
  site.body = '<script src="/sdks.js"></script>';
  const path = sdk.startsWith('ollama') ? '/api/*' : sdk.includes('Cohere') ? '/v2/chat' : undefined;
  if (path) site.attributes = { ...site.attributes, 'data-endpoints': upstream + path };
}

export function originOf(provider: LLMock): string {
  return `http://127.0.0.1:${provider.port}`;
}

/** Calls the provider has had from pages of an origin. */
export function callsFrom(provider: LLMock, origin: string) {
  return provider.getRequests().filter(({ method, headers }) => method === 'POST' && headers.origin === origin);
}

/** What the SDK parsed, and `Cache-Status` of every response the page got from the provider meanwhile. One call at a time. */
export async function askThroughSdk(page: Page, sdk: string, upstream: string, prompt: string, stream: boolean) {
  const cacheStatus: (string | null)[] = [];
  const listener = (response: { url(): string; headers(): Record<string, string> }) => {
    if (response.url().startsWith(upstream)) cacheStatus.push(response.headers()['cache-status'] ?? null);
  };
  page.on('response', listener);
  const parsed = await page.evaluate(([name, ...question]) => window.askThroughSdk(name, ...question), [
    sdk,
    upstream,
    prompt,
    stream,
  ] as const);
  await expect.poll(() => cacheStatus.length, { message: 'the page sees a response' }).toBeGreaterThan(0);
  page.off('response', listener);
  return { parsed, cacheStatus };
}
