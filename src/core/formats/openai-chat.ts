import { allFinished, type Evidence, fail, finish } from './evidence.ts';
import { arrayAt, type Format, isObject, type JsonObject, objectAt, textAt, tokensOf } from './format.ts';

/** Tools a provider runs itself, against a world that changes. */
const serverTools = /^(web_search|x_search|browser_search|code_|mcp)/;

/** Hosts that end a stream with a finish reason and never send `[DONE]` (seen in every recorded stream of theirs). */
const withoutDone = /(^|\.)(perplexity\.ai|writer\.com)$/;

/**
 * `POST …/chat/completions` and the legacy `…/completions`, of OpenAI and the many that speak its language.
 * https://platform.openai.com/docs/api-reference/chat/streaming
 */
export const openaiChat: Format = {
  name: 'openai-chat',
  provider: 'openai',
  envelope: [
    '',
    '/messages/*',
    '/messages/*/content/*',
    '/messages/*/content/*/image_url',
    '/messages/*/content/*/input_audio',
    '/messages/*/tool_calls/*',
    '/messages/*/tool_calls/*/function',
    '/reasoning',
    '/thinking',
    '/audio',
  ],
  describe(_url, body) {
    if (!Array.isArray(body.messages) && body.prompt === undefined) return undefined;
    const model = textAt(body, 'model');
    const depends = dependsOn(body, model ?? '');
    return { ...(model ? { model } : {}), stream: body.stream === true, ...(depends ? { depends } : {}) };
  },
  onEvent: readChunk,
  onBody(evidence, body) {
    readChunk(evidence, body as JsonObject);
    if (allFinished(evidence)) evidence.done = true;
    else if (!evidence.fault) fail(evidence, 'malformed', 'no finish reason');
  },
  needsDone: (url) => !withoutDone.test(url.hostname),
};

function readChunk(evidence: Evidence, chunk: JsonObject): void {
  evidence.model ??= textAt(chunk, 'model');
  for (const choice of arrayAt(chunk, 'choices')) {
    if (!isObject(choice)) continue;
    if (choice.error) fail(evidence, 'error', 'choice');
    finish(evidence, Number(choice.index ?? 0), choice.finish_reason);
  }
  evidence.terminated = allFinished(evidence);
  evidence.tokens = tokensOf(objectAt(chunk, 'usage'), 'prompt_tokens', 'completion_tokens') ?? evidence.tokens;
}

function dependsOn(body: JsonObject, model: string): 'stateful' | 'live' | undefined {
  if (
    body.web_search_options !== undefined ||
    body.search_parameters !== undefined ||
    body.search_settings !== undefined
  )
    return 'live';
  if (/-search-preview|:online$|^groq\/compound|^openrouter\/auto/.test(model)) return 'live';
  // Perplexity's models search the web unless they are told not to.
  if (/(^|\/)sonar/.test(model) && body.disable_search !== true) return 'live';
  if (arrayAt(body, 'tools').some((tool) => serverTools.test(textAt(tool, 'type') ?? ''))) return 'live';
  if (arrayAt(body, 'plugins').some((plugin) => textAt(plugin, 'id') === 'web')) return 'live';
  if (body.data_sources !== undefined || body.documents !== undefined || body.compound_custom !== undefined)
    return 'live';
  if (body.store === true || body.deferred === true) return 'stateful';
  for (const message of arrayAt(body, 'messages')) {
    if (textAt(objectAt(message, 'audio'), 'id')) return 'stateful';
    if (arrayAt(message, 'content').some((part) => textAt(objectAt(part, 'file'), 'file_id'))) return 'stateful';
  }
  return undefined;
}
