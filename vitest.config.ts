import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { launchOptions } from './e2e/browser/find-chromium.mjs';

/** Milliseconds. Nothing takes a tenth of it on an idle machine; a busy one is no failure. */
const testTimeout = 20_000;

/** `node` runs pure code on Node's own Web Crypto, Request and streams; `browser` runs what needs real OPFS in Chromium. */
export default defineConfig(({ mode }) => ({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          testTimeout,
          include: ['src/**/*.test.ts', 'sw/**/*.test.ts'],
        },
      },
      {
        // Found while the tests load, a dependency would be bundled then and the page reloaded under them.
        optimizeDeps: { include: ['lru-cache', 'fast-check'] },
        test: {
          name: 'browser',
          testTimeout,
          // `--mode long`: what tries every offset and takes minutes.
          include: mode === 'long' ? ['src/**/*.long.ts'] : ['src/**/*.browser.ts', 'sw/**/*.browser.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
}));
