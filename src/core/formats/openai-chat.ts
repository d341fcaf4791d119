import { asked, has } from './ask.ts';
import { openaiChat as conversion } from './conversions/openai-chat.ts';
import { allFinished, type Evidence, fail, finish } from './evidence.ts';
import type { Format } from './format.ts';
import { arrayAt, isObject, type JsonObject, objectAt, textAt } from './json.ts';

/** Hosts that end a stream with a finish reason and never send `[DONE]` (seen in every recorded stream of theirs). */
const withoutDone = /(^|\.)(perplexity\.ai|writer\.com)$/;

/** Models that search the web by themselves: OpenAI's, OpenRouter's, Groq's. Perplexity's do unless told not to. */
const searching = /-search-(preview|api)|:online$|^(groq\/)?compound|^openrouter\/auto/;

/**
 * `POST …/chat/completions`, the legacy `…/completions` and Mistral's `…/fim/completions`, of OpenAI and the many that speak its language.
 * https://platform.openai.com/docs/api-reference/chat/streaming
 */
export const openaiChat: Format = {
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
  describe(url, body) {
    if (!Array.isArray(body.messages) && body.prompt === undefined) return undefined;
    const model = textAt(body, 'model') ?? '';
    return asked(
      url,
      body,
      body.stream === true,
      body.store === true || body.deferred === true,
      has(body, /^(web_search_options|search_parameters|search_settings|data_sources|documents|compound_custom)$/) ||
        searching.test(model) ||
        (/(^|\/)sonar/.test(model) && body.disable_search !== true) ||
        arrayAt(body, 'plugins').some((plugin) => textAt(plugin, 'id') === 'web'),
    );
  },
  onEvent: readChunk,
  onBody(evidence, body) {
    readChunk(evidence, body as JsonObject);
    if (allFinished(evidence)) evidence.done = true;
    else if (!evidence.fault) fail(evidence, 'malformed', 'no finish reason');
  },
  needsDone: (url) => !withoutDone.test(url.hostname),
  conversion,
};

function readChunk(evidence: Evidence, chunk: JsonObject): void {
  // Groq tells so why a stream was stopped early.
  if (objectAt(chunk, 'x_groq').error) fail(evidence, 'error', 'x_groq');
  for (const choice of arrayAt(chunk, 'choices')) {
    if (!isObject(choice)) continue;
    if (choice.error) fail(evidence, 'error', 'choice');
    // Audio may end with the time it expires at alone, which OpenAI's SDK takes for `stop`.
    const { expires_at } = objectAt(choice.delta, 'audio');
    finish(evidence, Number(choice.index ?? 0), choice.finish_reason ?? (expires_at && 'stop'));
  }
  evidence.terminated = allFinished(evidence);
}
