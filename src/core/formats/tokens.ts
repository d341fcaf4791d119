import type { Tokens } from '../store/entry.ts';
import { isObject, type JsonObject } from './json.ts';

/** Counts under the names their provider gives them. */
export type Figures = Record<string, number>;

/** Members of an answer that lead to its usage. */
const holders =
  /^(response|message|delta|result|meta|x_groq|timings|stats|tokens|billed_units|amazon-bedrock)|usage|details$/i;

/** All that was read. */
const input = /^(prompt|input)_?token(s|_?count)$|^prompt_(eval_count|n)$/i;
/** Input that came from the provider's own cache, as a part of the rest or beside it. */
const cachedInput = /cached_?(content)?token|cache_hit_token|^cache_?read_?input|^cache_n$/i;
/** Input that is counted beside the rest: by Anthropic, Bedrock (under two names each), Gemini for its tools, llama.cpp. */
const besideInput = [/^cache_?read_?input|^cache_n$/i, /^cache_?(creation|write)_?input/i, /^toolUsePrompt/];
const output = /^(completion|output|candidates|total_output|generation)_?token(s|_?count)$|^(eval_count|predicted_n)$/i;
const reasoning = /^(reasoning|thinking|thoughts)_?(output_)?token/i;

/**
 * Notes every figure of usage in a chunk or a whole answer. What is said again overwrites and never adds up: Anthropic's
 * deltas and Perplexity's chunks are running totals. A zero tells nothing: a delta may have it beside what was told before.
 */
export function gatherFigures(figures: Figures, value: JsonObject): void {
  for (const name in value) {
    const member = value[name];
    if (Number.isFinite(member) && member) figures[name] = member as number;
    // Cohere bills fewer tokens than its model read.
    else if (isObject(member) && holders.test(name) && !(name === 'billed_units' && value.tokens))
      gatherFigures(figures, member);
  }
}

/** The figures as they compare between providers; `undefined` where there are none. */
export function tokensOf(figures: Figures): Tokens | undefined {
  const counts = (name: RegExp) =>
    Object.keys(figures).flatMap((key) => (name.test(key) ? [figures[key] as number] : []));
  const [read, written] = [counts(input), counts(output)];
  if (read.length + written.length === 0) return undefined;
  // The same count may stand under two names; llama.cpp's lesser one leaves out what it had cached.
  const most = (numbers: number[]) => Math.max(0, ...numbers);
  // Chat completions count everything in `prompt_tokens`, whatever a gateway adds.
  const beside = figures.prompt_tokens ? [] : besideInput;
  const total = { input: beside.reduce((sum, name) => sum + most(counts(name)), most(read)), output: most(written) };
  const [cached, thought] = [most(counts(cachedInput)), most(counts(reasoning))];
  // Gemini counts thoughts beside the output, and so does xAI, where only the total tells.
  if (figures.thoughtsTokenCount || figures.total_tokens === total.input + total.output + thought)
    total.output += thought;
  return { ...total, ...(cached ? { cachedInput: cached } : {}), ...(thought ? { reasoning: thought } : {}) };
}
