import { namedFormat } from '../src/core/formats/paths.ts';
import type { PageSettings } from '../src/core/settings/options.ts';
import type { BudgetOptions, CallOptions } from './host-options.ts';
import { type Asked, intercept, mayBeTaken } from './intercept.ts';
import { readHost, workerOf } from './read-host.ts';
import type { Worker } from './worker.ts';

declare const self: ServiceWorkerGlobalScope;

/** What a route may say of its calls. Budgets count where neither `install()` nor another strategy was there before. */
export interface StrategyOptions extends CallOptions, BudgetOptions {}

/** What a router hands over: Workbox's and Serwist's callback options have it, and so has a `FetchEvent`. */
export interface StrategyCall {
  readonly request: Request | string;
  /** The event whose life is extended. Default: the call itself, being a `FetchEvent`. */
  readonly event?: { waitUntil(work: Promise<unknown>): void };
}

/**
 * Answers what a route gives it, as Workbox's strategies do: the handler for `registerRoute(match, new Strategy(), 'POST')`
 * of Workbox and Serwist. The route decides about matching: a `POST` it is given counts as named in `endpoints`. Anything
 * else, and what only the browser itself can do (`keepalive`, navigations), goes to the network. To be made synchronously
 * at the worker's start; it answers Refrain's messages from then on, with or without `install()`.
 */
export class Strategy {
  readonly #worker: Worker;
  readonly #page: PageSettings;

  /** @throws RangeError for an option that is not understood */
  constructor(options: StrategyOptions = {}) {
    const host = readHost(options);
    this.#page = host.page;
    this.#worker = workerOf(host);
  }

  /** The response. Rejects only as the network does. */
  handle(call: StrategyCall): Promise<Response> {
    return this.handleAll(call)[0];
  }

  /** The response, and a promise of the end of all that is done for later: an answer stored, the disk looked after. */
  handleAll(call: StrategyCall): [response: Promise<Response>, done: Promise<void>] {
    const event = (call.event ?? call) as Asked;
    const request = typeof call.request === 'string' ? new Request(call.request) : call.request;
    const works: Promise<unknown>[] = [];
    const response = this.#answer({
      request,
      clientId: event.clientId ?? '',
      waitUntil(work) {
        event.waitUntil(work);
        works.push(work);
      },
    });
    return [response, allDone(response, works)];
  }

  async #answer(asked: Asked): Promise<Response> {
    const { request } = asked;
    const url = new URL(request.url);
    if (!mayBeTaken(this.#worker, request, url)) return self.fetch(request);
    return intercept(this.#worker, asked, { match: { format: namedFormat(url), named: true }, page: this.#page });
  }
}

/** More work may come while the first is awaited. Never rejects: nothing that is done for later fails the call. */
async function allDone(response: Promise<Response>, works: Promise<unknown>[]): Promise<void> {
  await response.catch(() => {});
  for (let work = works.shift(); work; work = works.shift()) await work.catch(() => {});
}
