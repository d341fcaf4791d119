import type { Call } from './call.ts';

/** Milliseconds between two looks at whether the asking page is still there. */
const interval = 500;

/**
 * Tells of askers that leave before their response has headers. No engine tells the worker (docs/discoveries/aborts.md):
 * an abort comes as the page script's message, a navigation or a closed tab is seen by asking for the client.
 */
export class Departures {
  private readonly leaving = new Map<string, () => void>();

  /** @param after resolves after so many milliseconds */
  constructor(private readonly after: (milliseconds: number) => Promise<void>) {}

  /** The page's app aborted a call. Ids nobody waits for are ignored. */
  aborted(call: string): void {
    this.leaving.get(call)?.();
  }

  /** Calls `leave` at most once, when the asker goes away before `headers` settles. Never rejects. */
  watch(call: Call, headers: Promise<unknown>, leave: () => void): void {
    let watching = true;
    const id = call.mark?.call;
    const stop = () => {
      watching = false;
      if (id !== undefined) this.leaving.delete(id);
    };
    const left = () => {
      if (!watching) return;
      stop();
      leave();
    };
    if (id !== undefined) this.leaving.set(id, left);
    headers.then(stop, stop);
    void this.poll(call, () => watching, left);
  }

  private async poll(call: Call, watching: () => boolean, left: () => void): Promise<void> {
    for (;;) {
      await this.after(interval);
      if (!watching()) return;
      if (await call.isGone().catch(() => false)) left();
    }
  }
}
