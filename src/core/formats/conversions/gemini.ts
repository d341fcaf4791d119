import type { JsonObject } from '../json.ts';
import { array, type Conversion, isBlank, object, objects, refuse, string } from './conversion.ts';
import { indexed, joined, latest, type Rule, same, steady } from './joining.ts';

/**
 * Texts go together across chunks. A part with a signature stays alone, in the body too:
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const parts: Rule = (was, is) => {
  const whole = array(was ?? []);
  objects(is).forEach((part, at) => {
    const { functionCall = {}, inlineData = { mimeType: 'image' } } = part;
    const names = Object.keys({ ...part, ...object(functionCall) });
    // Arguments and audio can be streamed in pieces.
    if (!names.every((name) => known.test(name)) || !/^image/.test(string(object(inlineData).mimeType))) refuse();
    const last = whole.at(-1) as JsonObject;
    if (at === 0 && last && isPlain(last) && isPlain(part) && last.thought === part.thought)
      whole.splice(-1, 1, { ...last, text: `${last.text}${part.text}` });
    else whole.push(part);
  });
  return whole;
};

const known = /^(text|thought(Signature)?|functionCall|id|name|args|inlineData)$/;

function isPlain({ text, thought, ...others }: JsonObject): boolean {
  return typeof text === 'string' && isBlank(others);
}

const candidate = joined({ content: joined({ role: same, parts }), finishReason: latest, safetyRatings: same }, steady);

// An only candidate may go without its index.
const answer = joined({ candidates: indexed(candidate, 0), usageMetadata: latest }, steady);

/**
 * Each chunk has the shape of the body, which is a stream of one chunk.
 * https://ai.google.dev/api/generate-content
 */
export const gemini: Conversion = {
  shapes: ['json', 'stream', 'array'],
  frame: 'sse-crlf',

  fold(chunks) {
    // Counts of an earlier chunk are not the answer's.
    object(chunks.at(-1)?.usageMetadata);
    return chunks.reduce(answer, {});
  },

  unfold(body) {
    array(body.candidates);
    return [body];
  },
};
