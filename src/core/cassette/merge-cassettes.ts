import type { Recording } from './recording.ts';

/**
 * Two cassettes as one. A question that both have keeps the answers of the one whose last answer is newer, all of them and
 * none of the other's: a sequence is never made of two. Of equal age, the second's. The order of the two changes nothing else.
 */
export function mergeCassettes(first: readonly Recording[], second: readonly Recording[]): Recording[] {
  const merged = new Map(first.map((recording) => [recording.key, recording]));
  for (const recording of second) {
    const present = merged.get(recording.key);
    if (!present || newest(recording) >= newest(present)) merged.set(recording.key, recording);
  }
  return [...merged.values()];
}

function newest({ answers }: Recording): number {
  return Math.max(...answers.map(({ storedAt }) => storedAt));
}
