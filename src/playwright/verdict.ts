import { basename } from 'node:path';
import type { RefrainEvent } from '../core/report/events.ts';
import type { RefrainMode } from './options.ts';
import type { Outcome } from './outcome.ts';
import { missText } from './outcome-text.ts';
import type { TestsRoute } from './routed-urls.ts';

/** What a test's end is judged by. */
export interface Judged {
  readonly mode: RefrainMode;
  readonly cassette: string | undefined;
  readonly outcome: Outcome;
  /** Calls that went past the worker, or were stopped on their way to the network. */
  readonly past: readonly string[];
  /** Why pages were not under control. */
  readonly failures: readonly string[];
  /** Why answers that may have been stored could not be had from a worker. */
  readonly lost: readonly string[];
}

/** Why the test fails, for a person at a terminal; `undefined` where it does not. */
export function failureOf(judged: Judged): string | undefined {
  const { mode, outcome, past } = judged;
  const broken = outcome.problems.filter((problem) => /^Cannot (make keys|read the cassette|replay)/.test(problem));
  const calls = mode === 'replay' ? [...outcome.missed.map(missText), ...past.map(stopped(judged))] : [];
  if (calls.length > 0)
    return [`${missedHead(judged, calls.length)}\n`, ...listed(calls), ...broken, remedy(judged)].join('\n');
  if (mode === 'record' && past.length > 0)
    return [`Cannot record every call: these went past Refrain's worker\n`, ...listed(past.map(stopped(judged)))].join(
      '\n',
    );
  const lost = judged.lost.map((why) => `Cannot record what a worker has stored: ${why}`);
  return [...broken, ...lost].join('\n') || undefined;
}

/** What the test's author should know though nothing fails, a sentence each. */
export function warningsOf(judged: Judged, events: readonly RefrainEvent[], routes: readonly TestsRoute[]): string[] {
  const { mode, cassette, outcome, past, failures } = judged;
  const unrecorded = mode === 'record' || mode === 'refresh' ? outcome.unrecorded : [];
  const gone =
    mode === 'auto' || mode === 'refresh' ? past.map((call) => `${call} went past the worker${because(failures)}`) : [];
  return [
    ...gone,
    ...unrecorded.map((text) => `no answer is recorded for ${text}`),
    ...routedURLs(events, routes).map(
      ({ route, url }) =>
        `${route} is not called for ${url}: Refrain answers it${cassette === undefined ? '' : ` from ${basename(cassette)}`}; leave it to one of the two (refrainOptions: { exclude: "${url}" } leaves it to the route)`,
    ),
  ];
}

/** Routes of the test for URLs that Refrain took before they could be called. */
function routedURLs(events: readonly RefrainEvent[], routes: readonly TestsRoute[]): { route: string; url: string }[] {
  const taken = new Set<string>();
  for (const event of events) if (event.type === 'entry-hit' || event.type === 'not-stored') taken.add(event.url);
  const found = routes
    .filter((route) => !isForEverything(route))
    .flatMap((route) => [...taken].filter((url) => route.matches(url)).map((url) => ({ route: route.name, url })));
  return [...new Map(found.map((one) => [`${one.route} ${one.url}`, one])).values()];
}

/** A route for all there is means other requests. */
function isForEverything(route: TestsRoute): boolean {
  return route.matches('https://refrain.invalid/any/other');
}

function missedHead({ cassette }: Judged, calls: number): string {
  const what = `${calls} ${calls === 1 ? 'call has' : 'calls have'} no recorded answer`;
  return cassette === undefined
    ? `Cannot replay without a cassette: ${what}`
    : `Cannot replay from ${basename(cassette)}: ${what}`;
}

function remedy({ cassette }: Judged): string {
  return cassette === undefined
    ? '\nA cassette is needed: test.use({ cassette: "answers.refrain" })'
    : '\nTo record what is missing, run with REFRAIN_MODE=auto; to record all anew, with REFRAIN_MODE=record';
}

function stopped({ failures }: Judged): (call: string) => string {
  return (call) => `${call}\n    it did not pass Refrain's worker${because(failures)}`;
}

function because(failures: readonly string[]): string {
  return failures.length > 0 ? `: ${failures.join('; ')}` : '';
}

function listed(texts: readonly string[]): string[] {
  return texts.map((text, at) => `  ${at + 1}. ${text.replaceAll('\n', '\n  ')}`);
}
