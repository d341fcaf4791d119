import type { FoundChromium } from '../../src/cli/installed-chromium.mjs';

/**
 * Returns the first Chromium that runs, Playwright's own being that of this repository.
 *
 * @throws {RangeError} `CHROMIUM_PATH` is set and does not run: a browser asked for by name is never swapped silently.
 */
export function findChromium(): FoundChromium | undefined;

/**
 * Returns what Playwright's `launch` needs to start that browser, quietly. `executablePath` is absent when no browser
 * was found; Playwright then says how to install its own.
 */
export function launchOptions(): { executablePath?: string; args: string[] };
