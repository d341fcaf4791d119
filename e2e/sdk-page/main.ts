import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { generateText, streamText } from 'ai';
import { Ollama } from 'ollama/browser';
import OpenAI from 'openai';

/** Asks through one SDK as its documentation says, and gives back everything it parsed. */
type AskThroughSdk = (upstream: string, prompt: string, stream: boolean) => Promise<unknown>;

const apiKey = 'sk-end-to-end';

async function all<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const part of parts) seen.push(part);
  return seen;
}

const sdks: Record<string, AskThroughSdk> = {
  'openai, chat': async (upstream, prompt, stream) => {
    const client = new OpenAI({ apiKey, baseURL: `${upstream}/v1`, dangerouslyAllowBrowser: true });
    const question = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: prompt }] };
    return stream
      ? all(await client.chat.completions.create({ ...question, stream, stream_options: { include_usage: true } }))
      : client.chat.completions.create(question);
  },

  'openai, responses': async (upstream, prompt, stream) => {
    const client = new OpenAI({ apiKey, baseURL: `${upstream}/v1`, dangerouslyAllowBrowser: true });
    const question = { model: 'gpt-4o', input: prompt };
    return stream ? all(await client.responses.create({ ...question, stream })) : client.responses.create(question);
  },

  '@anthropic-ai/sdk': async (upstream, prompt, stream) => {
    const client = new Anthropic({ apiKey, baseURL: upstream, dangerouslyAllowBrowser: true });
    const question = {
      model: 'claude-haiku-4-5',
      max_tokens: 64,
      messages: [{ role: 'user' as const, content: prompt }],
    };
    if (!stream) return client.messages.create(question);
    const answer = client.messages.stream(question);
    return { events: await all(answer), message: await answer.finalMessage() };
  },

  '@google/genai': async (upstream, prompt, stream) => {
    const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: upstream } });
    const question = { model: 'gemini-2.5-flash', contents: prompt };
    return stream
      ? (await all(await client.models.generateContentStream(question))).map(withoutTransport)
      : withoutTransport(await client.models.generateContent(question));
  },

  ollama: async (upstream, prompt, stream) => {
    const client = new Ollama({ host: upstream });
    const question = { model: 'llama3.2', messages: [{ role: 'user', content: prompt }] };
    return stream ? all(await client.chat({ ...question, stream })) : client.chat(question);
  },

  'ai with @ai-sdk/openai': async (upstream, prompt, stream) => {
    const openai = createOpenAI({ apiKey, baseURL: `${upstream}/v1` });
    const question = { model: openai('gpt-4o'), prompt };
    const answer = stream ? streamText(question) : await generateText(question);
    const { id, modelId } = await answer.response;
    return {
      parts: 'textStream' in answer ? await all(answer.textStream) : [],
      text: await answer.text,
      usage: await answer.usage,
      finishReason: await answer.finishReason,
      response: { id, modelId },
    };
  },
};

/** This SDK hands the HTTP headers out with the answer; `Cache-Status` and `Age` are meant to differ. */
function withoutTransport<T extends { sdkHttpResponse?: unknown }>(answer: T): Omit<T, 'sdkHttpResponse'> {
  const { sdkHttpResponse: _, ...parsed } = answer;
  return parsed;
}

declare global {
  interface Window {
    askThroughSdk(name: string, upstream: string, prompt: string, stream: boolean): Promise<unknown>;
  }
}

window.askThroughSdk = async (name, ...question) => {
  const sdk = sdks[name];
  if (!sdk) throw new RangeError(`Cannot ask through "${name}": there are ${Object.keys(sdks).join('; ')}`);
  return JSON.parse(JSON.stringify(await sdk(...question)));
};
