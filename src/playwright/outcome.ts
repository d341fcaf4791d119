import { differenceText } from '../core/cassette/closest.ts';
import type { HitTier, RefrainEvent } from '../core/report/events.ts';
import type { ContextYield } from './seeded-context.ts';

/** A call that was answered from what is recorded or stored. */
export interface ServedAnswer {
  /** Origin and path. */
  readonly url: string;
  readonly model?: string;
  readonly tier: HitTier;
  /** Key of the recording in the cassette; absent where the page keeps none. */
  readonly recording?: string;
}

/** A call that found no answer where none may be asked for, with its retries. */
export interface MissedCall {
  /** Origin and path. */
  readonly url: string;
  readonly model?: string;
  /** How often it was asked. */
  readonly count: number;
  /** Why there was no answer. */
  readonly why: string;
  /** Where the closest recorded request differs, each as `/model: recorded "a", asked "b"`; absent where there is none. */
  readonly differences?: readonly string[];
}

/** What Refrain did in one test. */
export interface Outcome {
  readonly served: readonly ServedAnswer[];
  readonly missed: readonly MissedCall[];
  /** Calls that reached the network through the worker: `POST <url>`, one for each. */
  readonly asked: readonly string[];
  /** Answers that cannot be recorded, each with its reason. */
  readonly unrecorded: readonly string[];
  /** What Refrain told the page's developer. */
  readonly problems: readonly string[];
}

type Of<T extends RefrainEvent['type']> = Extract<RefrainEvent, { type: T }>;

/** Reads a test's events. */
export function outcomeOf(events: readonly RefrainEvent[]): Outcome {
  const all = <T extends RefrainEvent['type']>(type: T) =>
    events.filter((event): event is Of<T> => event.type === type);
  const bypasses = all('bypass').map(({ url, reason }) => `POST ${url}: it cannot be recorded (${reason})`);
  const skips = all('entry-skip').map(({ url, reason, detail }) => `POST ${url}: ${detail ?? reason}`);
  return {
    served: all('entry-hit').map(servedBy),
    missed: grouped(all('not-stored').map(missedBy)),
    asked: all('entry-miss').map(({ url }) => `POST ${url}`),
    unrecorded: [...bypasses, ...skips],
    problems: [...new Set(all('problem').map(({ message }) => message))],
  };
}

/** Answers that a worker stored before it knew the test's settings: it kept nothing to record them by. */
export function unsettled(events: readonly RefrainEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'entry-store' && event.question === undefined
      ? [`POST ${event.url} was answered before the worker knew this page's settings`]
      : [],
  );
}

/** Calls that went, or would have gone, past the worker: each URL once, with its count. */
export function pastWorker({ live }: Pick<ContextYield, 'live'>): string[] {
  const counts = new Map<string, number>();
  for (const { url } of live) counts.set(`POST ${url}`, (counts.get(`POST ${url}`) ?? 0) + 1);
  return [...counts].map(([call, count]) => (count > 1 ? `${call} (${count} times)` : call));
}

function servedBy({ url, model, tier, question }: Of<'entry-hit'>): ServedAnswer {
  return {
    ...{ url, tier },
    ...(model === undefined ? {} : { model }),
    ...(question === undefined ? {} : { recording: question }),
  };
}

/** A missed call before its retries are counted. */
type Miss = Omit<MissedCall, 'count'> & { readonly name: string };

function missedBy({ url, model, why, question, key, closest }: Of<'not-stored'>): Miss {
  return {
    ...{ url, why, name: question ?? key ?? `${url} ${why}` },
    ...(model === undefined ? {} : { model }),
    ...(closest ? { differences: closest.differences.map(differenceText) } : {}),
  };
}

function grouped(misses: readonly Miss[]): MissedCall[] {
  const groups = new Map<string, MissedCall>();
  for (const { name, ...miss } of misses) {
    groups.set(name, { ...miss, count: (groups.get(name)?.count ?? 0) + 1 });
  }
  return [...groups.values()];
}
