import { type Evidence, fail, finish } from './evidence.ts';
import { arrayAt, countAt, type Format, type JsonObject, objectAt, textAt, tokensOf } from './format.ts';

/** Tools Anthropic runs itself. What the client runs (`bash_`, `text_editor_`, custom …) is cacheable. */
const serverTools = /^(web_search_|web_fetch_|code_execution_|tool_search_|advisor_)/;

/**
 * `POST …/v1/messages`. Proof: a `message_delta` with a stop reason, then `message_stop`.
 * https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export const anthropic: Format = {
  name: 'anthropic',
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
  describe(_url, body) {
    if (!Array.isArray(body.messages)) return undefined;
    const model = textAt(body, 'model');
    const depends = dependsOn(body);
    return { ...(model ? { model } : {}), stream: body.stream === true, ...(depends ? { depends } : {}) };
  },
  onEvent(evidence, data, name) {
    switch (textAt(data, 'type') ?? name) {
      case 'message_start': {
        // Two attempts spliced into one stream by a proxy.
        if (evidence.model !== undefined) fail(evidence, 'malformed', 'second message_start');
        const message = objectAt(data, 'message');
        evidence.model = textAt(message, 'model') ?? '';
        evidence.tokens = readUsage(objectAt(message, 'usage'));
        break;
      }
      case 'message_delta': {
        finish(evidence, 0, objectAt(data, 'delta').stop_reason);
        const usage = objectAt(data, 'usage');
        const tokens = readUsage(usage);
        // Cumulative: it overwrites, and what it does not name stays as message_start said.
        if (tokens) evidence.tokens = { input: tokens.input || (evidence.tokens?.input ?? 0), output: tokens.output };
        break;
      }
      case 'message_stop':
        evidence.terminated = evidence.finishes.get(0) !== undefined;
        break;
      case 'error':
        fail(evidence, 'error', 'event: error');
        break;
    }
  },
  onBody(evidence, body) {
    const message = body as JsonObject;
    if (message.type === 'error') fail(evidence, 'error', 'type: error');
    evidence.model = textAt(message, 'model');
    evidence.tokens = readUsage(objectAt(message, 'usage'));
    finish(evidence, 0, message.stop_reason);
    evidence.terminated = evidence.finishes.get(0) !== undefined;
  },
};

/** Input as billed: Anthropic's `input_tokens` excludes what its own cache read or wrote. */
function readUsage(usage: JsonObject) {
  const tokens = tokensOf(usage, 'input_tokens', 'output_tokens');
  if (!tokens) return undefined;
  const cached = countAt(usage, 'cache_read_input_tokens') + countAt(usage, 'cache_creation_input_tokens');
  return { input: tokens.input + cached, output: tokens.output } satisfies Evidence['tokens'];
}

function dependsOn(body: JsonObject): 'stateful' | 'live' | undefined {
  for (const name of ['container', 'context_management', 'diagnostics', 'thread', 'fallback_credit_token'])
    if (body[name]) return 'stateful';
  if (arrayAt(body, 'mcp_servers').length > 0) return 'live';
  for (const tool of arrayAt(body, 'tools')) if (serverTools.test(textAt(tool, 'type') ?? '')) return 'live';
  const blocks = arrayAt(body, 'messages').flatMap((message) => arrayAt(message, 'content'));
  // A tool's result has blocks of its own.
  for (const block of [...blocks, ...blocks.flatMap((block) => arrayAt(block, 'content'))]) {
    const source = textAt(objectAt(block, 'source'), 'type');
    if (source === 'file') return 'stateful';
    if (source === 'url') return 'live';
  }
  return undefined;
}
