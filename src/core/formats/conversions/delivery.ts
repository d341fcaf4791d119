import { framingOf } from '../content-type.ts';
import type { JsonObject } from '../json.ts';
import { type Frame, object, objects, parsed, refuse } from './conversion.ts';

/** Reads a whole answer: the chunks of a stream, or a JSON body. Throws when it is not made of JSON objects. */
export function readAnswer(source: string, contentType: string): JsonObject[] | JsonObject {
  const frame = framingOf(contentType);
  if (!frame) {
    const json = parsed(source);
    return Array.isArray(json) ? objects(json) : object(json);
  }
  const chunks: JsonObject[] = [];
  const framing = frame({
    event(data) {
      if (data !== '[DONE]') chunks.push(object(parsed(data)));
    },
    fault: refuse,
    cut: refuse,
  });
  framing.feed(new TextEncoder().encode(source));
  framing.close();
  return chunks;
}

/**
 * A stream as its provider frames it. Events whose data has a `type` are named by it: Anthropic's SDK goes by the name.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function writeStream(
  chunks: readonly JsonObject[],
  frame: Frame,
): { readonly text: string; readonly contentType: string } {
  const texts = chunks.map((chunk) => JSON.stringify(chunk));
  // Google separates the elements of a streamed array so; readers that go by lines rely on it.
  if (frame === 'array') return { text: `[${texts.join(',\r\n')}]`, contentType: 'application/json' };
  if (frame === 'lines') return { text: `${texts.join('\n')}\n`, contentType: 'application/x-ndjson' };
  const end = frame === 'sse-crlf' ? '\r\n' : '\n';
  const events = texts.map((text, at) => {
    const type = chunks[at]?.type;
    return `${type ? `event: ${type}${end}` : ''}data: ${text}${end}${end}`;
  });
  if (frame === 'sse-done') events.push('data: [DONE]\n\n');
  return { text: events.join(''), contentType: 'text/event-stream' };
}
