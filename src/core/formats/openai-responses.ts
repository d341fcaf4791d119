import { type Evidence, fail, finish } from './evidence.ts';
import { arrayAt, type Format, isObject, type JsonObject, objectAt, textAt, tokensOf } from './format.ts';

/** Tools the provider runs itself, against a world that changes. What the client runs is cacheable. */
const serverTools =
  /^(web_search|file_search|code_interpreter|mcp|shell|computer|image_generation|tool_search|programmatic_tool_calling|x_search|code_execution)/;

/**
 * `POST …/responses`. The terminal event carries the whole response object; there is no `[DONE]`.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openaiResponses: Format = {
  name: 'openai-responses',
  provider: 'openai',
  envelope: ['', '/input/*', '/input/*/content/*', '/reasoning', '/text', '/metadata', '/prompt'],
  describe(_url, body) {
    if (typeof body.input !== 'string' && !Array.isArray(body.input) && !isObject(body.prompt)) return undefined;
    // Surveys and forms have `/responses` too: a call to a model names a model or a stored prompt.
    const model = textAt(body, 'model');
    if (!model && !isObject(body.prompt)) return undefined;
    const depends = dependsOn(body);
    return { ...(model ? { model } : {}), stream: body.stream === true, ...(depends ? { depends } : {}) };
  },
  onEvent(evidence, data, name) {
    const type = textAt(data, 'type') ?? name;
    switch (type) {
      case 'error':
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
};

function readResponse(evidence: Evidence, response: JsonObject): void {
  if (response.error) fail(evidence, 'error', 'response.error');
  const status = textAt(response, 'status');
  const reason = textAt(objectAt(response, 'incomplete_details'), 'reason');
  finish(evidence, 0, status === 'incomplete' ? (reason ?? status) : status);
  evidence.terminated = status === 'completed' || status === 'incomplete';
  evidence.model = textAt(response, 'model');
  evidence.tokens = tokensOf(objectAt(response, 'usage'), 'input_tokens', 'output_tokens');
  for (const item of arrayAt(response, 'output'))
    if (arrayAt(item, 'content').some((part) => textAt(part, 'type') === 'refusal'))
      fail(evidence, 'filtered', 'refusal');
}

function dependsOn(body: JsonObject): 'stateful' | 'live' | undefined {
  if (body.previous_response_id || body.conversation || body.background === true || body.container) return 'stateful';
  const prompt = objectAt(body, 'prompt');
  if (prompt.id !== undefined && prompt.version === undefined) return 'stateful';
  if (body.search_parameters !== undefined) return 'live';
  for (const tool of arrayAt(body, 'tools')) if (serverTools.test(textAt(tool, 'type') ?? '')) return 'live';
  for (const item of arrayAt(body, 'input')) {
    if (textAt(item, 'type') === 'item_reference') return 'stateful';
    if (arrayAt(item, 'content').some((part) => textAt(part, 'file_id'))) return 'stateful';
  }
  return undefined;
}
