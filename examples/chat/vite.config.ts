import { defineConfig } from 'vite';

// Whatever speaks OpenAI's API: `npm run upstream`, Ollama at http://127.0.0.1:11434, or a provider.
const proxy = { '/v1': { target: process.env.UPSTREAM ?? 'http://127.0.0.1:4010', changeOrigin: true } };

export default defineConfig({ server: { proxy }, preview: { proxy } });
