import { follow } from '../formats/follow.ts';
import { formats } from '../formats/index.ts';
import type { FormatName } from '../formats/paths.ts';
import type { RecordedAnswer, Recording } from './recording.ts';

/**
 * Why this answer must not be served, or `undefined`: the proof that an answer from the network needs, too, and a content
 * type that its format knows. Costs reading the answer. Never throws.
 */
export function notWhole(
  { format, url }: Pick<Recording, 'format' | 'url'>,
  answer: RecordedAnswer,
): string | undefined {
  if (!Object.hasOwn(formats, format)) return `the format "${format}" is not known here`;
  const type = answer.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const { body } = answer;
  const follower = follow(formats[format as FormatName], new URL(url), type, String(body.byteLength));
  if (!follower) return `an answer of the type "${type}" cannot be proven whole`;
  follower.push(body);
  const verdict = follower.end(() => body);
  return verdict.complete ? undefined : `the answer is not whole (${verdict.detail ?? verdict.reason})`;
}
