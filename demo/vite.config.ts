import { env, platform } from 'node:process';
import { defineConfig } from 'vite';
import { builtScripts } from './server/built-scripts.ts';
import { simulatedUpstream } from './server/upstream.ts';

const hasDisplay = platform === 'darwin' || platform === 'win32' || Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY);
const open = hasDisplay && !env.CI;

export default defineConfig({
  root: import.meta.dirname,
  // A taken port is no reason to fail: the next free one is used and printed.
  server: { port: 5173, open },
  preview: { port: 5173, open },
  plugins: [builtScripts(), simulatedUpstream()],
  // Loaded on demand, so the scan for dependencies would find them late and reload the page in the middle of a question.
  optimizeDeps: {
    include: ['openai', '@anthropic-ai/sdk', '@google/genai', 'ollama/browser', 'eventsource-parser/stream'],
  },
  build: { target: 'es2022', chunkSizeWarningLimit: 1000 },
});
