import { type Evidence, fail, finish } from './evidence.ts';
import { type Format, isObject, type JsonObject, textAt, tokensOf } from './format.ts';

/**
 * Ollama's own API: NDJSON unless the request says `stream: false`; the last line says `done: true`.
 * https://github.com/ollama/ollama/blob/main/docs/api.md
 */
export const ollama: Format = {
  name: 'ollama',
  provider: 'ollama',
  envelope: ['', '/messages/*', '/options', '/messages/*/tool_calls/*', '/messages/*/tool_calls/*/function'],
  describe(url, body) {
    const model = textAt(body, 'model');
    if (!model) return undefined;
    const embeds = /\/api\/embed(dings)?\/?$/.test(url.pathname);
    if (embeds) return { model, stream: false };
    if (!Array.isArray(body.messages) && typeof body.prompt !== 'string') return undefined;
    // An empty question loads or unloads the model.
    const empty = Array.isArray(body.messages) ? body.messages.length === 0 : body.prompt === '';
    return { model, stream: body.stream !== false, ...(empty ? { depends: 'stateful' as const } : {}) };
  },
  onEvent: readLine,
  onBody(evidence, body) {
    const answer = body as JsonObject;
    if (Array.isArray(answer.embeddings) || Array.isArray(answer.embedding)) evidence.terminated = true;
    readLine(evidence, answer);
    if (!evidence.terminated && !evidence.fault) fail(evidence, 'malformed', 'not done');
  },
};

function readLine(evidence: Evidence, line: JsonObject): void {
  if (line.error) fail(evidence, 'error', 'error');
  evidence.model = textAt(line, 'model') ?? evidence.model;
  if (line.done === true) {
    finish(evidence, 0, line.done_reason ?? 'stop');
    evidence.terminated = true;
  }
  if (isObject(line)) evidence.tokens = tokensOf(line, 'prompt_eval_count', 'eval_count') ?? evidence.tokens;
}
