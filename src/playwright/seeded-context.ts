import type { BrowserContext, Request, Route, Worker } from '@playwright/test';
import { isKnown } from '../core/formats/paths.ts';
import type { Normalize } from '../core/request/normalize.ts';
import { builtScript } from './built-scripts.ts';
import { letAppsWorkerBeFirst, startOnDemand } from './page-start.ts';
import { type TestsRoute, watchRoutes } from './routed-urls.ts';
import { collectEvents, type TimedEvent, type WorkerGlobals, workerPrelude } from './worker-side.ts';

/** What a context is given. */
export interface Seed {
  readonly overrides: Readonly<Record<string, unknown>>;
  /** The cassette's text; `undefined`: pages name none. */
  readonly cassette: string | undefined;
  readonly normalize: Normalize | undefined;
  /** Calls to LLM APIs that would reach the network are stopped. */
  readonly isReplay: boolean;
  readonly baseURL: string | undefined;
}

/** A call to an LLM API that went past the worker, or was stopped on its way to the network. */
export interface LiveCall {
  readonly url: string;
  readonly from: 'page' | 'worker';
}

/** Why a page is not under control. */
export interface ControlFailure {
  readonly code: string;
  readonly message: string;
}

/** What came out of a context. */
export interface ContextYield {
  readonly events: readonly TimedEvent[];
  readonly live: readonly LiveCall[];
  readonly failures: readonly ControlFailure[];
  readonly routes: readonly TestsRoute[];
  /** What was stored, as cassettes. */
  readonly cassettes: readonly string[];
  /** Why something that may have been stored could not be had. */
  readonly lost: readonly string[];
}

const cassettePlace = '/refrain-cassette/recorded.refrain';
/** Answers that are still on their way when a test ends are waited for so long, in milliseconds. */
const lastAnswers = 10_000;

/** A context of one test with Refrain in it: its pages have the page script, its worker the cassette. */
export class SeededContext {
  readonly #live: LiveCall[] = [];
  readonly #failures: ControlFailure[] = [];
  readonly #events = new Map<Worker, readonly TimedEvent[]>();
  #routes: readonly TestsRoute[] = [];
  readonly #context: BrowserContext;
  readonly #seed: Seed;

  private constructor(context: BrowserContext, seed: Seed) {
    this.#context = context;
    this.#seed = seed;
  }

  /** Resolves when the context's next page has Refrain. Costs four messages to the browser. */
  static async create(context: BrowserContext, seed: Seed): Promise<SeededContext> {
    const seeded = new SeededContext(context, seed);
    await seeded.#place();
    return seeded;
  }

  /** Events so far, in their order. */
  async events(): Promise<TimedEvent[]> {
    for (const worker of this.#context.serviceWorkers()) {
      const events = await worker.evaluate(() => (globalThis as WorkerGlobals).refrainEvents).catch(() => undefined);
      if (events) this.#events.set(worker, events);
    }
    return [...this.#events.values()].flat().sort((a, b) => a.at - b.at);
  }

  /** All that came of this context, which must still be open. Never rejects. */
  async collect(withRecordings: boolean): Promise<ContextYield> {
    const exported = withRecordings ? await this.#export() : { cassettes: [], lost: [] };
    const [live, routes] = [this.#live, this.#routes];
    const failures = [...this.#failures, ...(await this.#foreignWorkers())];
    return { events: await this.events(), live, failures, routes, ...exported };
  }

  /** Workers that cannot answer: they may have taken the scope after Refrain's. */
  async #foreignWorkers(): Promise<ControlFailure[]> {
    const found = this.#context.serviceWorkers().map(async (worker) => {
      const isOurs = await worker.evaluate(() => 'refrain' in globalThis).catch(() => true);
      const message = `Cannot answer in ${worker.url()}: that worker has no Refrain, importScripts("/refrain-sw.js") in it or its removal is needed`;
      return isOurs ? [] : [{ code: 'foreign-worker', message }];
    });
    // One word on it is enough.
    return this.#failures.some(({ code }) => code === 'foreign-worker') ? [] : (await Promise.all(found)).flat();
  }

