import type { FormatName } from '../paths.ts';
import type { Shape } from '../shapes.ts';
import { anthropic } from './anthropic.ts';
import { cohere } from './cohere.ts';
import { type Conversion, refuse } from './conversion.ts';
import { readAnswer, writeStream } from './delivery.ts';
import { gemini } from './gemini.ts';
import { ollama } from './ollama.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';

/** Formats whose streams and bodies can be made from each other. */
export const conversions: Readonly<Partial<Record<FormatName, Conversion>>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  anthropic,
  gemini,
  ollama,
  cohere,
};

/** An answer as it is delivered. */
export interface Delivered {
  readonly text: string;
  readonly contentType: string;
}

/**
 * A stored answer in another shape; `undefined`, a miss, where it cannot be had without loss or invention. One that has
 * the shape already should be served byte for byte, not from here. Never throws.
 */
export function convert(format: FormatName, stored: Delivered, shape: Shape): Delivered | undefined {
  try {
    const { frame, fold, unfold, refit } = conversions[format] ?? refuse();
    const answer = readAnswer(stored.text, stored.contentType);
    const isStream = Array.isArray(answer);
    if (shape === 'json')
      return { text: JSON.stringify(isStream ? fold(answer) : answer), contentType: 'application/json' };
    const wish = { usage: shape === 'stream+usage' };
    const stream = isStream ? (refit?.(answer, wish) ?? answer) : unfold(answer, wish);
    return writeStream(stream, shape === 'array' ? 'array' : frame);
  } catch {
    return undefined;
  }
}
