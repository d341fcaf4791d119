import type { Cassettes } from './cassettes.ts';

/** What a worker has whose pages name no cassette. */
export const noCassettes: Cassettes = { find: async () => undefined, all: async () => [], isWhole: () => false };
