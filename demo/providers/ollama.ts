import type { ChatResponse } from 'ollama/browser';
import type { Provider } from './provider.ts';

export const ollama: Provider = {
  models: ['dialogue-gemma-mock', 'llama3.2'],
  simulatedBase: '/upstream',
  exampleBase: 'http://localhost:11434',
  framing: 'lines',

  request: ({ prompt, model, stream, baseUrl, key }) => ({
    url: `${baseUrl}/api/chat`,
    headers: { 'content-type': 'application/json', ...bearer(key) },
    body: { model, messages: [{ role: 'user', content: prompt }], stream },
  }),

  textOfEvent: (line) => (line as ChatResponse).message.content,
  textOfAnswer: (answer) => (answer as ChatResponse).message.content,

  async loadSdk() {
    const { Ollama } = await import('ollama/browser');
    return async function* ({ prompt, model, stream, baseUrl, key }, fetch) {
      const client = new Ollama({ host: baseUrl, fetch, headers: bearer(key) });
      const messages = [{ role: 'user', content: prompt }];
      if (stream) {
        for await (const part of await client.chat({ model, messages, stream: true })) yield part.message.content;
      } else {
        yield (await client.chat({ model, messages })).message.content;
      }
    };
  },
};

/** A local Ollama wants no key; one behind a gateway may. */
function bearer(key: string): Record<string, string> {
  return key ? { authorization: `Bearer ${key}` } : {};
}
