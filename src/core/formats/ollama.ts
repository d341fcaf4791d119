import { asked } from './ask.ts';
import { ollama as conversion } from './conversions/ollama.ts';
import { type Evidence, fail, finish } from './evidence.ts';
import type { Format } from './format.ts';
import { type JsonObject, textAt } from './json.ts';

/**
 * Ollama's own API: NDJSON unless the request says `stream: false`; the last line says `done: true`.
 * https://github.com/ollama/ollama/blob/main/docs/api.md
 */
export const ollama: Format = {
  provider: 'ollama',
  envelope: ['', '/messages/*', '/options', '/messages/*/tool_calls/*', '/messages/*/tool_calls/*/function'],
  describe(url, body) {
    if (!textAt(body, 'model')) return undefined;
    const embeds = /\/api\/embed(dings)?\/?$/.test(url.pathname);
    if (embeds) return asked(url, body, false);
    if (!Array.isArray(body.messages) && typeof body.prompt !== 'string') return undefined;
    // An empty question loads or unloads the model.
    const empty = Array.isArray(body.messages) ? body.messages.length === 0 : body.prompt === '';
    return asked(url, body, body.stream !== false, empty);
  },
  onEvent: readLine,
  onBody(evidence, body) {
    const answer = body as JsonObject;
    if (Array.isArray(answer.embeddings) || Array.isArray(answer.embedding)) evidence.terminated = true;
    readLine(evidence, answer);
    if (!evidence.terminated && !evidence.fault) fail(evidence, 'malformed', 'not done');
  },
  conversion,
};

function readLine(evidence: Evidence, line: JsonObject): void {
  if (line.done !== true) return;
  finish(evidence, 0, line.done_reason ?? 'stop');
  evidence.terminated = true;
}
