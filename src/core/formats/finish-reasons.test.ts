import { expect, test } from 'vitest';
import { classOfFinish } from './finish-reasons.ts';

const kept = [
  ...['stop', 'end_turn', 'stop_sequence', 'STOP', 'COMPLETE', 'STOP_SEQUENCE', 'eos', 'completed'],
  ...['tool_calls', 'function_call', 'tool_use', 'TOOL_CALL'],
  ...['length', 'max_tokens', 'MAX_TOKENS', 'model_length', 'model_context_window_exceeded', 'max_output_tokens'],
  'a_reason_no_provider_has_yet',
];
const filtered = [
  ...['content_filter', 'content_filtered', 'refusal', 'guardrail_intervened', 'SAFETY', 'RECITATION', 'BLOCKLIST'],
  ...['PROHIBITED_CONTENT', 'SPII', 'LANGUAGE', 'IMAGE_SAFETY', 'MODEL_ARMOR'],
];
const pending = ['pause_turn', 'CONTINUATION', 'queued', 'in_progress', 'load', 'unload'];
const malformed = [
  ...['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'malformed_model_output'],
  ...['malformed_tool_use', 'OTHER', 'NO_IMAGE', 'FINISH_REASON_UNSPECIFIED'],
];
const error = [
  ...['error', 'ERROR', 'ERROR_TOXIC', 'ERROR_LIMIT', 'TIMEOUT', 'USER_CANCEL', 'failed', 'cancelled'],
  'insufficient_system_resource',
];

test.each(kept)('classOfFinish keeps an answer that ended with %s', (reason) => {
  expect(classOfFinish(reason)).toBeUndefined();
});

test.each([
  ...filtered.map((reason) => [reason, 'filtered'] as const),
  ...pending.map((reason) => [reason, 'pending'] as const),
  ...malformed.map((reason) => [reason, 'malformed'] as const),
  ...error.map((reason) => [reason, 'error'] as const),
])('classOfFinish refuses an answer that ended with %s as %s', (reason, kind) => {
  expect(classOfFinish(reason)).toBe(kind);
});

test('classOfFinish takes a name in any case', () => {
  expect(classOfFinish('Safety')).toBe('filtered');
  expect(classOfFinish('PAUSE_TURN')).toBe('pending');
});
