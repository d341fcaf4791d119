import type { Match } from '../src/core/formats/endpoints.ts';
import { createMatcher } from '../src/core/formats/endpoints.ts';
import type { Call } from '../src/core/network/call.ts';
import { passThrough } from '../src/core/network/upstream.ts';
import { directFragment, type Mark, takeMark, wishesHeader } from '../src/core/protocol/mark.ts';
import { answer } from '../src/core/request/answer.ts';
import type { PageSettings } from '../src/core/settings/options.ts';
import { extend } from './extend.ts';
import type { Worker } from './worker.ts';

const builtIn = createMatcher([], []);

/**
 * Is this a call to take? Synchronous, by method, mode and URL. Until the stored settings are read nobody knows the app's
 * own endpoints: every POST of a script is held for those few milliseconds, then answered or passed on.
 */
export function isTaken(worker: Worker, request: Request, url: URL): boolean {
  const { matcher } = worker.settings;
  return mayBeTaken(worker, request, url) && (matcher ? matcher(url) !== undefined : true);
}

/** The same, whoever's URL it is. */
export function mayBeTaken(worker: Worker, request: Request, url: URL): boolean {
  if (request.method !== 'POST' || request.destination !== '') return false;
  // What only the browser itself can do: outlive the page, tell how an upload goes. A mark must not reach upstream.
  const passes = worker.hasLeft || request.keepalive || url.hash === directFragment;
  if (passes && !takeMark(new Headers(request.headers))) return false;
  // A form's POST is a navigation: a stored answer must never be rendered as a document.
  if (request.mode !== 'cors' && request.mode !== 'same-origin') return false;
  return worker.policy.allows(url.origin);
}

/** A request and what it came with: a `FetchEvent`, or what a router hands over. */
export interface Asked extends Pick<FetchEvent, 'request' | 'clientId'> {
  waitUntil(work: Promise<unknown>): void;
}

/** What a route of the app's own says of a call that it hands over: that it is one, and the settings it has by default. */
export interface Routed {
  readonly match: Match;
  readonly page: PageSettings;
}

/** Answers a taken call. Rejects only as the network does. */
export async function intercept(worker: Worker, event: Asked, routed?: Routed): Promise<Response> {
  const { request } = event;
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  const mark = takeMark(headers);
  const asked = { event, url, headers, mark };
  const pageOf = () => worker.pages.of(event.clientId, mark !== undefined, routed?.page ?? worker.byDefault);
  worker.noteCall();
  // A worker that has just started asks the page while it reads its settings.
  const introduced = (routed || builtIn(url)) && pageOf();
  await worker.settings.read;
  const match = routed?.match ?? worker.settings.matcher?.(url);
  if (!match) {
    if (introduced) introduced.catch(() => {});
    return passThrough(worker.engine, callOf(worker, asked, builtIn(url) ?? unmatched, undefined), 'not-matched');
  }
  const call = callOf(worker, asked, match, await (introduced ?? pageOf()));
  // The page has the script, even where its introduction is late.
  if (mark) {
    worker.settings.notePresent();
    worker.hasLeft = false;
  }
  if (!worker.host && worker.settings.isAbandoned) {
    extend(event, worker.leave());
    return passThrough(worker.engine, call, 'no-script');
  }
  const response = await answer(worker.engine, call);
  extend(event, worker.afterResponse());
  return response;
}

/** For a URL that is none of ours: never looked at, the call goes straight on. */
const unmatched = { named: false } as Match;

/** A call as it came, its mark taken out of the headers. */
interface Marked {
  readonly event: Asked;
  readonly url: URL;
  readonly headers: Headers;
  readonly mark: Mark | undefined;
}

function callOf(
  worker: Worker,
  { event, url, headers, mark }: Marked,
  match: Match,
  page: PageSettings | undefined,
): Call {
  const { request, clientId } = event;
  const wishes = headers.get(wishesHeader);
  headers.delete(wishesHeader);
  return {
    request,
    url,
    match,
    page,
    mark,
    headers,
    client: clientId,
    wishes,
    sameOrigin: url.origin === worker.scope.location.origin,
    isGone: async () =>
      clientId !== '' && !worker.aside.has(clientId) && (await worker.scope.clients.get(clientId)) === undefined,
    extend: (work) => extend(event, work),
  };
}
