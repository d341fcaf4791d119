import type { Entry, EntryMeta } from './entry.ts';

/**
 * Why an entry left a tier: for room, for age, on request, for damage, for a newer model version, for an answer asked for
 * anew that cannot be had in its shape, or with all of memory.
 */
export type RemovalReason = 'evict' | 'expire' | 'purge' | 'damaged' | 'model-version' | 'replaced' | 'forget';

/** What a tier tells about itself. */
export interface TierUsage {
  readonly entries: number;
  /** Bytes of their bodies, as they came. */
  readonly bodyBytes: number;
  /** Bytes held, meta included. */
  readonly bytes: number;
  /** Bytes allowed. */
  readonly budget: number;
}

/**
 * One place answers are kept in. The law of every tier:
 * - `get` gives an entry whole and unchanged, or `undefined` (absent or damaged). It never throws.
 * - `put` gives a newer answer for a key its place; an entry is there whole or not at all. It never throws.
 * - what `remove` has resolved for is never served again, not even after a restart.
 * - a tier that cannot work (no room, no storage) misses; it never fails a request.
 */
export interface Tier {
  readonly name: 'memory' | 'opfs';
  get(key: string): Promise<Entry | undefined>;
  /** An answer was found under this key, here or in another tier: it is worth keeping longer. Costs nothing. */
  noteUse(key: string): void;
  /** Takes the entry for keeping. Resolves once it can be read back, which is not yet a promise of durability. */
  put(entry: Entry): Promise<void>;
  /**
   * Removes every entry the test accepts and resolves with their metas. Reads no bodies.
   * @param among the only keys that can be accepted, where they are known: other metas need not be read
   */
  remove(accepts: (meta: EntryMeta) => boolean, reason: RemovalReason, among?: readonly string[]): Promise<EntryMeta[]>;
  /** Is there an entry for this key? Reads nothing. */
  has(key: string): Promise<boolean>;
  /** Metas of all entries, newest first, or of so many of the newest. */
  list(most?: number): Promise<EntryMeta[]>;
  /** Everything put before is durable when this resolves, as far as this tier can be durable. */
  flush(): Promise<void>;
  usage(): Promise<TierUsage>;
  setBudget(bytes: number): void;
}
