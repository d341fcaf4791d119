import { allFinished, type Evidence, fail, finish } from './evidence.ts';
import { arrayAt, countAt, type Format, isObject, type JsonObject, objectAt, textAt } from './format.ts';

/** `models/{model}:{method}`, the last part of a Gemini or Vertex path. */
const modelAndMethod = /^(.+):(generateContent|streamGenerateContent|embedContent|batchEmbedContents)$/;

const serverTools = [
  'googleSearch',
  'googleSearchRetrieval',
  'urlContext',
  'codeExecution',
  'googleMaps',
  'enterpriseWebSearch',
  'fileSearch',
  'retrieval',
  'mcpServers',
  'exaAiSearch',
  'parallelAiSearch',
].flatMap((name) => [name, name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]);

/**
 * `POST …/models/{model}:generateContent`, `:streamGenerateContent` (SSE, or a JSON array) and the embeddings.
 * The method in the path says whether it streams; the proof is a finish reason for every candidate.
 * https://ai.google.dev/api/generate-content
 */
export const gemini: Format = {
  name: 'gemini',
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
    const [, model, method] =
      modelAndMethod.exec(decoded(url.pathname.replace(/\/$/, '').split('/').at(-1) ?? '')) ?? [];
    if (!model || ['contents', 'content', 'requests'].every((name) => body[name] === undefined)) return undefined;
    const depends = dependsOn(body);
    return { model, stream: method === 'streamGenerateContent', ...(depends ? { depends } : {}) };
  },
  onEvent: readChunk,
  onBody(evidence, body) {
    // Embeddings have neither candidates nor a finish.
    if (isObject(body) && (isObject(body.embedding) || Array.isArray(body.embeddings))) evidence.terminated = true;
    else for (const chunk of isObject(body) ? [body] : body) readChunk(evidence, chunk as JsonObject);
    if (!evidence.terminated && !evidence.fault && isObject(body)) fail(evidence, 'malformed', 'no finish reason');
  },
};

function readChunk(evidence: Evidence, chunk: JsonObject): void {
  if (chunk.error) fail(evidence, 'error', 'error');
  const blocked = textAt(objectAt(chunk, 'promptFeedback'), 'blockReason');
  if (blocked) fail(evidence, 'filtered', blocked);
  for (const candidate of arrayAt(chunk, 'candidates')) {
    if (!isObject(candidate)) continue;
    // With `enum-encoding=int` the reason is a number; only STOP (1) and MAX_TOKENS (2) are normal ends.
    const reason = candidate.finishReason;
    const normal = reason === 1 ? 'STOP' : reason === 2 ? 'MAX_TOKENS' : undefined;
    finish(
      evidence,
      Number(candidate.index ?? 0),
      typeof reason === 'number' && reason > 0 ? (normal ?? 'OTHER') : reason,
    );
  }
  evidence.terminated = allFinished(evidence);
  evidence.model = textAt(chunk, 'modelVersion') ?? evidence.model;
  const usage = objectAt(chunk, 'usageMetadata');
  if (typeof usage.promptTokenCount === 'number')
    evidence.tokens = {
      input: usage.promptTokenCount,
      // `candidatesTokenCount` excludes thoughts and is absent when zero.
      output: countAt(usage, 'candidatesTokenCount') + countAt(usage, 'thoughtsTokenCount'),
    };
}

function dependsOn(body: JsonObject): 'stateful' | 'live' | undefined {
  if (body.cachedContent || body.cached_content || body.continuationToken) return 'stateful';
  for (const tool of arrayAt(body, 'tools'))
    if (isObject(tool) && serverTools.some((name) => name in tool)) return 'live';
  for (const content of arrayAt(body, 'contents'))
    for (const part of arrayAt(content, 'parts'))
      if (isObject(part) && (part.fileData !== undefined || part.file_data !== undefined)) return 'stateful';
  return undefined;
}

/** `%3A` and `:` both occur in the wild. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
