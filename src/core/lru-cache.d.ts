/** The part of lru-cache 6 that is used here; the package has no declarations of its own (docs/decisions/0004-size-of-the-worker.md). */
declare module 'lru-cache' {
  export default class LRUCache<K, V> {
    constructor(options: {
      /** Entries, or what `length` counts. */
      max: number;
      length?: (value: V, key: K) => number;
      /** Called for everything that leaves: evicted, deleted or overwritten. */
      dispose?: (key: K, value: V) => void;
    });
    /** What is held, as `length` counts it. */
    readonly length: number;
    readonly itemCount: number;
    has(key: K): boolean;
    get(key: K): V | undefined;
    /** False when the value is larger than `max` by itself. */
    set(key: K, value: V): boolean;
    del(key: K): void;
    /** Most recently used first. */
    values(): V[];
  }
}
