import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { generateText, jsonSchema, streamText, type ToolSet } from 'ai';
import { Ollama } from 'ollama/browser';
import OpenAI from 'openai';
import { askCohere } from './cohere.ts';

/**
 * What an SDK parsed. `whole` is the answer: its body, or what the SDK's own accumulator makes of the stream, else all that
 * its events say put together.
 */
interface Parsed {
  readonly whole: unknown;
  readonly events?: readonly unknown[];
}

/** Asks through one SDK as its documentation says. */
type AskThroughSdk = (upstream: string, prompt: string, stream: boolean) => Promise<Parsed>;

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
    if (!stream) return { whole: await client.chat.completions.create(question) };
    const answer = client.chat.completions.stream({ ...question, stream_options: { include_usage: true } });
    return { events: await all(answer), whole: await answer.finalChatCompletion() };
  },

  'openai, responses': async (upstream, prompt, stream) => {
    const client = new OpenAI({ apiKey, baseURL: `${upstream}/v1`, dangerouslyAllowBrowser: true });
    const question = { model: 'gpt-4o', input: prompt };
    if (!stream) return { whole: await client.responses.create(question) };
    const answer = client.responses.stream(question);
    return { events: await all(answer), whole: await answer.finalResponse() };
  },

  '@anthropic-ai/sdk': async (upstream, prompt, stream) => {
    const client = new Anthropic({ apiKey, baseURL: upstream, dangerouslyAllowBrowser: true });
    const question = {
      model: 'claude-haiku-4-5',
      max_tokens: 64,
      messages: [{ role: 'user' as const, content: prompt }],
    };
    if (!stream) return { whole: await client.messages.create(question) };
    const answer = client.messages.stream(question);
    return { events: await all(answer), whole: await answer.finalMessage() };
  },

  '@google/genai': async (upstream, prompt, stream) => {
    const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: upstream } });
    const question = { model: 'gemini-2.5-flash', contents: prompt };
    if (!stream) return { whole: withoutTransport(await client.models.generateContent(question)) };
    const events = (await all(await client.models.generateContentStream(question))).map(withoutTransport);
    const parts = events.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
    const { content, ...candidate } = Object.assign({}, ...events.map(({ candidates }) => candidates?.[0]));
    return {
      events,
      whole: {
        ...Object.assign({}, ...events),
        candidates: [{ ...candidate, role: content?.role }],
        text: parts.map(({ text }) => text ?? '').join(''),
        functionCalls: parts.flatMap(({ functionCall }) => functionCall ?? []),
      },
    };
  },

  ollama: async (upstream, prompt, stream) => {
    const client = new Ollama({ host: upstream });
    const question = { model: 'llama3.2', messages: [{ role: 'user', content: prompt }] };
    if (!stream) return { whole: await client.chat(question) };
    const events = await all(await client.chat({ ...question, stream }));
    const said = {
      role: events[0]?.message.role,
      content: events.map(({ message }) => message.content).join(''),
      tool_calls: events.flatMap(({ message }) => message.tool_calls ?? []),
    };
    return { events, whole: { ...events.at(-1), message: said } };
  },

  'ollama, generate': async (upstream, prompt, stream) => {
    const client = new Ollama({ host: upstream });
    const question = { model: 'llama3.2', prompt };
    if (!stream) return { whole: await client.generate(question) };
    const events = await all(await client.generate({ ...question, stream }));
    return { events, whole: { ...events.at(-1), response: events.map(({ response }) => response).join('') } };
  },

  'ai with @ai-sdk/openai': async (upstream, prompt, stream) => {
    const openai = createOpenAI({ apiKey, baseURL: `${upstream}/v1` });
    const inputSchema = jsonSchema({ type: 'object' });
    const tools: ToolSet = { look_up: { inputSchema }, list: { inputSchema } };
    const question = { model: openai('gpt-4o'), prompt, tools };
    const answer = stream ? streamText(question) : await generateText(question);
    const { id, modelId } = await answer.response;
    return {
      events: 'textStream' in answer ? await all(answer.textStream) : [],
      whole: {
        text: await answer.text,
        toolCalls: await answer.toolCalls,
        usage: await answer.usage,
        finishReason: await answer.finishReason,
        response: { id, modelId },
      },
    };
  },

  'fetch, Cohere v2': askCohere,
};

/** This SDK hands the HTTP headers out with the answer; `Cache-Status` and `Age` are meant to differ. */
function withoutTransport<T extends { sdkHttpResponse?: unknown }>(answer: T): Omit<T, 'sdkHttpResponse'> {
  const { sdkHttpResponse: _, ...parsed } = answer;
  return parsed;
}

declare global {
  interface Window {
    askThroughSdk(name: string, upstream: string, prompt: string, stream: boolean): Promise<Parsed>;
  }
}

window.askThroughSdk = async (name, ...question) => {
  const sdk = sdks[name];
  if (!sdk) throw new RangeError(`Cannot ask through "${name}": there are ${Object.keys(sdks).join('; ')}`);
  return JSON.parse(JSON.stringify(await sdk(...question)));
};
