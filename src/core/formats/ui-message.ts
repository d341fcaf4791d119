import { fail, finish } from './evidence.ts';
import type { Format } from './format.ts';
import { isObject, textAt } from './json.ts';

/**
 * The AI SDK's own exchange between `useChat` and a route of the app: recognised by the body, whose messages have `parts`,
 * where the app named the URL. Proof: `finish`, then `[DONE]`.
 * https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol#data-stream-protocol
 */
export const uiMessage: Format = {
  provider: 'ui-message',
  envelope: ['', '/messages/*'],
  // Drawn at random by the client. The trigger is obeyed: what a regeneration brings answers the question from then on.
  leftOut: ['/id', '/messageId', '/messages/*/id', '/trigger'],
  describe(_url, { messages, model, trigger }) {
    if (!Array.isArray(messages) || !messages.length) return undefined;
    if (!messages.every((message) => isObject(message) && Array.isArray(message.parts))) return undefined;
    return {
      ...(typeof model === 'string' ? { model } : {}),
      stream: true,
      ...(trigger === 'regenerate-message' ? { reload: true } : {}),
    };
  },
  onEvent(evidence, data) {
    const type = textAt(data, 'type') ?? '';
    if (/^(abort|tool-(input|output)-error)$/.test(type)) fail(evidence, 'error', type);
    if (type !== 'finish') return;
    finish(evidence, 0, data.finishReason);
    evidence.terminated = true;
  },
  onBody(evidence) {
    evidence.terminated = true;
    evidence.done = true;
  },
  needsDone: () => true,
};
