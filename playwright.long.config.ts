import { defineConfig } from '@playwright/test';
import usual from './playwright.config.ts';

/**
 * `npm run test:long`: the tests that have rounds, with many of them; and streams of twelve minutes, for which the three
 * engines wait side by side.
 */
export default defineConfig<{ rounds: number }>({
  ...usual,
  workers: 3,
  retries: 0,
  projects: (usual.projects ?? []).map((project) =>
    project.testMatch
      ? { ...project, testMatch: 'engines/*.long.ts', retries: 0 }
      : { ...project, testMatch: 'stops.spec.ts', use: { rounds: 250 } },
  ),
});
