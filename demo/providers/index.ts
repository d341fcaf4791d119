import { anthropic } from './anthropic.ts';
import { gemini } from './gemini.ts';
import { ollama } from './ollama.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import type { Provider } from './provider.ts';

const providers = { 'openai-chat': openaiChat, 'openai-responses': openaiResponses, anthropic, gemini, ollama };

/** By the value of its radio button. */
export function providerNamed(name: string): Provider {
  return Object.hasOwn(providers, name) ? providers[name as keyof typeof providers] : openaiChat;
}
