import type { Tokens } from '../store/entry.ts';
import { type JsonObject, objectAt } from './format.ts';

/** Counts under the names their provider gives them. */
export type Figures = Record<string, number>;

/** Members of an answer that lead to its usage. Later ones overwrite: Cohere bills fewer tokens than its model read. */
const holders =
  'response message delta result metadata meta x_groq timings stats amazon-bedrock-invocationMetrics billed_units usage usageMetadata tokens prompt_tokens_details input_tokens_details completion_tokens_details output_tokens_details'.split(
    ' ',
  );

/** All that was read, whether or not some of it came from the provider's own cache. */
const inputs = 'prompt_tokens input_tokens promptTokenCount inputTokens inputTokenCount prompt_eval_count prompt_n';
/** Input that these providers count beside the rest. Chat completions count it among `prompt_tokens`. */
const besideInput =
  'cache_read_input_tokens cache_creation_input_tokens cacheReadInputTokens cacheWriteInputTokens cacheReadInputTokenCount cacheWriteInputTokenCount toolUsePromptTokenCount cache_n';
const cachedInputs =
  'cached_tokens prompt_cache_hit_tokens num_cached_tokens cachedContentTokenCount cache_read_input_tokens cacheReadInputTokens cacheReadInputTokenCount cache_n';
const outputs =
  'completion_tokens output_tokens candidatesTokenCount outputTokens outputTokenCount eval_count total_output_tokens predicted_n';
const reasonings = 'reasoning_tokens thinking_tokens thoughtsTokenCount reasoning_output_tokens';

const names = new Set([inputs, besideInput, cachedInputs, outputs, reasonings, 'total_tokens'].join(' ').split(' '));

/**
 * Notes every figure of usage in a chunk or a whole answer. What is said again overwrites and never adds up: Anthropic's
 * deltas and Perplexity's chunks are running totals. A zero tells nothing: a delta may have it beside what was told before.
 */
export function gatherFigures(figures: Figures, value: JsonObject): void {
  for (const name in value) {
    const figure = value[name];
    if (names.has(name) && Number.isFinite(figure) && figure) figures[name] = figure as number;
  }
  for (const name of holders) if (name in value) gatherFigures(figures, objectAt(value, name));
}

/** The figures as they compare between providers; `undefined` where there are none. */
export function tokensOf(figures: Figures): Tokens | undefined {
  const first = (list: string) => list.split(' ').find((name) => figures[name]);
  const count = (list: string) => figures[first(list) as string] ?? 0;
  if (!first(inputs) && !first(outputs)) return undefined;
  const beside = figures.prompt_tokens ? '' : besideInput;
  const input = beside.split(' ').reduce((sum, name) => sum + (figures[name] ?? 0), count(inputs));
  const [cachedInput, reasoning] = [count(cachedInputs), count(reasonings)];
  let output = count(outputs);
  // Gemini counts thoughts beside the output, and so does xAI, where only the total tells.
  if (figures.thoughtsTokenCount || figures.total_tokens === input + output + reasoning) output += reasoning;
  return { input, output, ...(cachedInput ? { cachedInput } : {}), ...(reasoning ? { reasoning } : {}) };
}
