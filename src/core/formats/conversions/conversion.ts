import { isObject, type JsonObject } from '../format.ts';
import type { Framing } from './framing.ts';

/** One event of a recorded stream: an SSE event, an NDJSON line, or an element of a streamed JSON array. */
export interface StreamEvent {
  /** SSE `event:` line; absent where a format has none. */
  readonly name?: string;
  readonly data: JsonObject | '[DONE]';
}

/** What a streaming caller asked for besides the stream. */
export interface Wish {
  /** `stream_options.include_usage`; formats without that option ignore it. */
  readonly usage: boolean;
}

/**
 * One format's stream and its JSON body, each made from the other. Pure; ids and timestamps stay as recorded.
 * Everything throws where a caller would read something lost or invented, and wherever an answer takes a turn nobody
 * expected: `convert` makes that a miss. An answer is never guessed.
 */
export interface Conversion {
  /** How the native stream is framed. */
  readonly framing: Framing;
  /** The JSON body that a caller without `stream` would have got. Takes a stream proven complete. */
  fold(events: readonly StreamEvent[]): JsonObject;
  /** The events that a streaming caller would have got. */
  unfold(body: JsonObject, wish: Wish): readonly StreamEvent[];
  /** The same stream as another wish would have had it. Absent: a wish changes nothing. */
  refit?(events: readonly StreamEvent[], wish: Wish): readonly StreamEvent[];
}

/** Leaves a conversion: what it met has no sure counterpart in the other form. */
export function refuse(): never {
  throw new Error('no conversion');
}

export function object(value: unknown): JsonObject {
  return isObject(value) ? value : refuse();
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
  return (value ?? '') === '' || (typeof value === 'object' && Object.keys(value as object).length === 0);
}

/** The members that pass a test, and the others. */
export function split(
  whole: unknown,
  test: (value: unknown, name: string) => boolean,
): [passed: JsonObject, others: JsonObject] {
  const half = (wanted: boolean) =>
    Object.fromEntries(Object.entries(object(whole)).filter(([name, value]) => test(value, name) === wanted));
  return [half(true), half(false)];
}

/** Members that are streamed piece by piece, in the blocks, items, parts and calls of every format. */
const streamed = /^(text|thinking|signature|refusal|arguments|input|citations|annotations|logprobs|summary|content)$/;

/** A block as the event that begins it has it, with empty places for what is streamed, and what goes there. */
export function begin(whole: unknown): [begun: JsonObject, rest: JsonObject] {
  const begun: { [name: string]: unknown } = { ...object(whole) };
  const rest: typeof begun = {};
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
export function accounted(body: JsonObject, events: readonly StreamEvent[], again: readonly StreamEvent[]): JsonObject {
  const told = new Set(chunksOf(again).flatMap(traces));
  return chunksOf(events)
    .flatMap(traces)
    .every((trace) => told.has(trace) || idle.test(trace))
    ? body
    : refuse();
}

/** Signs of life, and padding against those who count bytes on the way. */
const idle = /^(ping|keepalive|response\.queued) |\.(obfuscation|p)$/;

function traces(chunk: JsonObject): string[] {
  const { type, index, output_index, delta } = chunk;
  const place = `${type} ${index ?? output_index} ${isObject(delta) && delta.type}`;
  return Object.entries(chunk).flatMap(([name, value]) => (isBlank(value) ? [] : [`${place}.${name}`]));
}

export function eventsOf(chunks: readonly JsonObject[]): StreamEvent[] {
  return chunks.map((data) => ({ data }));
}

/** The events' data without `[DONE]`. */
export function chunksOf(events: readonly StreamEvent[]): JsonObject[] {
  return events.flatMap(({ data }) => (data === '[DONE]' ? [] : [data]));
}

/** An event named by its data's `type`: Anthropic's SDK goes by the `event:` line. */
export function named(data: JsonObject & { readonly type: string }): StreamEvent {
  return { name: data.type, data };
}

export const done: StreamEvent = { data: '[DONE]' };
