/** Tokens of one answer as its provider counted them, made comparable. */
export interface Tokens {
  /** All that was read. */
  readonly input: number;
  /** The part of it that came from the provider's own cache. */
  readonly cachedInput?: number;
  /** All that was written. */
  readonly output: number;
  /** The part of it that was reasoning. */
  readonly reasoning?: number;
}

export const noTokens: Tokens = { input: 0, output: 0 };

/** What a recording keeps of a request: to be read, and to be compared when a call finds no answer. No credential. */
export interface KeptRequest {
  /** With its query, without what is or may be a credential. */
  readonly url: string;
  /** How the answer was to be delivered. */
  readonly shape: string;
  /** Allow-listed request headers. */
  readonly headers: readonly (readonly [string, string])[];
  /** What of the body counts in the key, as indented JSON. */
  readonly body?: string;
  /** Why there is no body here. */
  readonly withheld?: string;
}

/** What is kept about an answer. Of the request only what a recording needs, and only in modes that record. */
export interface EntryMeta {
  /** SHA-256 of the request's key material, 64 hexadecimal digits. */
  readonly key: string;
  /** Name of the wire format, such as `openai-chat`. */
  readonly format: string;
  /** Family of the wire format, such as `openai`. */
  readonly provider: string;
  /** Model the request asked for; absent where a request names none. */
  readonly model?: string;
  /** Version the app's catalog gave that model when the answer was stored. */
  readonly modelVersion?: string;
  /** Model the answer says really served it. */
  readonly servedBy?: string;
  /** Origin and path of the request, without query. */
  readonly url: string;
  /** Partition the answer belongs to (a keyed hash, or `shared`). */
  readonly partition: string;
  /** `x-refrain: tag=…` of the request that stored it. */
  readonly tag?: string;
  readonly statusText: string;
  /** Allow-listed response headers, in upstream's order. */
  readonly headers: readonly (readonly [string, string])[];
  /** When the answer was complete, in milliseconds since the epoch. */
  readonly storedAt: number;
  /** Lifetime in seconds; `null` never expires. */
  readonly ttl: number | null;
  /** Milliseconds upstream took from the request to the last byte: what a hit saves. */
  readonly elapsed: number;
  readonly tokens?: Tokens;
  /** Bytes of the body. */
  readonly bytes: number;
  /** The key without the partition: what a cassette knows this answer by. */
  readonly question?: string;
  /** Which of several answers to one question this is, from 1; absent: the first. */
  readonly turn?: number;
  /** Kept in `record` and `replay`, and on pages with a cassette. */
  readonly request?: KeptRequest;
  /** When the bytes came: milliseconds after the request, and how many. Kept with the request, and for `recorded` pace. */
  readonly arrivals?: readonly (readonly [number, number])[];
}

/** A proven-complete answer. Status is always 200. */
export interface Entry {
  readonly meta: EntryMeta;
  /** Bytes; a Blob where it was read from disk in parts, since it is long. */
  readonly body: Blob | Uint8Array<ArrayBuffer>;
}

/** Bytes an entry is counted as against a budget: its body, and roughly what its meta takes in memory. */
export function sizeOf({ meta }: Entry): number {
  return meta.bytes + 1000 + (meta.request?.body?.length ?? 0);
}

/** Age in whole seconds, never negative (clocks are set back), as RFC 9111 §4.2.3 needs it for `Age`. */
export function ageOf(meta: EntryMeta, now: number): number {
  return Math.max(0, Math.floor((now - meta.storedAt) / 1000));
}

/**
 * Seconds of freshness left, or `Infinity`; zero and below is stale.
 * The shorter of two lifetimes counts: the entry's own and the asker's (`null` never expires).
 */
export function freshnessLeft(meta: EntryMeta, now: number, askersTtl: number | null): number {
  const lifetime = Math.min(meta.ttl ?? Infinity, askersTtl ?? Infinity);
  return lifetime - Math.max(0, now - meta.storedAt) / 1000;
}
