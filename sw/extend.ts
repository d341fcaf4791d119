/**
 * How long work may hold an event open, in milliseconds. Engines kill a worker whose event is older than five minutes, and
 * with it every stream that passes through (docs/discoveries/worker-lifetime.md).
 */
const longestHold = 240_000;

/**
 * Keeps the worker alive for the work, as long as an event may do that. Once the event is over it cannot be extended any
 * more; what was to be kept alive then takes its chance. Never throws, and a failure of the work is not the event's.
 */
export function extend(event: Pick<ExtendableEvent, 'waitUntil'>, work: Promise<unknown>): void {
  try {
    event.waitUntil(
      new Promise<void>((resolve) => {
        // Cleared when the work is done: a busy worker would gather minutes of timers.
        const timer = setTimeout(resolve, longestHold);
        const end = () => {
          clearTimeout(timer);
          resolve();
        };
        work.then(end, end);
      }),
    );
  } catch {}
}

/** Resolves after so many milliseconds. */
export function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
