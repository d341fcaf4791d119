import { asked, has } from './ask.ts';
import { anthropic as conversion } from './conversions/anthropic.ts';
import { fail, finish } from './evidence.ts';
import type { Format } from './format.ts';
import { arrayAt, type JsonObject, objectAt, textAt } from './json.ts';

/**
 * `POST …/v1/messages`, and Claude on Vertex (`…:rawPredict`, `:streamRawPredict`). Proof: a `message_delta` with a stop
 * reason, then `message_stop`.
 * https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export const anthropic: Format = {
  provider: 'anthropic',
  envelope: [
    '',
    '/messages/*',
    '/messages/*/content/*',
    '/messages/*/content/*/source',
    '/messages/*/content/*/content/*',
    '/system/*',
    '/thinking',
    '/metadata',
    '/tool_choice',
  ],
  leftOut: ['/tools/*/cache_control'],
  describe(url, body) {
    if (!Array.isArray(body.messages)) return undefined;
    return asked(
      url,
      body,
      body.stream === true,
      has(body, /^(container|context_management|diagnostics|thread|fallback_credit_token)$/),
      arrayAt(body, 'mcp_servers').length > 0,
    );
  },
  onEvent(evidence, data, name) {
    switch (textAt(data, 'type') ?? name) {
      case 'message_start':
        // Two attempts spliced into one stream by a proxy.
        if (evidence.finishes.size > 0) fail(evidence, 'malformed', 'second message_start');
        finish(evidence, 0, undefined);
        break;
      case 'message_delta':
        finish(evidence, 0, objectAt(data, 'delta').stop_reason);
        break;
      case 'message_stop':
        evidence.terminated = evidence.finishes.get(0) !== undefined;
        break;
    }
  },
  onBody(evidence, body) {
    finish(evidence, 0, (body as JsonObject).stop_reason);
    evidence.terminated = evidence.finishes.get(0) !== undefined;
  },
  conversion,
};
