import { test as base, expect as baseExpect } from '@playwright/test';
import { freshAnswers, openaiChat, type Provider, type Question } from './answers.ts';
import type { Ask, Got } from './asking.ts';
import { StaticOrigin } from './static-origin.ts';
import { Upstream } from './upstream.ts';
import { Visitor } from './visitor.ts';

interface Fixtures {
  /** The app's own server, with the built scripts at its root. */
  site: StaticOrigin;
  /** The LLM API; every call gets an answer of its own. */
  upstream: Upstream;
  /** A browser that has never been here. */
  visitor: Visitor;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off this pattern
  site: async ({}, use) => {
    const site = await StaticOrigin.start();
    await use(site);
    await site.close();
  },

  // biome-ignore lint/correctness/noEmptyPattern: as above
  upstream: async ({}, use, testInfo) => {
    const upstream = await Upstream.start();
    upstream.answer = freshAnswers;
    await use(upstream);
    if (testInfo.status !== testInfo.expectedStatus) {
      const journal = upstream.calls.map(({ number, method, path, state }) => `${number} ${method} ${path} ${state}`);
      await testInfo.attach('what reached the upstream', { body: journal.join('\n') || 'nothing' });
    }
    await upstream.close();
  },

  visitor: async ({ site, serviceWorkers }, use, testInfo) => {
    const visitor = new Visitor(site, { serviceWorkers });
    await visitor.arrive();
    await use(visitor);
    if (testInfo.status !== testInfo.expectedStatus) {
      const lines = visitor.context.pages().flatMap((page) => visitor.consoleOf(page));
      await testInfo.attach('what the consoles show', { body: lines.join('\n') || 'nothing' });
    }
    await visitor.leave();
  },
});

/** A call to the upstream in a provider's form; OpenAI's chat where none is named. */
export function askOf(
  upstream: { readonly origin: string },
  question: Question | string,
  provider: Provider = openaiChat,
): Ask {
  const { path, headers, body } = provider.request(typeof question === 'string' ? { prompt: question } : question);
  return { url: upstream.origin + path, headers, body };
}

/** The same call with more headers. */
export function withHeaders(ask: Ask, headers: Record<string, string>): Ask {
  return { ...ask, headers: { ...ask.headers, ...headers } };
}

export const expect = baseExpect.extend({
  /** Answered from this tier, says `Cache-Status` (RFC 9211), and `Age` (RFC 9111) is there. */
  toBeHitFrom(got: Got, tier: 'memory' | 'opfs') {
    const pass =
      new RegExp(`^refrain; hit; ttl=-?\\d+; detail=${tier}$`).test(got.cacheStatus ?? '') &&
      /^\d+$/.test(got.headers.age ?? '');
    return verdict(got, pass, `a hit from ${tier}`);
  },

  /** Answered from any tier. */
  toBeHit(got: Got) {
    return verdict(got, /^refrain; hit; ttl=-?\d+; detail=(memory|opfs)$/.test(got.cacheStatus ?? ''), 'a hit');
  },

  /** Answered by the upstream, for this asker. */
  toBeMiss(got: Got) {
    return verdict(got, got.cacheStatus === 'refrain; fwd=miss', 'a miss');
  },

  /** Answered by the network, and Refrain left the response alone. */
  toBeUntouched(got: Got) {
    return verdict(got, got.cacheStatus === null && got.error === undefined, 'left untouched');
  },
});

function verdict(got: Got, pass: boolean, what: string) {
  const shown = `status ${got.status}, Cache-Status ${got.cacheStatus}, Age ${got.headers.age}, error ${got.error?.name}: ${got.error?.message}`;
  return { pass, message: () => `Expected the answer ${pass ? 'not ' : ''}to be ${what}, it has ${shown}` };
}
