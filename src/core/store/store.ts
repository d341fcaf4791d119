import type { HitTier } from '../report/events.ts';
import { type Entry, type EntryMeta, freshnessLeft } from './entry.ts';
import type { Tier } from './tier.ts';

/** An entry that was found, where, and how many seconds it stays fresh (zero or less: stale). */
export interface Found {
  /** Shape in which it is stored, where the entry was converted from another than was asked for. */
  readonly from?: string;
  readonly entry: Entry;
  readonly tier: HitTier;
  readonly left: number;
}

/** The tiers as one store, fastest first. What one tier cannot do, the next may: only `remove` says so. */
export class Store {
  /** Counts what was put and removed. */
  #changes = 0;

  readonly #now: () => number;
  readonly #isOutdated: (meta: EntryMeta) => boolean;

  constructor(
    readonly tiers: readonly [Tier, ...Tier[]],
    now: () => number,
    /** Something newer is known than this answer, however fresh it is. */
    isOutdated: (meta: EntryMeta) => boolean = () => false,
  ) {
    this.#now = now;
    this.#isOutdated = isOutdated;
  }

  /**
   * The first fresh entry, else the stale one that was found, else `undefined`. What a lower tier had is promoted.
   * @param ttl the asker's lifetime in seconds; `null` never expires
   */
  async find(key: string, ttl: number | null): Promise<Found | undefined> {
    const found = await this.#look(key, ttl);
    // Also where it was found in memory: on disk it must not seem forgotten.
    if (found) for (const tier of this.tiers) tier.noteUse(key);
    return found;
  }

  async #look(key: string, ttl: number | null): Promise<Found | undefined> {
    const changes = this.#changes;
    let stale: Found | undefined;
    for (const tier of this.tiers) {
      const entry = await tier.get(key).catch(() => undefined);
      if (!entry) continue;
      const found = { entry, tier: tier.name, left: this.#leftOf(entry.meta, ttl) };
      if (found.left <= 0) {
        stale ??= found;
        continue;
      }
      if (tier !== this.tiers[0]) await this.#promote(entry, changes);
      return found;
    }
    // While the slower tiers were asked, a flight may have landed: asking upstream again would be one call too many.
    const landed = stale ? undefined : await this.tiers[0].get(key).catch(() => undefined);
    return landed ? { entry: landed, tier: this.tiers[0].name, left: this.#leftOf(landed.meta, ttl) } : stale;
  }

  /** Copies an entry up, unless anything was put or removed since it was read: it may be what is not to be served any more. */
  async #promote(entry: Entry, changes: number): Promise<void> {
    if (changes === this.#changes) await this.tiers[0].put(entry).catch(() => {});
  }

  #leftOf(meta: EntryMeta, ttl: number | null): number {
    return this.#isOutdated(meta) ? 0 : freshnessLeft(meta, this.#now(), ttl);
  }

  /** The bytes stored under a key, however old; `undefined` where there are none. Leaves every tier as it is. */
  async read(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    for (const tier of this.tiers) {
      const body = (await tier.get(key).catch(() => undefined))?.body;
      if (body) return body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body;
    }
    return undefined;
  }

  async put(entry: Entry): Promise<void> {
    this.#changes++;
    await Promise.all(this.tiers.map((tier) => tier.put(entry).catch(() => {})));
  }

  /**
   * Removes from every tier; resolves with the metas of what is gone, each key once. Rejects where a tier could not, after
   * the others have.
   */
  async remove(...what: Parameters<Tier['remove']>): Promise<EntryMeta[]> {
    this.#changes++;
    const all = await Promise.allSettled(this.tiers.map((tier) => tier.remove(...what)));
    // What was promoted while the slower tiers were at it goes too.
    this.#changes++;
    all.push(...(await Promise.allSettled([this.tiers[0].remove(...what)])));
    const removed = all.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    return [...new Map(removed.flat().map((meta) => [meta.key, meta])).values()];
  }

  /** Metas of all entries, newest first, with the tiers that hold them. */
  async list(): Promise<{ meta: EntryMeta; tiers: Tier['name'][] }[]> {
    const listed = new Map<string, { meta: EntryMeta; tiers: Tier['name'][] }>();
    for (const tier of this.tiers)
      for (const meta of await tier.list()) {
        const present = listed.get(meta.key);
        if (present) present.tiers.push(tier.name);
        else listed.set(meta.key, { meta, tiers: [tier.name] });
      }
    return [...listed.values()].sort((a, b) => b.meta.storedAt - a.meta.storedAt);
  }

  /** How many entries there are, each key once, and the bytes of their bodies. Reads no metas but memory's. */
  async totals(): Promise<{ entries: number; bytes: number }> {
    const [first, ...slower] = this.tiers;
    let [entries, bytes] = [0, 0];
    for (const tier of slower) {
      const usage = await tier.usage();
      entries += usage.entries;
      bytes += usage.bodyBytes;
    }
    for (const meta of await first.list()) {
      const present = await Promise.all(slower.map((tier) => tier.has(meta.key)));
      if (present.includes(true)) continue;
      entries++;
      bytes += meta.bytes;
    }
    return { entries, bytes };
  }

  async flush(): Promise<void> {
    await Promise.all(this.tiers.map((tier) => tier.flush()));
  }

  /**
   * Brings the most recent answers back to the first tier after a start. Stops at either limit.
   * @param isInterrupted asked between two answers: `true` gives up
   * @returns whether it came to its end
   */
  async warmUp(most: number, mostBytes: number, isInterrupted: () => boolean = () => false): Promise<boolean> {
    const [first, ...slower] = this.tiers;
    const present = new Set((await first.list()).map((meta) => meta.key));
    let bytes = 0;
    for (const tier of slower) {
      const wanted = (await tier.list(most)).filter(({ key, bytes: size }) => {
        bytes += size;
        return bytes <= mostBytes && !present.has(key);
      });
      // The most recent goes in last, and is so the last to be evicted.
      for (const { key } of wanted.reverse()) {
        if (isInterrupted()) return false;
        const changes = this.#changes;
        const entry = await tier.get(key);
        if (entry) await this.#promote(entry, changes);
      }
    }
    return true;
  }
}
