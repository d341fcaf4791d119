import type { IncomingMessage } from 'node:http';

/** The example app in a folder of its own, with the packages it names, as on the machine of somebody who uses it. */
export interface InstalledChat {
  readonly folder: string;
  /** Path of its suite's cassette. */
  readonly cassette: string;
  remove(): Promise<void>;
}

/** The app's server. */
export interface ChatServer {
  readonly port: number;
  close(): Promise<void>;
}

/** How a run of the app's suite ended. */
export interface SuiteRun {
  readonly code: number;
  /** Milliseconds from the command to its end. */
  readonly elapsed: number;
  /** What the terminal shows beside the report. */
  readonly told: string;
  /** Messages of all that failed. */
  readonly faults: readonly string[];
  /** In the order of the report. `duration` in milliseconds. */
  readonly tests: readonly { readonly title: string; readonly status: string; readonly duration: number }[];
}

/**
 * Copies the example, and links the packages that it names: this repository's build for `refrain`.
 * @param options `withRefrain: false` gives it Playwright's own `test` for that of `refrain/playwright`
 */
export function installChat(options?: { readonly withRefrain?: boolean }): Promise<InstalledChat>;

/**
 * Builds the app and serves it at `http://localhost:<port>`. About a second.
 * @param upstream origin of the LLM API, which its `/v1` stands for
 * @param onAnswer called with each answer of the upstream
 */
export function serveChat(
  chat: InstalledChat,
  upstream: string,
  port: number,
  onAnswer?: (answer: IncomingMessage) => void,
): Promise<ChatServer>;

/**
 * Runs `playwright test` in the app's folder, two tests at a time. Never rejects because of a test.
 * @param args more of its arguments
 */
export function runSuite(
  chat: InstalledChat,
  server: ChatServer,
  mode: 'record' | 'replay',
  args?: readonly string[],
): Promise<SuiteRun>;
