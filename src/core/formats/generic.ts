import { allFinished, type Evidence, fail, finish } from './evidence.ts';
import type { Format } from './format.ts';
import { arrayAt, isObject, type JsonObject, textAt } from './json.ts';

/** Event types that end a stream in one of the families. */
const terminators =
  /^(message_stop|response\.(completed|incomplete)|message-end|stream-end|chat\.end|finish|(transcript\.text|transcription|speech\.audio)\.done|image_(generation|edit)\.completed)$/;

/**
 * Any endpoint of the app's own. A JSON answer is kept when it parses and has no top-level `error`; a stream when it ended
 * on an event's boundary, without an error marker, with a terminator known from any family.
 */
export const generic: Format = {
  provider: 'generic',
  // Nothing is known about the body: all of it counts, in its own order.
  envelope: [],
  describe(_url, body) {
    const model = textAt(body, 'model');
    // A stream of several choices has as many ends, and not every one says how many.
    if (body.stream === true && Number(body.n) > 1) return undefined;
    return { ...(model ? { model } : {}), stream: body.stream === true };
  },
  onEvent(evidence, data, name) {
    const type = textAt(data, 'type') ?? textAt(data, 'event_type') ?? name ?? '';
    if (/^(abort|response\.(failed|cancelled))$/.test(type)) fail(evidence, 'error', type);
    // llama.cpp's own `/completion` ends with `stop: true`, Hugging Face's `/generate_stream` with the whole text.
    if (terminators.test(type) || data.done === true || data.stop === true || data.generated_text)
      evidence.terminated = true;
    finishAnyhow(evidence, data);
    const choices = [...arrayAt(data, 'choices'), ...arrayAt(data, 'candidates')].filter(isObject);
    for (const choice of choices)
      finish(evidence, Number(choice.index ?? 0), choice.finish_reason ?? choice.finishReason);
    if (choices.length > 0) evidence.terminated = allFinished(evidence);
  },
  onDone(evidence) {
    if (evidence.finishes.size === 0 || allFinished(evidence)) evidence.terminated = true;
  },
  onBody(evidence) {
    evidence.terminated = true;
  },
};

/** Notes a finish reason where any of the families puts it. */
export function finishAnyhow(evidence: Evidence, data: JsonObject): void {
  const [first] = ['outputs', 'results', 'generations', 'choices'].flatMap((name) => arrayAt(data, name));
  for (const holder of [data, data.delta, data.messageStop, first])
    for (const [name, reason] of Object.entries(Object(holder)))
      if (reason && /^(finish|stop|done|completion)_?reason$/i.test(name)) finish(evidence, '', reason);
}
