import { createOpenAI } from '@ai-sdk/openai';
import { type ModelMessage, stepCountIs, streamText } from 'ai';
import { weather } from './weather.ts';

// The app's own server passes /v1 on, and adds the key: none is in the page.
const provider = createOpenAI({ baseURL: `${location.origin}/v1`, apiKey: 'added by the server' });

/** What comes while an answer is made. */
export interface Listener {
  onText(piece: string): void;
  onToolCall(text: string): void;
}

/**
 * Asks the model, which may look at the weather in between.
 * @returns the answer's messages, to be sent along with the next question
 * @throws the provider's error; an `AbortError` when the signal came
 */
export async function answer(
  messages: ModelMessage[],
  listener: Listener,
  abortSignal: AbortSignal,
): Promise<ModelMessage[]> {
  const result = streamText({
    model: provider.chat('gpt-4o-mini'),
    system: `You answer people who work in a harbour, briefly. Today is ${new Date().toDateString()}.`,
    messages,
    tools: { weather },
    stopWhen: stepCountIs(3),
    abortSignal,
    // They are thrown below.
    onError: () => {},
  });
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') listener.onText(part.text);
    if (part.type === 'tool-result') listener.onToolCall(toolCallText(part.toolName, part.input, part.output));
    if (part.type === 'error') throw part.error;
  }
  abortSignal.throwIfAborted();
  return (await result.response).messages;
}

/** A tool call as the page shows it. */
export function toolCallText(name: string, input: unknown, output: unknown): string {
  return `${name}(${Object.values(input as object).join(', ')}) → ${output}`;
}
