import type { EntryMeta } from './entry.ts';

/** What an alias was seen to be served by. */
interface Served {
  /** Names in the order they were first seen, the newest last. */
  names: string[];
  /** When the newest was first seen, in milliseconds since the epoch; 0 for the very first. */
  since: number;
}

/** Aliases with what served them, by provider, origin and model. Plain data, to be stored. */
export type Drift = Record<string, Served>;

/** Names remembered for an alias: providers that route at random must not fill the disk. */
const mostNames = 50;

/**
 * Notes which model really answered. A name never seen before for this alias means that the alias has moved: what it
 * answered before is stale. Providers whose answers echo the alias, and models that the app's own catalog versions, never
 * drift. True when there is something new to store.
 */
export function noteServed(drift: Drift, meta: EntryMeta): boolean {
  const { servedBy, model, modelVersion, storedAt } = meta;
  if (!servedBy || !model || modelVersion !== undefined) return false;
  const alias = aliasOf(meta);
  const served = drift[alias];
  if (!served) {
    drift[alias] = { names: [servedBy], since: 0 };
    return true;
  }
  if (served.names.includes(servedBy)) return false;
  served.names = [...served.names, servedBy].slice(-mostNames);
  served.since = storedAt;
  return true;
}

/** Was this answer given before its alias moved to another model? Costs a lookup. */
export function hasDrifted(drift: Drift, meta: EntryMeta): boolean {
  const served = meta.modelVersion === undefined ? drift[aliasOf(meta)] : undefined;
  return served !== undefined && meta.storedAt < served.since && meta.servedBy !== served.names.at(-1);
}

function aliasOf({ provider, url, model }: EntryMeta): string {
  return JSON.stringify([provider, new URL(url).origin, model]);
}
