import type { Tokens } from '../store/entry.ts';
import type { RefrainEvent } from './events.ts';

/** Sums of what happened. All counts are of requests or entries; tokens are the providers' own figures. */
export interface Counters {
  hits: { memory: number; opfs: number; cassette: number };
  misses: number;
  /** Requests that `replay` or `only-if-cached` answered with a 504. */
  notStored: number;
  /** Requests that joined another one's flight. */
  collapsed: number;
  /** Requests that went past the cache, by reason. */
  bypasses: Record<string, number>;
  /** Answers that were not kept, by reason. */
  refusals: Record<string, number>;
  stored: number;
  /** Entries removed, by reason. */
  removed: Record<string, number>;
  /** `live` was spent upstream, `saved` was answered from the cache; never mixed. */
  tokens: { live: TokenCounts; saved: TokenCounts };
  /** Milliseconds of upstream time that hits spared. */
  timeSaved: number;
}

/** Sums over answers: `cachedInput` is a part of `input`, `reasoning` of `output`. */
type TokenCounts = Record<(typeof tokenKinds)[number], number>;

const tokenKinds = ['input', 'cachedInput', 'output', 'reasoning'] as const;

/** What `refrain.stats()` resolves with. */
export interface Stats {
  readonly version: string;
  readonly sinceInstall: Counters;
  readonly sinceBoot: Counters;
  /** Distinct answers kept, and their bytes. */
  readonly entries: number;
  readonly bytes: number;
  readonly memory: { readonly entries: number; readonly bytes: number; readonly budget: number };
  readonly opfs: { readonly entries: number; readonly bytes: number; readonly budget: number };
  /** `memory` when nothing can be written to disk here, with the reason. */
  readonly storage: 'opfs' | 'memory';
  readonly storageReason?: string;
}

const noCounts: TokenCounts = { input: 0, cachedInput: 0, output: 0, reasoning: 0 };

export function emptyCounters(): Counters {
  return {
    hits: { memory: 0, opfs: 0, cassette: 0 },
    misses: 0,
    notStored: 0,
    collapsed: 0,
    bypasses: {},
    refusals: {},
    stored: 0,
    removed: {},
    tokens: { live: { ...noCounts }, saved: { ...noCounts } },
    timeSaved: 0,
  };
}

/** Adds one event to the counters, in place. */
export function count(counters: Counters, event: RefrainEvent): void {
  switch (event.type) {
    case 'entry-hit':
      counters.hits[event.tier]++;
      counters.timeSaved += event.saved.ms;
      addTokens(counters.tokens.saved, event.saved);
      break;
    case 'entry-miss':
      counters.misses++;
      break;
    case 'not-stored':
      counters.notStored++;
      break;
    case 'flight-join':
      counters.collapsed++;
      break;
    case 'entry-store':
      counters.stored++;
      addTokens(counters.tokens.live, event);
      break;
    case 'entry-skip':
      increment(counters.refusals, event.reason);
      break;
    case 'bypass':
      increment(counters.bypasses, event.reason);
      break;
    case 'entry-remove':
      // A copy leaving memory is still on disk: only what leaves the last tier is a removal.
      if (event.tier === 'opfs') increment(counters.removed, event.reason, event.keys.length);
      break;
  }
}

function addTokens(counts: TokenCounts, tokens: Tokens): void {
  for (const kind of tokenKinds) counts[kind] += tokens[kind] ?? 0;
}

function increment(counts: Record<string, number>, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

/** Reads counters written by an earlier run; whatever is missing or no number starts at zero. */
export function restoreCounters(stored: unknown): Counters {
  const counters = emptyCounters();
  mergeNumbers(counters as unknown as NumberTree, stored);
  return counters;
}

type NumberTree = { [name: string]: number | NumberTree };

function mergeNumbers(target: NumberTree, source: unknown): void {
  if (typeof source !== 'object' || source === null) return;
  for (const [name, value] of Object.entries(source)) {
    // An assignment to this name would reach every object there is.
    if (name === '__proto__') continue;
    const present = target[name];
    if (typeof present === 'object') mergeNumbers(present, value);
    else if (typeof value === 'number' && Number.isFinite(value)) target[name] = value;
  }
}
