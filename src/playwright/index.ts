import { test as base } from '@playwright/test';
import { type RefrainFixtures, refrainFixtures } from './fixtures.ts';
import { watchRun } from './run-summary.ts';

export { expect } from '@playwright/test';
export type { RefrainEvent, RefrainEventType } from '../core/report/events.ts';
export type { PlainRequest } from '../core/request/normalize.ts';
export type { KeptRequest } from '../core/store/entry.ts';
export { type RefrainFixtureOptions, type RefrainFixtures, refrainFixtures } from './fixtures.ts';
export type { RefrainMode, RefrainTestOptions } from './options.ts';
export type { MissedCall, ServedAnswer } from './outcome.ts';
export type { RefrainInTest } from './test-session.ts';

/** Playwright's `test`, with Refrain in every context: options `cassette`, `refrainMode`, `refrainOptions`, fixture `refrain`. */
export const test = base.extend<RefrainFixtures>(refrainFixtures);

watchRun();
