import { isObject, type JsonObject } from './format.ts';
import type { FormatName } from './paths.ts';

/**
 * How an answer is delivered: as one JSON body, as a stream, as a stream that ends with a usage chunk, or as a JSON array
 * of chunks. Any other text is a delivery nothing is known about: it is an entry of its own.
 */
export type Shape = 'json' | 'stream' | 'stream+usage' | 'array' | (string & {});

/** Formats whose answers can be had in more than one known shape, and the shapes a stored one may be made from. */
const shapes: Partial<Record<FormatName, readonly Shape[]>> = {
  'openai-chat': ['json', 'stream+usage', 'stream'],
  'openai-responses': ['json', 'stream'],
  anthropic: ['json', 'stream'],
  gemini: ['json', 'stream', 'array'],
  ollama: ['json', 'stream'],
  cohere: ['json', 'stream'],
};

/** The shape a request asks for. */
export function shapeOf(format: FormatName, url: URL, body: JsonObject): Shape {
  const known = shapes[format];
  const asked =
    format === 'gemini' ? geminiShape(url) : bodyShape(body, format === 'ollama' && !/\/embed/.test(url.pathname));
  return known && asked && known.includes(asked)
    ? asked
    : JSON.stringify([body.stream ?? null, body.stream_options ?? null]);
}

/** Shapes that an answer of this shape may be converted from, the most telling first. */
export function otherShapes(format: FormatName, shape: Shape): readonly Shape[] {
  const known = shapes[format] ?? [];
  return known.includes(shape) ? known.filter((other) => other !== shape) : [];
}

/** The parts of a URL that belong to the question: Gemini says in the path and in `alt` how the answer is delivered. */
export function placeOf(format: FormatName, url: URL): { path: string; parameters: (readonly [string, string])[] } {
  const parameters = [...url.searchParams];
  if (format !== 'gemini') return { path: url.pathname, parameters };
  return {
    path: url.pathname.replace(/streamGenerateContent(\/?)$/, 'generateContent$1'),
    parameters: parameters.filter(([name, value]) => name !== 'alt' || value !== 'sse'),
  };
}

function geminiShape(url: URL): Shape | undefined {
  const alt = url.searchParams.get('alt');
  const streams = /streamGenerateContent\/?$/.test(url.pathname);
  if (alt === 'sse') return streams ? 'stream' : undefined;
  if (alt !== null) return undefined;
  return streams ? 'array' : 'json';
}

function bodyShape(body: JsonObject, streamsByDefault: boolean): Shape | undefined {
  const { stream = streamsByDefault, stream_options: options } = body;
  if (options === undefined || options === null)
    return stream === true ? 'stream' : stream === false ? 'json' : undefined;
  const onlyUsage = isObject(options) && Object.keys(options).every((name) => name === 'include_usage');
  if (stream !== true || !onlyUsage) return undefined;
  return options.include_usage === true ? 'stream+usage' : 'stream';
}
