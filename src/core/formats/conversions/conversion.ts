import { isObject, type JsonObject } from '../json.ts';

/**
 * How an answer is delivered: as one JSON body, as a stream, as a stream that ends with a usage chunk, or as a JSON array
 * of chunks. Any other text is a delivery nothing is known about: it is an entry of its own.
 */
export type Shape = 'json' | 'stream' | 'stream+usage' | 'array' | (string & {});

/** How a stream's JSON lies in its text: SSE with and without a `[DONE]` after it, with CRLF; lines; one JSON array. */
export type Frame = 'sse' | 'sse-done' | 'sse-crlf' | 'lines' | 'array';

/** What a streaming caller asked for besides the stream. */
interface Wish {
  /** `stream_options.include_usage`; formats without that option ignore it. */
  readonly usage: boolean;
}

/**
 * One format's stream and its JSON body, each made from the other. A stream is the JSON of its events, without names
 * (which the data's `type` repeats) and without `[DONE]`. Pure; ids and timestamps stay as recorded.
 * Everything throws where a caller would read something lost or invented, and wherever an answer takes a turn nobody
 * expected: `convert` makes that a miss. An answer is never guessed.
 */
export interface Conversion {
  /** Shapes an answer can be had in, and made from, the most telling first. */
  readonly shapes: readonly Shape[];
  /** How the native stream lies in its text. */
  readonly frame: Frame;
  /** The JSON body that a caller without `stream` would have got. Takes a stream proven complete. */
  fold(chunks: readonly JsonObject[]): JsonObject;
  /** The stream that a caller with `stream` would have got. */
  unfold(body: JsonObject, wish: Wish): readonly JsonObject[];
  /** The same stream as another wish would have had it. Absent: a wish changes nothing. */
  refit?(chunks: readonly JsonObject[], wish: Wish): readonly JsonObject[];
}

/** Leaves a conversion: what it met has no sure counterpart in the other form. */
export function refuse(): never {
  throw new Error('no conversion');
}

export function object(value: unknown): JsonObject {
  return isObject(value) ? value : refuse();
}

/** What JSON says. Refuses a number, even in a text, of more digits than parsing keeps. */
export function parsed(json: string): unknown {
  const kept = [...json.matchAll(/[:[,]\s*(-?\d{16,})/g)].every(([, digits]) => digits === `${Number(digits)}`);
  return kept ? JSON.parse(json) : refuse();
}

export function array(value: unknown): unknown[] {
  return Array.isArray(value) ? value : refuse();
}

/** Absent and null lists are empty ones. */
export function objects(value: unknown): JsonObject[] {
  return array(value ?? []).map(object);
}

export function string(value: unknown): string {
  return typeof value === 'string' ? value : refuse();
}

/** A string with something in it. */
export function text(value: unknown): string {
  return string(value) || refuse();
}

/** Says nothing: streams send such values before and after the piece that counts. */
export function isBlank(value: unknown): boolean {
  if (typeof value === 'object' && value !== null)
    return (Array.isArray(value) ? value : Object.keys(value)).length === 0;
  return (value ?? '') === '';
}

/** The members that say something. */
export function told(whole: JsonObject): [name: string, value: unknown][] {
  return Object.entries(whole).filter(([, value]) => !isBlank(value));
}

/** Blocks, items, parts and calls that are all there is to them. Anthropic's `fallback`, say, changes the model too. */
const known =
  /^((redacted_)?thinking|tool_use|((output|reasoning|summary)_)?text|refusal|message|reasoning|function(_call)?|custom(_tool_call)?)$/;

/** Their members that are streamed piece by piece. */
const streamed = /^(text|thinking|signature|refusal|arguments|input|citations|annotations|logprobs|summary|content)$/;

/** A block as the event that begins it has it, with empty places for what is streamed, and what goes there. */
export function begin(whole: unknown): [begun: JsonObject, rest: JsonObject] {
  const begun: { [name: string]: unknown } = { ...object(whole) };
  const rest: typeof begun = {};
  if (begun.type && !known.test(string(begun.type))) refuse();
  for (const [name, value] of Object.entries(begun))
    if (name === 'function' || name === 'custom') [begun[name], rest[name]] = begin(value);
    else if (streamed.test(name)) {
      rest[name] = value;
      begun[name] = typeof value === 'string' ? '' : Array.isArray(value) ? [] : value && {};
    }
  return [begun, rest];
}

/**
 * The body of a stream whose every event comes again when the body is unfolded, by type, place and members. One that does
 * not said something that the body lacks: audio, say, or an item that a server leaves out of its summary.
 */
export function accounted(
  body: JsonObject,
  chunks: readonly JsonObject[],
  unfold: (body: JsonObject) => readonly JsonObject[],
): JsonObject {
  const again = new Set(unfold(body).flatMap(traces));
  return chunks.flatMap(traces).every((trace) => again.has(trace) || idle.test(trace)) ? body : refuse();
}

/** Signs of life, and padding against those who count bytes on the way. */
const idle = /^(ping|keepalive|response\.queued) |\.(obfuscation|p)$/;

function traces(chunk: JsonObject): string[] {
  const { type, index, output_index, delta } = chunk;
  return told(chunk).map(([name]) => `${type} ${index ?? output_index} ${isObject(delta) && delta.type}.${name}`);
}
