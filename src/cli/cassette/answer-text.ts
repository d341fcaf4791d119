import type { RecordedAnswer, Recording } from '../../core/cassette/recording.ts';
import { readAnswer } from '../../core/formats/conversions/delivery.ts';
import { convert } from '../../core/formats/conversions/index.ts';
import type { FormatName } from '../../core/formats/paths.ts';
import { sized } from './wording.ts';

/** Where the formats' JSON bodies have what was written. */
const places = [
  ['choices', '*', 'message', 'content'],
  ['choices', '*', 'text'],
  ['output', '*', 'content', '*', 'text'],
  ['content', '*', 'text'],
  ['candidates', '*', 'content', 'parts', '*', 'text'],
  ['message', 'content'],
  ['message', 'content', '*', 'text'],
  ['response'],
  ['text'],
];
/** Of an answer with such members the text is not all there is. */
const more =
  /"(tool_calls|tool_use|functionCall|function_call|refusal)"\s*:\s*(?!null)|"type"\s*:\s*"(tool_use|function_call|custom_tool_call)"/;

/** Where the events of their streams have a piece of it. */
const pieces = [
  ['choices', '*', 'delta', 'content'],
  ['choices', '*', 'text'],
  ['delta', 'text'],
  ['delta', 'message', 'content', 'text'],
  ['candidates', '*', 'content', 'parts', '*', 'text'],
  ['message', 'content'],
  ['response'],
];

/**
 * An answer to be read: the text a model wrote, put together from its stream; else its JSON, else what came. Bytes that are
 * no text are counted. Never throws.
 */
export function answerText({ format }: Pick<Recording, 'format'>, { headers, body }: RecordedAnswer): string {
  const contentType = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return writtenIn(convert(format as FormatName, { text, contentType }, 'json')?.text ?? text, contentType);
  } catch {
    return `(${sized(body.byteLength)} of ${contentType || 'an unknown type'})`;
  }
}

function writtenIn(text: string, contentType: string): string {
  const parsed = jsonOf(text);
  const written = more.test(text) ? [] : parsed === undefined ? streamed(text, contentType) : textsOf(parsed, places);
  if (written.length > 0) return written.join(parsed === undefined ? '' : '\n');
  return parsed === undefined ? text.trimEnd() : JSON.stringify(parsed, null, 2);
}

/** Pieces of a stream that its format cannot fold without loss: to be read, the text is enough. */
function streamed(text: string, contentType: string): string[] {
  try {
    return [readAnswer(text, contentType)]
      .flat()
      .flatMap((event) => [
        ...textsOf(event, pieces),
        ...(/delta$/.test(String(event.type)) ? textsOf(event, [['delta'], ['content']]) : []),
      ]);
  } catch {
    return [];
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textsOf(value: unknown, from: readonly (readonly string[])[]): string[] {
  return from.flatMap((place) => textsAt(value, place));
}

function textsAt(value: unknown, [name, ...deeper]: readonly string[]): string[] {
  if (name === undefined) return typeof value === 'string' && value !== '' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  const members = name === '*' ? (Array.isArray(value) ? value : []) : [(value as Record<string, unknown>)[name]];
  return members.flatMap((member) => textsAt(member, deeper));
}
