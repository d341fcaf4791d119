import type { BrowserContext, Page } from '@playwright/test';
import { describe, expect, it } from 'vitest';
import { watchRoutes } from './routed-urls.ts';

type Pattern = Parameters<Page['route']>[0];

/** Does this pattern, given to `context.route`, count as one for the URL? */
async function isRouteFor(pattern: Pattern, url: string): Promise<boolean | undefined> {
  const context = { pages: () => [], on: () => {}, route: async () => ({}) } as unknown as BrowserContext;
  const routes = watchRoutes(context, 'http://localhost:3000/app/', async () => {});
  await context.route(pattern, () => {});
  return routes[0]?.matches(url);
}

describe('watchRoutes', () => {
  it.each([
    ['**/v1/chat/completions', 'https://api.openai.com/v1/chat/completions', true],
    ['https://api.openai.com/**', 'https://api.openai.com/v1/chat/completions', true],
    ['**/v1/*', 'https://api.openai.com/v1/chat/completions', false],
    ['**/{chat,embeddings}/**', 'https://api.openai.com/v1/chat/completions', true],
    ['/api/chat', 'http://localhost:3000/api/chat', true],
    ['**/v1/messages', 'https://api.openai.com/v1/chat/completions', false],
    [/chat/g, 'https://api.openai.com/v1/chat/completions', true],
    [(url: URL) => url.hostname === 'api.openai.com', 'https://api.openai.com/v1/chat/completions', true],
  ])('reads %s as Playwright does for %s', async (pattern, url, expected) => {
    expect(await isRouteFor(pattern as Pattern, url)).toBe(expected);
  });
});
