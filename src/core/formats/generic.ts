import { allFinished, finish } from './evidence.ts';
import { arrayAt, type Format, isObject, type JsonObject, textAt } from './format.ts';

/** Event types that end a stream in one of the families. */
const terminators = new Set([
  'message_stop',
  'response.completed',
  'response.incomplete',
  'message-end',
  'transcript.text.done',
  'image_generation.completed',
  'finish',
]);

/**
 * Any endpoint of the app's own. A JSON answer is kept when it parses and has no top-level `error`; a stream when it ended
 * on an event's boundary, without an error marker, with a terminator known from any family.
 */
export const generic: Format = {
  name: 'generic',
  provider: 'generic',
  // Nothing is known about the body: all of it counts, in its own order.
  envelope: [],
  describe(_url, body) {
    const model = textAt(body, 'model');
    return { ...(model ? { model } : {}), stream: body.stream === true };
  },
  onEvent(evidence, data, name) {
    evidence.model = textAt(data, 'model') ?? evidence.model;
    if (terminators.has(textAt(data, 'type') ?? name ?? '') || data.done === true) evidence.terminated = true;
    const choices = [...arrayAt(data, 'choices'), ...arrayAt(data, 'candidates')].filter(isObject);
    for (const choice of choices)
      finish(evidence, Number(choice.index ?? 0), choice.finish_reason ?? choice.finishReason);
    if (choices.length > 0) evidence.terminated = allFinished(evidence);
  },
  onDone(evidence) {
    if (evidence.finishes.size === 0 || allFinished(evidence)) evidence.terminated = true;
  },
  onBody(evidence, body) {
    evidence.terminated = true;
    evidence.model = textAt(body as JsonObject, 'model');
  },
};
