import type { SkipReason } from '../report/events.ts';

/**
 * Finish reasons after which an answer is not kept, however complete its bytes are. Every other reason (stop, length,
 * tool calls and names no provider has yet) is kept. Names from the providers' API references, compared without case.
 */
const classes: readonly (readonly [SkipReason, RegExp])[] = [
  // Filters are stochastic and change at the provider: the same question may be answered tomorrow.
  [
    'filtered',
    /^(content[-_]filter(ed)?|refusal|guardrail_intervened|(image_)?(safety|recitation|prohibited_content)|blocklist|spii|language|model_armor)$/i,
  ],
  // The turn goes on in another request.
  ['pending', /^(pause_turn|continuation|queued|in_progress|(un)?load)$/i],
  [
    'malformed',
    /^(malformed_.+|unexpected_tool_call|too_many_tool_calls|missing_thought_signature|(image_)?other|no_image|finish_reason_unspecified)$/i,
  ],
  ['error', /^(error(_toxic|_limit)?|timeout|user_cancel|cancelled|failed|insufficient_system_resource|abort)$/i],
];

/** Why an answer that finished so is not kept, or `undefined` when it is. */
export function classOfFinish(reason: string): SkipReason | undefined {
  return classes.find(([, pattern]) => pattern.test(reason))?.[0];
}
