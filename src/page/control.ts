import { RefrainError } from '../core/error.ts';
import type { Introduction, Welcome } from '../core/protocol/messages.ts';
import { askWorker } from './worker-channel.ts';

/** How long calls wait for the worker of a first visit, from the page's start, in milliseconds. */
const callsWait = 3000;
/** The same where a test tool has set the page up: no user waits, and a call that goes past the worker fails the test. */
const testsCallsWait = 10_000;
/** How long a worker has to answer an introduction, in milliseconds. A worker of another project never does. */
const patience = 10_000;
/** The same for a worker with another file, which may be anybody's. */
const strangersPatience = 3000;
/** How long this page's first calls wait for such a worker, in milliseconds. */
const callsWaitForStranger = 500;

/** What coming under control needs to know. */
export interface ControlOptions {
  readonly workerUrl: URL;
  readonly workerType: WorkerType;
  readonly scope: URL;
  readonly introduction: () => Introduction;
  /** The page takes no part: no worker is registered for it, and one that is there is told to let its calls pass. */
  readonly isOff: () => boolean;
}

/**
 * Brings this page under control of Refrain's worker, and knows whether it is. Calls to LLM endpoints wait for it, for a
 * bounded time; where there can be no worker they go straight out.
 */
export class Control {
  /** Resolves when the worker controls this page and knows its settings; rejects with the reason why it cannot. */
  readonly ready: Promise<void>;
  /** The worker's word about itself, once it controls this page. */
  welcome: Welcome | undefined;
  registration: ServiceWorkerRegistration | undefined;
  /** What calls wait for; `undefined` when there is nothing to wait for any more. */
  #gate: Promise<void> | undefined;
  #openGate = () => {};

  readonly #options: ControlOptions;

