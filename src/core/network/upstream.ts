import type { BypassReason, Report } from '../report/events.ts';
import type { Call } from './call.ts';
import type { Departures } from './departures.ts';

/** What sending needs of the platform. */
export interface Network {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly departures: Departures;
  readonly report: Report;
}

/**
 * The request as the app made it: our marks removed, everything else kept. A copy with changes loses the referrer unless it
 * is given again (https://fetch.spec.whatwg.org/#dom-request, step 14).
 * @param body what was read from the original, whose own body is used up by then
 */
export function upstreamRequest(call: Call, body: Uint8Array<ArrayBuffer> | undefined, signal: AbortSignal): Request {
  const { request } = call;
  return new Request(request, {
    headers: call.headers,
    referrer: request.referrer,
    referrerPolicy: request.referrerPolicy,
    signal,
    ...(body ? { body } : {}),
  });
}

/**
 * Sends a request as if no cache were here, and reports why. Upstream's response reaches the page untouched, and so does
 * the failure to reach it. When the asker leaves before the headers, upstream is closed.
 */
export async function passThrough(
  network: Network,
  call: Call,
  reason: BypassReason,
  body?: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  network.report({ type: 'bypass', reason, ...namedBy(call) });
  const controller = new AbortController();
  const response = network.fetch(upstreamRequest(call, body, controller.signal));
  network.departures.watch(call, response, () => controller.abort());
  return response;
}

/** What events say of a call: origin and path, and the page's id of it. */
export function namedBy(call: Call): { url: string; call?: string } {
  const url = call.url.origin + call.url.pathname;
  return call.mark ? { url, call: call.mark.call } : { url };
}
