export type { Normalize, PlainRequest } from '../src/core/request/normalize.ts';
export type { InstallOptions, MatcherOptions } from './host-options.ts';
export { install } from './install.ts';
export { createMatcher } from './matcher.ts';
export { Strategy, type StrategyCall, type StrategyOptions } from './strategy.ts';
