import { asked } from './ask.ts';
import { cohere as conversion } from './conversions/cohere.ts';
import { type Evidence, fail, finish } from './evidence.ts';
import type { Format } from './format.ts';
import { arrayAt, type JsonObject, objectAt, textAt } from './json.ts';

/**
 * Cohere's `POST /v2/chat`. Proof: the event `message-end` with a finish reason; `[DONE]` may follow.
 * https://docs.cohere.com/reference/chat-stream
 */
export const cohere: Format = {
  provider: 'cohere',
  envelope: ['', '/messages/*', '/messages/*/content/*'],
  describe: (url, body) => (Array.isArray(body.messages) ? asked(url, body, body.stream === true) : undefined),
  onEvent(evidence, data, name) {
    if ((textAt(data, 'type') ?? name) !== 'message-end') return;
    const delta = objectAt(data, 'delta');
    if (delta.error) fail(evidence, 'error', 'message-end');
    readEnd(evidence, delta);
  },
  onBody: (evidence, body) => readEnd(evidence, body as JsonObject),
  conversion,
};

/**
 * Cohere's `POST /v1/chat`, whose streams are lines of JSON. Proof: the line `stream-end` with a finish reason.
 * https://docs.cohere.com/v1/reference/chat
 */
export const cohereV1: Format = {
  ...cohere,
  conversion: undefined,
  envelope: ['', '/chat_history/*'],
  describe: (url, body) =>
    textAt(body, 'message')
      ? asked(url, body, body.stream === true, body.conversation_id, arrayAt(body, 'connectors').length > 0)
      : undefined,
  onEvent(evidence, data) {
    if (data.event_type === 'stream-end') readEnd(evidence, data);
  },
};

function readEnd(evidence: Evidence, end: JsonObject): void {
  finish(evidence, 0, end.finish_reason);
  evidence.terminated = evidence.finishes.get(0) !== undefined;
}
