import type OpenAI from 'openai';
import type { Provider } from './provider.ts';

export const openaiChat: Provider = {
  models: ['gpt-4o-mini', 'gpt-4o'],
  simulatedBase: '/upstream/v1',
  exampleBase: 'https://api.openai.com/v1',
  framing: 'server-sent events',

  request: ({ prompt, model, stream, baseUrl, key }) => ({
    url: `${baseUrl}/chat/completions`,
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: {
      model,
      messages: [{ role: 'user', content: prompt }],
      ...(stream && { stream, stream_options: { include_usage: true } }),
    },
  }),

  textOfEvent: (event) => (event as OpenAI.ChatCompletionChunk).choices[0]?.delta.content ?? '',
  textOfAnswer: (answer) => (answer as OpenAI.ChatCompletion).choices[0]?.message.content ?? '',

  async loadSdk() {
    const { default: OpenAI } = await import('openai');
    return async function* ({ prompt, model, stream, baseUrl, key }, fetch) {
      const openai = new OpenAI({ baseURL: baseUrl, apiKey: key, fetch, maxRetries: 0, dangerouslyAllowBrowser: true });
      const messages = [{ role: 'user' as const, content: prompt }];
      if (stream) {
        const usage = { include_usage: true };
        const chunks = await openai.chat.completions.create({ model, messages, stream: true, stream_options: usage });
        for await (const chunk of chunks) yield openaiChat.textOfEvent(chunk);
      } else {
        yield openaiChat.textOfAnswer(await openai.chat.completions.create({ model, messages }));
      }
    };
  },
};
