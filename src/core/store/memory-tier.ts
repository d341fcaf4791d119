/// <reference path="../lru-cache.d.ts" />
import LRUCache from 'lru-cache';
import type { Report } from '../report/events.ts';
import { type Entry, type EntryMeta, sizeOf } from './entry.ts';
import type { RemovalReason, Tier, TierUsage } from './tier.ts';

/** An entry larger than this share of the budget would push out too many others. */
const largestShare = 0.1;

/** Answers in the worker's memory, the least recently used going first. Lost whenever the worker stops. */
export class MemoryTier implements Tier {
  readonly name = 'memory';
  #cache: LRUCache<string, Entry>;
  /** The key that is being changed on purpose: what else leaves meanwhile is evicted. */
  #changing: string | undefined;

  #budget: number;
  readonly #report: Report;

  /** @param budget bytes, meta included */
  constructor(budget: number, report: Report) {
    this.#budget = budget;
    this.#report = report;
    this.#cache = this.#createCache();
  }

  async get(key: string): Promise<Entry | undefined> {
    return this.#cache.get(key);
  }

  /** Reading it has said so. */
  noteUse(): void {}

  async put(entry: Entry): Promise<void> {
    const { key } = entry.meta;
    this.#changing = key;
    if (sizeOf(entry) <= this.#budget * largestShare) this.#cache.set(key, entry);
    // An older answer of this key must not outlive a newer one that is too large to be kept here.
    else this.#cache.del(key);
  }

  async remove(accepts: (meta: EntryMeta) => boolean, reason: RemovalReason): Promise<EntryMeta[]> {
    const removed = this.#metas().filter(accepts);
    for (const { key } of removed) {
      this.#changing = key;
      this.#cache.del(key);
    }
    if (removed.length > 0)
      this.#report({ type: 'entry-remove', reason, keys: removed.map(({ key }) => key), tier: this.name });
    return removed;
  }

  async has(key: string): Promise<boolean> {
    return this.#cache.has(key);
  }

  async list(most = Infinity): Promise<EntryMeta[]> {
    return this.#metas()
      .sort((a, b) => b.storedAt - a.storedAt)
      .slice(0, most);
  }

  async flush(): Promise<void> {}

  async usage(): Promise<TierUsage> {
    const bodyBytes = this.#metas().reduce((sum, { bytes }) => sum + bytes, 0);
    return { entries: this.#cache.itemCount, bodyBytes, bytes: this.#cache.length, budget: this.#budget };
  }

  setBudget(bytes: number): void {
    if (bytes === this.#budget) return;
    this.#budget = bytes;
    const entries = this.#cache.values().reverse();
    this.#cache = this.#createCache();
    const fits = (entry: Entry) => sizeOf(entry) <= bytes * largestShare;
    for (const entry of entries.filter(fits)) void this.put(entry);
    const keys = entries.filter((entry) => !fits(entry)).map(({ meta }) => meta.key);
    if (keys.length > 0) this.#report({ type: 'entry-remove', reason: 'evict', keys, tier: this.name });
  }

  #metas(): EntryMeta[] {
    return this.#cache.values().map(({ meta }) => meta);
  }

  #createCache(): LRUCache<string, Entry> {
    return new LRUCache({
      max: Math.max(1, this.#budget),
      length: sizeOf,
      dispose: (key) => {
        if (key !== this.#changing)
          this.#report({ type: 'entry-remove', reason: 'evict', keys: [key], tier: this.name });
      },
    });
  }
}
