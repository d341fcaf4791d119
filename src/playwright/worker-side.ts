import type { RefrainEvent } from '../core/report/events.ts';

/** An event of the worker, and when it came: milliseconds since the epoch. */
export interface TimedEvent {
  readonly at: number;
  readonly event: RefrainEvent;
}

/** What a test finds in a worker. */
export interface WorkerGlobals {
  refrainEvents?: TimedEvent[];
  readonly refrain?: { exportCassette(): Promise<string> };
}

/** Keeps the worker's events from now on. Runs in the worker, as text: it can use nothing from outside itself. */
export function collectEvents(): void {
  const scope = globalThis as unknown as WorkerGlobals & { registration: { scope: string } };
  if (scope.refrainEvents) return;
  const events: TimedEvent[] = [];
  scope.refrainEvents = events;
  new BroadcastChannel(`refrain ${scope.registration.scope}`).onmessage = ({ data }) => {
    for (const event of data.events) events.push({ at: Date.now(), event });
  };
}

/** What stands before the worker's own code. */
export function workerPrelude(normalize: ((...args: never[]) => unknown) | undefined): string {
  const own = normalize ? `self.refrainNormalize = (${expressionOf(normalize)});\n` : '';
  return `(${collectEvents})();\n${own}`;
}

/**
 * A function's source as an expression. A method's (`normalize(request) {…}`) is none by itself.
 * @throws TypeError where it has no source, as bound functions
 */
export function expressionOf(given: (...args: never[]) => unknown): string {
  const source = given.toString();
  const candidates = [source, `Object.values({ ${source} })[0]`];
  const readable = candidates.find((text) => {
    try {
      new Function(`return (${text});`);
      return true;
    } catch {
      return false;
    }
  });
  if (readable === undefined)
    throw new TypeError('Cannot use normalize: its source cannot be read, a plain function is needed');
  return readable;
}
