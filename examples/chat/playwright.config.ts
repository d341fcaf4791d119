import { defineConfig } from '@playwright/test';

const { CHROMIUM_PATH, PORT = '4173', REFRAIN_MODE, UPSTREAM } = process.env;
const url = `http://localhost:${PORT}`;
const app = { command: `vite build --logLevel error && vite preview --port ${PORT} --strictPort`, url };
const upstream = { command: 'npm run upstream', url: 'http://127.0.0.1:4010/health' };

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  workers: 2,
  timeout: 15_000,
  reporter: 'list',
  use: {
    baseURL: url,
    launchOptions: CHROMIUM_PATH ? { executablePath: CHROMIUM_PATH } : {},
  },
  // Recorded answers need no provider.
  webServer: REFRAIN_MODE === 'replay' || UPSTREAM ? app : [upstream, app],
});
