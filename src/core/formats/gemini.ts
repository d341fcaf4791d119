import { asked, has } from './ask.ts';
import { gemini as conversion } from './conversions/gemini.ts';
import { allFinished, type Evidence, fail, finish } from './evidence.ts';
import type { Format } from './format.ts';
import { arrayAt, isObject, type JsonObject, objectAt } from './json.ts';
import { namedFormat, pathOf } from './paths.ts';

/**
 * `POST …/models/{model}:generateContent`, `:streamGenerateContent` (SSE, or a JSON array) and the embeddings, which Vertex
 * asks for by `:predict`.
 * The method in the path says whether it streams; the proof is a finish reason for every candidate.
 * https://ai.google.dev/api/generate-content
 */
export const gemini: Format = {
  provider: 'gemini',
  envelope: [
    '',
    '/contents/*',
    '/contents/*/parts/*',
    '/contents/*/parts/*/inlineData',
    '/systemInstruction',
    '/systemInstruction/parts/*',
    '/generationConfig',
    '/generationConfig/thinkingConfig',
    '/safetySettings/*',
    '/content',
    '/content/parts/*',
    '/requests/*',
    '/requests/*/content',
    '/requests/*/content/parts/*',
  ],
  describe(url, body) {
    if (namedFormat(url) !== 'gemini' || !has(body, /^(contents?|requests|instances)$/)) return undefined;
    const stream = /:streamG/.test(pathOf(url));
    // A stream of several candidates has as many ends, and nothing in it says how many.
    if (stream && Number(objectAt(body, 'generationConfig').candidateCount) > 1) return undefined;
    const stateful = has(body, /^(cachedContent|cached_content|continuationToken)$/);
    return asked(url, body, stream, stateful);
  },
  onEvent: readChunk,
  onBody(evidence, body) {
    // Embeddings have neither candidates nor a finish.
    if (isObject(body) && (body.embedding || body.embeddings || hasEmbeddings(body))) evidence.terminated = true;
    else for (const chunk of isObject(body) ? [body] : body) readChunk(evidence, chunk as JsonObject);
    if (!evidence.terminated && !evidence.fault && isObject(body)) fail(evidence, 'malformed', 'no finish reason');
  },
  conversion,
};

/** Finish reasons with `enum-encoding=int`; later numbers, none of a normal end, mean other things on Vertex. */
const numbered = ['', 'STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION'];

function readChunk(evidence: Evidence, chunk: JsonObject): void {
  const { blockReason } = objectAt(chunk, 'promptFeedback');
  if (blockReason) fail(evidence, 'filtered', String(blockReason));
  for (const candidate of arrayAt(chunk, 'candidates')) {
    if (!isObject(candidate)) continue;
    const reason = candidate.finishReason;
    finish(evidence, Number(candidate.index ?? 0), typeof reason === 'number' ? (numbered[reason] ?? 'OTHER') : reason);
  }
  evidence.terminated = allFinished(evidence);
}

/** `:predict` serves every kind of model, and only embeddings are known here. */
function hasEmbeddings(body: JsonObject): boolean {
  const predictions = arrayAt(body, 'predictions');
  return predictions.length > 0 && predictions.every((prediction) => isObject(prediction) && prediction.embeddings);
}
