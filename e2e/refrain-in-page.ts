import type { EntryFilter, EntryInfo, Explanation } from '../src/core/protocol/messages.ts';
import type { RefrainEvent, RefrainEventType } from '../src/core/report/events.ts';
import type { Stats } from '../src/core/report/stats.ts';
import type { VerifyReport } from '../src/core/store/opfs/verify.ts';
import type { Refrain } from '../src/page/refrain.ts';
import type { Ask, Page } from './asking.ts';

declare global {
  interface Window {
    refrain: Refrain;
    /** Events since `recordEvents`. */
    reported: RefrainEvent[];
  }
}

/** `ready`, or the code and message it was rejected with. */
export function readiness(page: Page): Promise<'ready' | { name: string; code: string; message: string }> {
  return page.evaluate(() =>
    window.refrain.ready.then(
      () => 'ready' as const,
      (error: Error & { code: string }) => ({ name: error.name, code: error.code, message: error.message }),
    ),
  );
}

export function stats(page: Page): Promise<Stats> {
  return page.evaluate(() => window.refrain.stats());
}

export function flush(page: Page): Promise<void> {
  return page.evaluate(() => window.refrain.flush());
}

export function forgetMemory(page: Page): Promise<void> {
  return page.evaluate(() => window.refrain.forgetMemory());
}

export function verify(page: Page): Promise<VerifyReport | null> {
  return page.evaluate(() => window.refrain.verify());
}

export function purge(page: Page, filter?: EntryFilter): Promise<number> {
  return page.evaluate((one) => window.refrain.purge(one), filter);
}

export function entries(page: Page, filter?: EntryFilter): Promise<EntryInfo[]> {
  return page.evaluate(async (one) => {
    const all: EntryInfo[] = [];
    for await (const entry of window.refrain.entries(one)) all.push(entry);
    return all;
  }, filter);
}

export function explain(page: Page, { url, method = 'POST', headers = {}, body, init }: Ask): Promise<Explanation> {
  return page.evaluate(([address, options]) => window.refrain.explain(address, options as RequestInit), [
    url,
    { ...init, method, headers, ...(body !== undefined && { body }) },
  ] as const);
}

/** Keeps every event from now on, in the page. */
export function recordEvents(page: Page): Promise<void> {
  return page.evaluate(
    (types) => {
      window.reported = [];
      for (const type of types) {
        window.refrain.addEventListener(type, (event) =>
          window.reported.push((event as CustomEvent<RefrainEvent>).detail),
        );
      }
    },
    [
      'entry-hit',
      'entry-miss',
      'flight-join',
      'entry-store',
      'entry-skip',
      'bypass',
      'not-stored',
      'entry-remove',
      'verify-progress',
      'problem',
    ] satisfies RefrainEventType[],
  );
}

/** What was recorded, each as `type` or `type reason`. */
export function reported(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    window.reported.map((event) => ('reason' in event ? `${event.type} ${event.reason}` : event.type)),
  );
}
