import type { Readable, Writable } from 'node:stream';

/** What the browser says unasked, or of a session. */
export interface DevToolsEvent {
  readonly method: string;
  // biome-ignore lint/suspicious/noExplicitAny: the protocol's own types are not among the dependencies
  readonly params: any;
  readonly sessionId?: string;
}

/** The DevTools protocol with one browser. */
export interface DevTools {
  /** Rejects with the browser's error, or after `deadline` milliseconds (default: a minute). */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  send(method: string, params?: object, sessionId?: string, deadline?: number): Promise<any>;
  /** Fails whatever waits for an answer. */
  end(why: string): void;
  /** Calls `listener` with every event until the function it returns is called. */
  listen(listener: (event: DevToolsEvent) => void): () => void;
}

/** Speaks with a browser started with `--remote-debugging-pipe`, over its file descriptors 3 and 4. */
export function speakDevTools(toBrowser: Writable, fromBrowser: Readable): DevTools;

/** Rejects when the work takes longer than `deadline` milliseconds (default: a minute). */
export function withDeadline<T>(what: string, work: Promise<T>, deadline?: number): Promise<T>;
