import type { PageSettings } from '../settings/options.ts';
import type { Entry, EntryMeta } from '../store/entry.ts';

/** When, in milliseconds after the request, how many bytes more are given. */
type Schedule = EntryMeta['arrivals'] & object;

/** Bytes a token has where the provider did not count. */
const bytesPerToken = 4;

/** What pacing needs of the platform. */
export interface Pacing {
  readonly now: () => number;
  readonly after: (milliseconds: number) => Promise<void>;
  /** False where a stream made of JavaScript would end as if it were whole when the worker dies: there, all comes at once. */
  readonly paces: boolean;
}

/** A stored body at the pace the page wants; `undefined`: at once. */
export function paced(
  pacing: Pacing,
  { meta, body }: Entry,
  pace: PageSettings['pace'],
): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
  if (pace === 'instant' || body instanceof Blob || !pacing.paces) return undefined;
  return play(pacing, body, scheduleOf(meta, body, pace));
}

/**
 * When the bytes of a replayed answer are given: as recorded where arrivals were kept, else its events spread evenly over
 * the time it took; or over the time its tokens take.
 */
function scheduleOf(meta: EntryMeta, body: Uint8Array, pace: 'recorded' | number): Schedule {
  if (pace !== 'recorded') return evenly(body, ((meta.tokens?.output ?? meta.bytes / bytesPerToken) * 1000) / pace);
  const { arrivals = [] } = meta;
  // Arrivals of other bytes: the answer was converted, or edited.
  const isOfBody = arrivals.reduce((sum, [, bytes]) => sum + bytes, 0) === body.byteLength;
  return isOfBody ? arrivals : evenly(body, meta.elapsed);
}

/** The body's events, or lines, one after the other in so many milliseconds. */
function evenly(body: Uint8Array, duration: number): Schedule {
  const ends = eventEnds(body);
  return ends.map((end, index) => [(duration * (index + 1)) / ends.length, end - (ends[index - 1] ?? 0)]);
}

/** Where an event ends: after an empty line, or in a body without any after each line. */
function eventEnds(body: Uint8Array): number[] {
  const lines: number[] = [];
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) lines.push(at + 1);
  const empty = lines.filter((end, index) => end - (lines[index - 1] ?? -9) <= 2);
  const ends = empty.length > 0 ? empty : lines;
  if (ends.at(-1) !== body.byteLength) ends.push(body.byteLength);
  return ends;
}

/** Gives the bytes when the schedule says. A reader that is slower sets its own pace. */
function play(
  { now, after }: Pacing,
  body: Uint8Array<ArrayBuffer>,
  schedule: Schedule,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const began = now();
  let [step, at] = [0, 0];
  return new ReadableStream({
    async pull(controller) {
      const next = schedule[step++];
      if (!next) return controller.close();
      const [milliseconds, bytes] = next;
      const wait = began + milliseconds - now();
      if (wait > 0) await after(wait);
      controller.enqueue(body.slice(at, at + bytes));
      at += bytes;
    },
  });
}
