import { type Evidence, fail, finish } from './evidence.ts';
import { type Format, type JsonObject, objectAt, textAt, tokensOf } from './format.ts';

/**
 * Cohere's `POST /v2/chat`. Proof: the event `message-end` with a finish reason; `[DONE]` may follow.
 * https://docs.cohere.com/reference/chat-stream
 */
export const cohere: Format = {
  name: 'cohere',
  provider: 'cohere',
  envelope: ['', '/messages/*', '/messages/*/content/*'],
  describe(_url, body) {
    if (!Array.isArray(body.messages)) return undefined;
    const model = textAt(body, 'model');
    return { ...(model ? { model } : {}), stream: body.stream === true };
  },
  onEvent(evidence, data, name) {
    if ((textAt(data, 'type') ?? name) !== 'message-end') return;
    const delta = objectAt(data, 'delta');
    if (delta.error) fail(evidence, 'error', 'message-end');
    readEnd(evidence, delta);
  },
  onBody: (evidence, body) => readEnd(evidence, body as JsonObject),
};

function readEnd(evidence: Evidence, end: JsonObject): void {
  finish(evidence, 0, end.finish_reason);
  evidence.terminated = evidence.finishes.get(0) !== undefined;
  evidence.tokens = tokensOf(objectAt(objectAt(end, 'usage'), 'tokens'), 'input_tokens', 'output_tokens');
}
