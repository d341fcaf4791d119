import type OpenAI from 'openai';
import type { Provider } from './provider.ts';

export const openaiResponses: Provider = {
  models: ['gpt-4o-mini', 'gpt-4o'],
  simulatedBase: '/upstream/v1',
  exampleBase: 'https://api.openai.com/v1',
  framing: 'server-sent events',

  request: ({ prompt, model, stream, baseUrl, key }) => ({
    url: `${baseUrl}/responses`,
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: { model, input: prompt, ...(stream && { stream }) },
  }),

  textOfEvent(event) {
    const { type, ...rest } = event as OpenAI.Responses.ResponseStreamEvent;
    return type === 'response.output_text.delta' && 'delta' in rest ? String(rest.delta) : '';
  },

  textOfAnswer: (answer) =>
    (answer as OpenAI.Responses.Response).output
      .flatMap((item) => (item.type === 'message' ? item.content : []))
      .map((part) => (part.type === 'output_text' ? part.text : part.refusal))
      .join(''),

  async loadSdk() {
    const { default: OpenAI } = await import('openai');
    return async function* ({ prompt, model, stream, baseUrl, key }, fetch) {
      const openai = new OpenAI({ baseURL: baseUrl, apiKey: key, fetch, maxRetries: 0, dangerouslyAllowBrowser: true });
      if (stream) {
        const events = await openai.responses.create({ model, input: prompt, stream: true });
        for await (const event of events) yield openaiResponses.textOfEvent(event);
      } else {
        yield openaiResponses.textOfAnswer(await openai.responses.create({ model, input: prompt }));
      }
    };
  },
};
