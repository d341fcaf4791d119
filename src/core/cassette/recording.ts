import type { EntryMeta, KeptRequest, Tokens } from '../store/entry.ts';

/** The version this code writes, and the only one it reads: `refrain cassette 1`. */
export const cassetteVersion = 1;

/** One question and what it was answered with: a block of a cassette. */
export interface Recording {
  /** Key of the question and the answers' shape, made without a partition: another credential finds it too. */
  readonly key: string;
  /** Wire format, such as `openai-chat`. */
  readonly format: string;
  readonly method: string;
  /** With its query, without credentials. */
  readonly url: string;
  readonly model?: string;
  readonly modelVersion?: string;
  readonly tag?: string;
  /** What was asked; absent where it was recorded in a mode that keeps no requests. */
  readonly request?: KeptRequest;
  /** The n-th identical call gets the n-th answer, and every later one the last. Never empty. */
  readonly answers: readonly RecordedAnswer[];
}

/** One answer as it came. Its status is always 200. */
export interface RecordedAnswer {
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
  /** Milliseconds upstream took. */
  readonly elapsed: number;
  readonly statusText: string;
  /** Allow-listed response headers. */
  readonly headers: EntryMeta['headers'];
  readonly servedBy?: string;
  readonly tokens?: Tokens;
  /** When its bytes came: see `EntryMeta`. */
  readonly arrivals?: EntryMeta['arrivals'];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A place in a cassette file that cannot be used. */
export interface Fault {
  /** Counted from 1. */
  readonly line: number;
  /** First line of the block it is in, or `the file`. */
  readonly block: string;
  /** What is there and what is needed. */
  readonly message: string;
}

/** All of a cassette: what is sound, and what is not. */
export interface Cassette {
  readonly recordings: readonly Recording[];
  readonly faults: readonly Fault[];
}
