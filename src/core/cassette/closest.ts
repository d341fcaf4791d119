import type { KeptRequest } from '../store/entry.ts';

/** One place where two requests differ. */
export interface Difference {
  /** `method`, `url`, `header <name>`, `shape`, or a JSON Pointer into the body (RFC 6901). */
  readonly at: string;
  /** As recorded and as asked, shortened to where they differ; absent where one has nothing there. */
  readonly recorded?: string;
  readonly asked?: string;
}

/** A difference in a few words: `/model: recorded "a", asked "b"`. */
export function differenceText({ at, recorded = 'nothing', asked = 'nothing' }: Difference): string {
  return `${at}: recorded ${recorded}, asked ${asked}`;
}

/** The recorded request that is most like the one asked, and how it differs. */
export interface Closest<T> {
  readonly recorded: T;
  readonly differences: readonly Difference[];
}

/** Characters shown of a value. */
const shown = 80;

/**
 * The recorded request that differs least: by how many members differ, and how much of each; of equals the first.
 * `undefined` where there is nothing to compare with. Costs a walk through every body.
 */
export function closest<T extends { readonly request: KeptRequest }>(
  asked: KeptRequest,
  recorded: Iterable<T>,
): Closest<T> | undefined {
  let best: (Closest<T> & { weight: number }) | undefined;
  for (const candidate of recorded) {
    const weighed = weighedDifferences(candidate.request, asked);
    const weight = weighed.reduce((sum, one) => sum + one.weight, 0);
    if (!best || weight < best.weight) best = { recorded: candidate, differences: weighed.map(unweighed), weight };
  }
  return best && { recorded: best.recorded, differences: best.differences };
}

/** Where two requests differ, field by field. */
export function differencesOf(recorded: KeptRequest, asked: KeptRequest): Difference[] {
  return weighedDifferences(recorded, asked).map(unweighed);
}

/** A difference, and how far it sets the two apart: 1 where nothing is alike. */
interface Weighed extends Difference {
  readonly weight: number;
}

function unweighed({ weight: _weight, ...difference }: Weighed): Difference {
  return difference;
}

function weighedDifferences(recorded: KeptRequest, asked: KeptRequest): Weighed[] {
  const found: Weighed[] = [];
  compare('url', recorded.url, asked.url, found);
  compare('shape', recorded.shape, asked.shape, found);
  const [before, after] = [new Map(recorded.headers), new Map(asked.headers)];
  for (const name of new Set([...before.keys(), ...after.keys()]))
    compare(`header ${name}`, before.get(name), after.get(name), found);
  compareValues('', parsed(recorded), parsed(asked), found);
  return found;
}

function parsed({ body, withheld }: KeptRequest): unknown {
  if (body === undefined) return withheld === undefined ? undefined : `(withheld: ${withheld})`;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function compareValues(at: string, recorded: unknown, asked: unknown, found: Weighed[]): void {
  if (!isNested(recorded) || !isNested(asked) || Array.isArray(recorded) !== Array.isArray(asked)) {
    compare(at || '/', textOf(recorded), textOf(asked), found);
    return;
  }
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(asked)]))
    compareValues(`${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, recorded[name], asked[name], found);
}

function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function compare(at: string, recorded: string | undefined, asked: string | undefined, found: Weighed[]): void {
  if (recorded === asked) return;
  const from = firstDifference(recorded ?? '', asked ?? '');
  found.push({
    at,
    // Another place is further away than any other words.
    weight: at === 'url' ? 100 : 1 - likeness(recorded ?? '', asked ?? '', from),
    ...(recorded === undefined ? {} : { recorded: excerpt(recorded, from) }),
    ...(asked === undefined ? {} : { asked: excerpt(asked, from) }),
  });
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

/** What two texts begin and end with alike, as a share of the longer one: 0 to below 1. */
function likeness(a: string, b: string, from: number): number {
  const longest = Math.min(a.length, b.length) - from;
  let end = 0;
  while (end < longest && a.at(-1 - end) === b.at(-1 - end)) end++;
  return (from + end) / Math.max(a.length, b.length);
}

/** A part of the text around a place. */
function excerpt(text: string, at: number): string {
  const from = text.length <= shown ? 0 : Math.max(0, Math.min(at - 20, text.length - shown));
  return `${from > 0 ? '…' : ''}${text.slice(from, from + shown)}${from + shown < text.length ? '…' : ''}`;
}
