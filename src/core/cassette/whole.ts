import { follow } from '../formats/follow.ts';
import { formats } from '../formats/index.ts';
import type { FormatName } from '../formats/paths.ts';
import type { RecordedAnswer, Recording } from './recording.ts';

/**
 * Why this answer must not be served, or `undefined`: the proof that an answer from the network needs, too, and a content
 * type that its format knows. Costs reading the answer. Never throws.
 */
export function notWhole(recording: Pick<Recording, 'format' | 'url'>, answer: RecordedAnswer): string | undefined {
  const evidence = evidenceOf(recording, answer);
  return typeof evidence === 'string' ? evidence : undefined;
}

/** What a whole answer says of itself, or in words why it must not be served. As above. */
export function evidenceOf(
  { format, url }: Pick<Recording, 'format' | 'url'>,
  answer: RecordedAnswer,
): Pick<RecordedAnswer, 'servedBy' | 'tokens'> | string {
  if (!Object.hasOwn(formats, format)) return `the format "${format}" is not known here`;
  const type = answer.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const { body } = answer;
  const follower = follow(formats[format as FormatName], new URL(url), type, String(body.byteLength));
  if (!follower) return `an answer of the type "${type}" cannot be proven whole`;
  follower.push(body);
  const verdict = follower.end(() => body);
  if (!verdict.complete) return `the answer is not whole (${verdict.detail ?? verdict.reason})`;
  const { model: servedBy, tokens } = follower.evidence;
  return { ...(servedBy ? { servedBy } : {}), ...(tokens ? { tokens } : {}) };
}
