import type { SkipReason } from '../report/events.ts';

/**
 * Finish reasons after which an answer is not kept, however complete its bytes are. Every other reason (stop, length,
 * tool calls and names no provider has yet) is kept. Names from the providers' API references, compared in lower case.
 */
const classes: readonly (readonly [SkipReason, readonly string[]])[] = [
  // Filters are stochastic and change at the provider: the same question may be answered tomorrow.
  [
    'filtered',
    [
      'content_filter',
      'content-filter',
      'content_filtered',
      'refusal',
      'guardrail_intervened',
      'safety',
      'recitation',
      'blocklist',
      'prohibited_content',
      'spii',
      'language',
      'image_safety',
      'image_prohibited_content',
      'image_recitation',
      'model_armor',
    ],
  ],
  // The turn goes on in another request.
  ['pending', ['pause_turn', 'continuation', 'queued', 'in_progress', 'load', 'unload']],
  [
    'malformed',
    [
      'malformed_function_call',
      'unexpected_tool_call',
      'too_many_tool_calls',
      'malformed_model_output',
      'malformed_tool_use',
      'missing_thought_signature',
      'other',
      'image_other',
      'no_image',
      'finish_reason_unspecified',
    ],
  ],
  [
    'error',
    [
      'error',
      'error_toxic',
      'error_limit',
      'timeout',
      'user_cancel',
      'cancelled',
      'failed',
      'insufficient_system_resource',
      'abort',
    ],
  ],
];

const reasonOf = new Map(classes.flatMap(([reason, names]) => names.map((name) => [name, reason] as const)));

/** Why an answer that finished so is not kept, or `undefined` when it is. */
export function classOfFinish(reason: string): SkipReason | undefined {
  return reasonOf.get(reason.toLowerCase());
}