  async #export(): Promise<Pick<ContextYield, 'cassettes' | 'lost'>> {
    const texts = this.#context.serviceWorkers().map((worker) => {
      const late = `its last answers have not come in ${lastAnswers} ms`;
      const exported = worker.evaluate(() => (globalThis as WorkerGlobals).refrain?.exportCassette());
      return Promise.race([exported, new Promise<never>((_resolve, reject) => setTimeout(reject, lastAnswers, late))]);
    });
    const settled = await Promise.allSettled(texts);
    return {
      cassettes: settled.flatMap((text) => (text.status === 'fulfilled' && text.value ? [text.value] : [])),
      lost: settled.flatMap((text) => (text.status === 'rejected' ? [String(text.reason)] : [])),
    };
  }

  async #place(): Promise<void> {
    const { overrides, cassette, baseURL } = this.#seed;
    const start = {
      overrides,
      cassette: cassette === undefined ? undefined : cassettePlace,
      origin: baseURL && new URL(baseURL).origin,
    };
    await this.#context.exposeBinding('refrainFailed', (_source, code: string, message: string) => {
      this.#failures.push({ code, message });
    });
    await this.#context.addInitScript(
      `(${letAppsWorkerBeFirst})();\n(${startOnDemand})(${JSON.stringify(start)}, function () {\n${builtScript('refrain.js')}\n});`,
    );
    this.#context.on('serviceworker', (worker) => void worker.evaluate(collectEvents).catch(() => {}));
    await this.#context.route((url) => isKnown(url) || isLocal(url), this.#guard);
    const route = this.#context.route.bind(this.#context);
    const serve = async () => {
      if (this.#seed.normalize) await route('**/*', this.#serveOwnWorker);
      await route(workerPlace, this.#serveWorker);
      if (cassette !== undefined) await route(`**${cassettePlace}`, this.#serveCassette);
    };
    await serve();
    // A route made later is asked first, and the test's own may answer everything.
    this.#routes = watchRoutes(this.#context, baseURL, async () => {
      await this.#unroute();
      await serve();
    });
  }

  async #unroute(): Promise<void> {
    await this.#context.unroute(workerPlace, this.#serveWorker);
    await this.#context.unroute('**/*', this.#serveOwnWorker);
    await this.#context.unroute(`**${cassettePlace}`, this.#serveCassette);
  }

  readonly #serveCassette = (route: Route): Promise<void> =>
    route.fulfill({ contentType: 'text/plain; charset=utf-8', body: this.#seed.cassette ?? '' });

  /** The app's own file where it has one, else this package's; before either what a test needs. */
  readonly #serveWorker = async (route: Route): Promise<void> => {
    const prelude = workerPrelude(this.#seed.normalize);
    const response = await route.fetch().catch(() => undefined);
    const isScript = response?.ok() && /javascript|ecmascript/.test(response.headers()['content-type'] ?? '');
    if (response && isScript) return route.fulfill({ response, body: prelude + (await response.text()) });
    return route.fulfill({
      contentType: 'text/javascript; charset=utf-8',
      body: prelude + builtScript('refrain-sw.js'),
    });
  };

  /** A worker of the app's own, of any name. */
  readonly #serveOwnWorker = async (route: Route): Promise<void> => {
    if (route.request().headers()['service-worker'] !== 'script') return route.fallback();
    const response = await route.fetch().catch(() => undefined);
    if (!response?.ok()) return route.fallback();
    return route.fulfill({ response, body: workerPrelude(this.#seed.normalize) + (await response.text()) });
  };

  /** Sees what goes to LLM APIs over the network, and takes the worker's own calls to this machine there. */
  readonly #guard = async (route: Route, request: Request): Promise<void> => {
    const url = new URL(request.url());
    const worker = request.serviceWorker();
    const isCall = request.method() === 'POST' && isKnown(url);
    const { isReplay } = this.#seed;
    // Without its query, which may be a key.
    if (isCall && (isReplay || !worker))
      this.#live.push({ url: url.origin + url.pathname, from: worker ? 'worker' : 'page' });
    if (isCall && isReplay) return route.abort('blockedbyclient');
    const isHeldBack = worker && isLocal(url) && url.origin !== new URL(worker.url()).origin;
    return isHeldBack ? throughPlaywright(route) : route.fallback();
  };
}

/**
 * Chromium takes a worker whose file a test has served for one from the public network, which may not call this machine or
 * its neighbours, whatever is permitted, but for its own origin. Costs the stream: the answer comes in one piece.
 */
async function throughPlaywright(route: Route): Promise<void> {
  try {
    const response = await route.fetch({ timeout: 0, maxRedirects: 0 });
    await route.fulfill({ response });
  } catch {
    await route.abort('connectionfailed').catch(() => {});
  }
}

/** Loopback and private addresses (https://wicg.github.io/local-network-access/#ip-address-space-section), by their usual names. */
function isLocal({ hostname }: URL): boolean {
  return /^(.+\.)?localhost$|\.(local|test|internal)$|^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^169\.254\.|^\[(::1|f[cd].*|fe80.*)\]$/.test(
    hostname,
  );
}

/** Where the worker's file is, on any path: an app may have it elsewhere. */
const workerPlace = /\/refrain-sw\.js(\?.*)?$/;
