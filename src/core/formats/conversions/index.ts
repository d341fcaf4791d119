import { formats } from '../index.ts';
import type { FormatName } from '../paths.ts';
import type { Shape } from './conversion.ts';
import { refuse } from './conversion.ts';
import { readAnswer, writeStream } from './delivery.ts';

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
    const { frame, fold, unfold, refit } = formats[format].conversion ?? refuse();
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
