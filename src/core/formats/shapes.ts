import type { Shape } from './conversions/conversion.ts';
import { formats } from './index.ts';
import { isObject, type JsonObject } from './json.ts';
import { type FormatName, pathOf } from './paths.ts';

/**
 * Hosts whose streams count tokens without being asked to, each in a place of its own: what is made from a body or from a
 * stream with a usage chunk would lack the count.
 */
const alwaysCounts =
  /(^|\.)((mistral|openrouter|x|perplexity|together|fireworks|cerebras|z)\.ai|(deepseek|groq)\.com|together\.xyz|vercel\.sh|huggingface\.co)$/;

/** The shape a request asks for. */
export function shapeOf(format: FormatName, url: URL, body: JsonObject): Shape {
  const known = formats[format].conversion?.shapes;
  const asked = format === 'gemini' ? geminiShape(url) : bodyShape(format, url, body);
  return known && asked && known.includes(asked)
    ? asked
    : JSON.stringify([pathOf(url), body.stream, body.stream_options]);
}

/** The other shapes the same question can be asked in, the most telling first. */
export function otherShapes(format: FormatName, shape: Shape): readonly Shape[] {
  const known = formats[format].conversion?.shapes ?? [];
  return known.includes(shape) ? known.filter((other) => other !== shape) : [];
}

/** Of these, the shapes that an answer of this shape may be made from. */
export function sourceShapes(format: FormatName, url: URL, shape: Shape): readonly Shape[] {
  const loses = format === 'openai-chat' && shape !== 'json' && alwaysCounts.test(url.hostname);
  return loses ? [] : otherShapes(format, shape);
}

/** A URL's path as far as it belongs to the question: Google says in the method how the answer is delivered. */
export function questionPath(format: FormatName, url: URL): string {
  // `%3A` and `:` are one model's name in a path.
  const path = url.pathname.replace(/%3a/gi, ':');
  return format === 'gemini' || format === 'anthropic'
    ? path.replace(/:stream(.)(?=\w+\/?$)/, (_, initial: string) => `:${initial.toLowerCase()}`)
    : path;
}

/** Does a query parameter, as it is spelled, only say how the answer is delivered? */
export function isDelivery(format: FormatName, parameter: string): boolean {
  return format === 'gemini' && parameter === 'alt=sse';
}

function geminiShape(url: URL): Shape | undefined {
  const alt = url.searchParams.get('alt');
  const streams = /:streamG/.test(pathOf(url));
  if (alt === 'sse') return streams ? 'stream' : undefined;
  if (alt !== null) return undefined;
  return streams ? 'array' : 'json';
}

function bodyShape(format: FormatName, url: URL, body: JsonObject): Shape | undefined {
  const { stream_options: options } = body;
  const stream = body.stream ?? (format === 'ollama' && !/\/embed/.test(url.pathname));
  if (typeof stream !== 'boolean') return undefined;
  // Vertex says it twice for Claude; where the two differ, nobody knows what comes.
  if (format === 'anthropic' && /:\w+$/.test(pathOf(url)) && /:streamR/.test(pathOf(url)) !== stream) return undefined;
  if (options === undefined || options === null) return stream ? 'stream' : 'json';
  if (!stream || !isObject(options)) return undefined;
  const { include_usage: usage, ...others } = options;
  // Some servers take 1 for `true`, and any other option changes the stream.
  if (typeof (usage ?? false) !== 'boolean' || Object.keys(others).length > 0) return undefined;
  return usage ? 'stream+usage' : 'stream';
}
