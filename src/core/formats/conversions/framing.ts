import { createParser } from 'eventsource-parser';
import type { JsonObject } from '../format.ts';
import { object, objects } from './conversion.ts';

/** How a stream's JSON lies in its text: SSE with and without a `[DONE]` after it, with CRLF; lines; one JSON array. */
export type Framing = 'sse' | 'sse-done' | 'sse-crlf' | 'lines' | 'array';

/** Reads a whole answer: the chunks of a stream, or a JSON body. Throws when it is not made of JSON objects. */
export function readAnswer(source: string, contentType: string): JsonObject[] | JsonObject {
  if (contentType.includes('event-stream')) return readEventStream(source);
  // Lines as an array: no line end can be inside a value.
  const isLines = /ndjson|jsonl|stream\+json/.test(contentType);
  const json: unknown = JSON.parse(isLines ? `[${source.trim().replaceAll(/\s*\n\s*/g, ',')}]` : source);
  return Array.isArray(json) ? objects(json) : object(json);
}

/** Comments, ids and retry times are the connection's, and no part of the answer. */
function readEventStream(source: string): JsonObject[] {
  const chunks: JsonObject[] = [];
  const parser = createParser({
    onEvent({ data }) {
      if (data !== '[DONE]') chunks.push(object(JSON.parse(data)));
    },
  });
  parser.feed(source);
  return chunks;
}

/**
 * A stream as its provider frames it. Events whose data has a `type` are named by it: Anthropic's SDK goes by the name.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function writeStream(
  chunks: readonly JsonObject[],
  framing: Framing,
): { readonly text: string; readonly contentType: string } {
  const texts = chunks.map((chunk) => JSON.stringify(chunk));
  // Google separates the elements of a streamed array so; readers that go by lines rely on it.
  if (framing === 'array') return { text: `[${texts.join(',\r\n')}]`, contentType: 'application/json' };
  if (framing === 'lines') return { text: `${texts.join('\n')}\n`, contentType: 'application/x-ndjson' };
  const end = framing === 'sse-crlf' ? '\r\n' : '\n';
  const events = texts.map((text, at) => {
    const type = chunks[at]?.type;
    return `${type ? `event: ${type}${end}` : ''}data: ${text}${end}${end}`;
  });
  if (framing === 'sse-done') events.push('data: [DONE]\n\n');
  return { text: events.join(''), contentType: 'text/event-stream' };
}
