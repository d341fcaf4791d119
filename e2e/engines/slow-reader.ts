import type { Ask } from '../asking.ts';
import type { Tab } from './engine.ts';

declare global {
  interface Window {
    held: { response?: Response; reader?: ReadableStreamDefaultReader<Uint8Array>; abort: AbortController };
  }
}

/** Makes a call and reads nothing of its answer. Resolves with `Cache-Status` when the headers are there. */
export function hold(tab: Tab, { url, headers, body }: Ask): Promise<string | null> {
  return tab.evaluate(
    async ([address, init]) => {
      const abort = new AbortController();
      window.held = { abort };
      window.held.response = await fetch(address as string, { ...(init as RequestInit), signal: abort.signal });
      return window.held.response.headers.get('cache-status');
    },
    [url, { method: 'POST', headers, body }] as const,
  );
}

/** Reads so many bytes of it, or all there are. */
export function readOn(tab: Tab, bytes: number): Promise<string> {
  return tab.evaluate(async (most) => {
    window.held.reader ??= window.held.response?.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    let count = 0;
    try {
      while (most === null || count < most) {
        const { done, value } = await window.held.reader.read();
        if (done) return `whole ${count}`;
        count += value.byteLength;
      }
    } catch (error) {
      return `error ${error} after ${count}`;
    }
    return `read ${count}`;
  }, bytes);
}

export async function letGo(tab: Tab): Promise<void> {
  await tab.evaluate(() => window.held.abort.abort());
}
