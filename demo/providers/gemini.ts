import type { GenerateContentResponse } from '@google/genai';
import type { Provider } from './provider.ts';

export const gemini: Provider = {
  models: ['gemini-2.5-flash', 'gemini-2.5-pro'],
  simulatedBase: '/upstream',
  exampleBase: 'https://generativelanguage.googleapis.com',
  framing: 'server-sent events',

  request: ({ prompt, model, stream, baseUrl, key }) => ({
    url: `${baseUrl}/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: { 'content-type': 'application/json', ...(key && { 'x-goog-api-key': key }) },
    body: { contents: [{ role: 'user', parts: [{ text: prompt }] }] },
  }),

  textOfEvent: textOfParts,
  textOfAnswer: textOfParts,

  async loadSdk() {
    const { GoogleGenAI } = await import('@google/genai');
    return async function* ({ prompt, model, stream, baseUrl, key }, fetch) {
      const { models } = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl, fetch } });
      if (stream) {
        const chunks = await models.generateContentStream({ model, contents: prompt });
        for await (const chunk of chunks) yield textOfParts(chunk);
      } else {
        yield textOfParts(await models.generateContent({ model, contents: prompt }));
      }
    };
  },
};

function textOfParts(answer: unknown): string {
  const parts = (answer as GenerateContentResponse).candidates?.[0]?.content?.parts ?? [];
  return parts.map(({ text, thought }) => (thought ? '' : (text ?? ''))).join('');
}
