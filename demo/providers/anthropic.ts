import type Anthropic from '@anthropic-ai/sdk';
import type { Provider } from './provider.ts';

const longestAnswer = 1024;

export const anthropic: Provider = {
  models: ['claude-haiku-4-5', 'claude-sonnet-4-5'],
  simulatedBase: '/upstream',
  exampleBase: 'https://api.anthropic.com',
  framing: 'server-sent events',

  request: ({ prompt, model, stream, baseUrl, key }) => ({
    url: `${baseUrl}/v1/messages`,
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'anthropic-dangerous-direct-browser-access': 'true',
      ...(key && { 'x-api-key': key }),
    },
    body: {
      model,
      max_tokens: longestAnswer,
      messages: [{ role: 'user', content: prompt }],
      ...(stream && { stream }),
    },
  }),

  textOfEvent(event) {
    const told = event as Anthropic.MessageStreamEvent;
    return told.type === 'content_block_delta' && told.delta.type === 'text_delta' ? told.delta.text : '';
  },

  textOfAnswer: (answer) =>
    (answer as Anthropic.Message).content.map((block) => (block.type === 'text' ? block.text : '')).join(''),

  async loadSdk() {
    const { default: Anthropic } = await import('@anthropic-ai/sdk');
    return async function* ({ prompt, model, stream, baseUrl, key }, fetch) {
      const client = new Anthropic({
        baseURL: baseUrl,
        apiKey: key,
        fetch,
        maxRetries: 0,
        dangerouslyAllowBrowser: true,
      });
      const params = { model, max_tokens: longestAnswer, messages: [{ role: 'user' as const, content: prompt }] };
      if (stream) {
        for await (const event of await client.messages.create({ ...params, stream: true })) {
          yield anthropic.textOfEvent(event);
        }
      } else {
        yield anthropic.textOfAnswer(await client.messages.create(params));
      }
    };
  },
};
