import { createParser } from 'eventsource-parser';
import type { JsonObject } from '../format.ts';
import { done, eventsOf, object, objects, type StreamEvent } from './conversion.ts';

/** How a stream's JSON lies in its text. */
export type Framing = 'sse' | 'sse-crlf' | 'lines' | 'array';

/** Reads a whole answer: the events of a stream, or a JSON body. Throws when it is not made of JSON objects. */
export function readAnswer(source: string, contentType: string): StreamEvent[] | JsonObject {
  if (contentType.includes('event-stream')) return readEventStream(source);
  // NDJSON as an array: no line end can be inside a value.
  const isLines = /ndjson|jsonl|stream\+json/.test(contentType);
  const json: unknown = JSON.parse(isLines ? `[${source.trim().replaceAll(/\s*\n\s*/g, ',')}]` : source);
  return Array.isArray(json) ? eventsOf(objects(json)) : object(json);
}

/** Comments, ids and retry times are the connection's, and no part of the answer. */
function readEventStream(source: string): StreamEvent[] {
  const events: StreamEvent[] = [];
  const parser = createParser({
    onEvent({ event, data }) {
      events.push(data === '[DONE]' ? done : { ...(event && { name: event }), data: object(JSON.parse(data)) });
    },
  });
  parser.feed(source);
  return events;
}

/** A stream as its provider frames it. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function writeEvents(events: readonly StreamEvent[], framing: Framing): { text: string; contentType: string } {
  const texts = events.map(({ data }) => (data === '[DONE]' ? data : JSON.stringify(data)));
  // Google separates the elements of a streamed array so; readers that go by lines rely on it.
  if (framing === 'array') return { text: `[${texts.join(',\r\n')}]`, contentType: 'application/json' };
  if (framing === 'lines') return { text: `${texts.join('\n')}\n`, contentType: 'application/x-ndjson' };
  const end = framing === 'sse' ? '\n' : '\r\n';
  const lines = events.flatMap(({ name }, at) => [...(name ? [`event: ${name}`] : []), `data: ${texts[at]}`, '']);
  return { text: lines.map((line) => line + end).join(''), contentType: 'text/event-stream' };
}
