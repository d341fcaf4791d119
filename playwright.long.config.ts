import { defineConfig } from '@playwright/test';
import usual from './playwright.config.ts';

/** `npm run test:long`: the tests that have rounds, with many of them. */
export default defineConfig<{ rounds: number }>({
  ...usual,
  testMatch: 'stops.spec.ts',
  projects: [{ name: 'chromium', use: { rounds: 250 } }],
});
