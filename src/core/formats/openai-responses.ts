import { asked, has } from './ask.ts';
import { openaiResponses as conversion } from './conversions/openai-responses.ts';
import { type Evidence, fail, finish } from './evidence.ts';
import type { Format } from './format.ts';
import { isObject, type JsonObject, objectAt, textAt } from './json.ts';

/**
 * `POST …/responses`. The terminal event carries the whole response object; there is no `[DONE]`.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openaiResponses: Format = {
  provider: 'openai',
  envelope: ['', '/input/*', '/input/*/content/*', '/reasoning', '/text', '/metadata', '/prompt'],
  describe(url, body) {
    if (typeof body.input !== 'string' && !Array.isArray(body.input) && !isObject(body.prompt)) return undefined;
    // Surveys and forms have `/responses` too: a call to a model names a model or a stored prompt.
    if (!textAt(body, 'model') && !isObject(body.prompt)) return undefined;
    const prompt = objectAt(body, 'prompt');
    return asked(
      url,
      body,
      body.stream === true,
      has(body, /^(previous_response_id|conversation|background|container)$/) ||
        // A stored prompt without its version changes at OpenAI.
        (prompt.id && !prompt.version),
      body.search_parameters,
    );
  },
  onEvent(evidence, data, name) {
    const type = textAt(data, 'type') ?? name;
    switch (type) {
      case 'response.failed':
      case 'response.cancelled':
        fail(evidence, 'error', type);
        break;
      case 'response.completed':
      case 'response.incomplete':
        readResponse(evidence, objectAt(data, 'response'));
        break;
    }
  },
  onBody: (evidence, body) => readResponse(evidence, body as JsonObject),
  conversion,
};

function readResponse(evidence: Evidence, response: JsonObject): void {
  if (response.error) fail(evidence, 'error', 'response.error');
  const status = textAt(response, 'status');
  const reason = textAt(objectAt(response, 'incomplete_details'), 'reason');
  finish(evidence, 0, status === 'incomplete' ? (reason ?? status) : status);
  evidence.terminated = status === 'completed' || status === 'incomplete';
}
