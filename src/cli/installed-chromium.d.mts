/** A Chromium or Chrome that was seen to run (on Windows: to exist). */
export interface FoundChromium {
  executablePath: string;
  /** As the browser says it, e.g. "Chromium 156.0.8078.79"; `undefined` on Windows, where asking opens a window. */
  version: string | undefined;
  how: 'CHROMIUM_PATH' | 'playwright' | 'installed';
}

/**
 * Returns the first Chromium that runs: the one `CHROMIUM_PATH` names, Playwright's own, one installed on this system;
 * `undefined` when there is none. Costs one `--version` run, about 30 ms.
 *
 * @param playwrights where Playwright's own would be
 * @throws {RangeError} `CHROMIUM_PATH` is set and does not run: a browser asked for by name is never swapped silently.
 */
export function findChromium(playwrights: string | undefined): FoundChromium | undefined;

/** Returns the arguments that start it quietly. */
export function launchArguments(): string[];
