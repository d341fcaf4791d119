import { defineConfig } from '@playwright/test';
import type { EngineName } from './e2e/engines/engine.ts';
import { installed } from './e2e/engines/engines.ts';

export default defineConfig<object, { engineName: EngineName }>({
  testDir: 'e2e',
  globalSetup: './e2e/prepare.ts',
  outputDir: 'test-results',
  // Every test has a browser, a profile, a site and an upstream of its own.
  fullyParallel: true,
  workers: 2,
  // Where machines do other work too a second run tells a slow moment from a fault. It is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  timeout: 30_000,
  expect: { timeout: 5_000 },
  projects: [
    { name: 'chromium', testIgnore: 'engines/**' },
    // Without a debugger at their workers, whose lives it would change.
    ...installed.map(({ name: engineName }) => ({
      name: `${engineName} undebugged`,
      testMatch: 'engines/*.spec.ts',
      timeout: 60_000,
      // They hold engines to a second on machines that do other work too. A second run is reported as flaky.
      retries: 1,
      use: { engineName },
    })),
  ],
});
