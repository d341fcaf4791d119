import { defineConfig } from '@playwright/test';
import type { RefrainFixtureOptions } from 'refrain/playwright';

const { CHROMIUM_PATH, CI, PORT = '4173', REFRAIN_MODE = 'replay', UPSTREAM } = process.env;
const url = `http://localhost:${PORT}`;
const reuseExistingServer = !CI;
const app = {
  command: `vite build --logLevel error && vite preview --port ${PORT} --strictPort`,
  url,
  reuseExistingServer,
};
const upstream = { command: 'npm run upstream', url: 'http://127.0.0.1:4010/health', reuseExistingServer };
const needsUpstream = REFRAIN_MODE !== 'replay' && !UPSTREAM;

export default defineConfig<RefrainFixtureOptions>({
  testDir: 'tests',
  fullyParallel: true,
  workers: 2,
  reporter: 'list',
  use: {
    baseURL: url,
    refrainMode: 'replay',
    launchOptions: CHROMIUM_PATH ? { executablePath: CHROMIUM_PATH } : {},
  },
  webServer: needsUpstream ? [upstream, app] : app,
});