  constructor(options: ControlOptions) {
    this.#options = options;
    const deadline = new Promise<void>((resolve) => {
      this.#openGate = resolve;
      setTimeout(resolve, window.refrainOverrides ? testsCallsWait : callsWait);
    });
    this.ready = this.#start();
    const settled = this.ready.then(
      () => {},
      () => {},
    );
    this.#gate = Promise.race([settled, deadline]).then(() => {
      this.#gate = undefined;
    });
  }

  /** The worker that takes this page's calls, or `undefined`. */
  get worker(): ServiceWorker | undefined {
    return this.welcome && !this.#options.isOff() ? (navigator.serviceWorker.controller ?? undefined) : undefined;
  }

  /** What a call has to wait for before it can be intercepted; `undefined` when it can go at once. */
  waiting(): Promise<void> | undefined {
    return this.#options.isOff() ? undefined : this.#gate;
  }

  /** Tells the worker this page's settings anew. */
  async introduce(): Promise<void> {
    const worker = navigator.serviceWorker.controller;
    if (worker) this.welcome = await askWorker(worker, 'introduce', this.#options.introduction(), patience);
  }

  async #start(): Promise<void> {
    const { scope } = this.#options;
    if (!window.isSecureContext)
      throw new RefrainError(
        'insecure-context',
        `Cannot intercept calls: ${location.origin} is insecure, HTTPS is needed`,
      );
    const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (!container)
      throw new RefrainError(
        'no-service-workers',
        'Cannot intercept calls: no service workers here, another browser is needed',
      );
    if (!location.href.startsWith(scope.href))
      throw new RefrainError(
        'wrong-scope',
        `Cannot intercept calls: ${location.href} is outside the scope ${scope.href}, another data-scope is needed`,
      );
    // Questions of a worker that has forgotten this page are answered from the start.
    container.addEventListener('message', (event) => this.#answerQuestion(event));
    container.startMessages();
    if (this.#options.isOff()) {
      await this.introduce().catch(() => {});
      throw new RefrainError('off', 'Cannot intercept calls: data-mode="off" or ?refrain=off says not to');
    }
    const registration = await this.#register(container);
    this.registration = registration;
    await controlledBy(container, registration);
    container.addEventListener('controllerchange', () => void this.introduce().catch(() => {}));
    // A page in the back/forward cache cannot be found by the worker, but is not gone.
    addEventListener('pagehide', ({ persisted }) => this.worker?.postMessage({ refrain: 'hide', kept: persisted }));
    this.#letNewerTakeOver(registration);
    await this.introduce();
  }

  #answerQuestion(event: MessageEvent): void {
    const name = event.data?.refrain;
    // The app's own listeners are spared what they cannot know.
    if (name) event.stopImmediatePropagation();
    if (name === 'introduce-yourself') event.ports[0]?.postMessage(this.#options.introduction());
    if (name === 'beat') (event.source as ServiceWorker).postMessage(event.data);
  }

  /** The registration that will control this page: ours, or a worker of the app's that has Refrain inside. */
  async #register(container: ServiceWorkerContainer): Promise<ServiceWorkerRegistration> {
    const { workerUrl, workerType: type, scope, introduction } = this.#options;
    const present = await container.getRegistration(location.href).catch(() => undefined);
    const there = present?.active ?? present?.waiting ?? present?.installing;
    // Registered by the app itself perhaps, as a module or with other options: registering it anew would replace it.
    if (present?.scope === scope.href && there?.scriptURL === workerUrl.href) return present;
    if (present?.scope.startsWith(scope.href) && there && there.scriptURL !== workerUrl.href) {
      setTimeout(this.#openGate, callsWaitForStranger);
      // A worker at our scope with another file stays, whatever it is. It may have Refrain imported.
      await askWorker(there, 'introduce', introduction(), strangersPatience).catch((cause: unknown) => {
        throw new RefrainError(
          'foreign-worker',
          `Cannot register ${workerUrl.href}: ${there.scriptURL} has this scope and is not replaced, importScripts("${workerUrl.pathname}") in it or its removal is needed`,
          { cause },
        );
      });
      return present;
    }
    const registration = await container.register(workerUrl, { scope: scope.href, type }).catch((cause: Error) => {
      // Without a Service-Worker-Allowed header a scope reaches no higher than the worker's own folder.
      const isTooWide = cause.name === 'SecurityError' && !scope.href.startsWith(new URL('.', workerUrl).href);
      throw new RefrainError(
        isTooWide ? 'wrong-scope' : 'registration-failed',
        `Cannot register ${workerUrl.href} for ${scope.href}: ${cause.message}`,
        { cause },
      );
    });
    // Playwright's `serviceWorkers: 'block'` resolves so.
    if (!registration) throw failed(workerUrl.href, 'register() gave nothing, it must not be blocked');
    return registration;
  }

  /** A newer worker waits until the one in charge has no flight open; that one gives the word. */
  #letNewerTakeOver(registration: ServiceWorkerRegistration): void {
    const retire = () => {
      const { active, waiting, installing } = registration;
      if (active && waiting) void askWorker(active, 'retire', null);
      installing?.addEventListener('statechange', () => installing.state === 'installed' && retire());
    };
    registration.addEventListener('updatefound', retire);
    retire();
  }
}

/** Resolves when a worker of this registration controls the page. After a hard reload it is asked to. */
async function controlledBy(container: ServiceWorkerContainer, registration: ServiceWorkerRegistration): Promise<void> {
  const { installing, waiting, active } = registration;
  const starting = installing ?? waiting ?? active;
  const isOurs = () => container.controller?.scriptURL === starting?.scriptURL;
  if (isOurs()) return;
  await new Promise<void>((resolve, reject) => {
    const claim = async (worker: ServiceWorker) => {
      if ((await askWorker(worker, 'claim', null)) === false && !isOurs()) reject(notControlled(worker.scriptURL));
    };
    container.addEventListener('controllerchange', () => isOurs() && resolve());
    starting?.addEventListener('statechange', () => {
      // Taking all pages at its start, a worker can miss one that is still loading (docs/discoveries/worker-start.md).
      if (starting.state === 'activated' && !isOurs()) void claim(starting);
      if (starting.state === 'redundant' && !registration.active)
        reject(failed(starting.scriptURL, 'it failed to start'));
    });
    if (active) void claim(active);
  });
}

function failed(script: string, what: string): RefrainError {
  return new RefrainError('registration-failed', `Cannot register ${script}: ${what}`);
}

function notControlled(script: string): RefrainError {
  return new RefrainError(
    'not-controlled',
    `Cannot intercept calls: ${script} does not control this page, clients.claim() in it or a reload is needed`,
  );
}
