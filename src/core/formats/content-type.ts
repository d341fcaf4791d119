import { amazonEventStream } from './amazon-event-stream.ts';
import { eventStream, type Framing, jsonLines, type Note } from './framing.ts';

/** How a stream of this content type is framed; `undefined` where it is none. */
export function framingOf(contentType: string): ((note: Note) => Framing) | undefined {
  const type = mediaType(contentType);
  if (type === 'text/event-stream') return eventStream;
  if (type === 'application/vnd.amazon.eventstream') return amazonEventStream;
  return /^application\/(x-ndjson|stream\+json|jsonl)$/.test(type) ? jsonLines : undefined;
}

/** A content type without its parameters. */
export function mediaType(contentType: string): string {
  return contentType.split(';')[0]?.trim().toLowerCase() ?? '';
}
