import type { Recording } from '../../core/cassette/recording.ts';

/** What the commands call things, so that all of them say it alike. */

/** Enough of a key to tell recordings apart, and to name one. */
export function shortKey({ key }: Pick<Recording, 'key'>): string {
  return key.slice(0, 8);
}

/** A recording in some words: `3f2a90c1 api.openai.com/v1/chat/completions (gpt-4o)`. */
export function named(recording: Recording): string {
  const { model } = recording;
  return `${shortKey(recording)} ${placeOf(recording)}${model === undefined ? '' : ` (${model})`}`;
}

export function placeOf({ url }: Recording): string {
  return url.replace(/^https?:\/\//, '');
}

export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `512 B`, `1.2 kB`, `3.4 MB` */
export function sized(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** `2025-11-22 16:00`, UTC: the same in every time zone. */
export function dated(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
}

export function newestOf({ answers }: Recording): number {
  return Math.max(...answers.map(({ storedAt }) => storedAt));
}
