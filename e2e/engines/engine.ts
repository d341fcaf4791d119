import type { Page } from '@playwright/test';

export type EngineName = 'Chromium' | 'Firefox' | 'WebKitGTK';

/** A tab of any engine. */
export interface Tab {
  /** Runs a function in the page, as Playwright's own does; what a promise resolves with may take its time. */
  evaluate: Page['evaluate'];
  goto(url: string): Promise<void>;
  /** Puts it before the other tabs of its window, which are hidden then. */
  show(): Promise<void>;
  close(): Promise<void>;
}

/** How a browser is to be started. */
export interface StartOptions {
  /** Every window is a private one. */
  readonly isPrivate?: boolean;
  /** Firefox: milliseconds a worker lives after its last event, and as many more while that event is extended. */
  readonly workerLife?: number;
}

/** A browser with a profile of its own. Nothing but its pages is debugged: a debugger keeps a worker alive. */
export interface Browser {
  readonly version: string;
  /** Its first process; what it costs is summed over its descendants. */
  readonly pid: number;
  /** Opens a URL in a tab of its own and resolves when it is loaded. */
  open(url: string): Promise<Tab>;
  /** Kills all service workers, as the browser does; `undefined` where it cannot be told to. */
  readonly killWorkers: (() => Promise<void>) | undefined;
  /** What an origin may store, in bytes; `undefined` where it cannot be limited. */
  readonly limitStorage: ((origin: string, bytes: number) => Promise<void>) | undefined;
  close(): Promise<void>;
}

/** One of the three. */
export interface Engine {
  readonly name: EngineName;
  /** Why it cannot be started here. */
  missing(): string | undefined;
  start(options?: StartOptions): Promise<Browser>;
}

/** A function and what it is given, as one expression. */
export function expressionOf(work: unknown, argument: unknown): string {
  return `(${String(work)})(${argument === undefined ? '' : JSON.stringify(argument)})`;
}
