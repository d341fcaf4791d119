import { RefrainError } from '../core/error.ts';
import type { Introduction, Welcome } from '../core/protocol/messages.ts';
import { askWorker } from './worker-channel.ts';

/** How long calls wait for the worker of a first visit, from the page's start, in milliseconds. */
const callsWait = 3000;
/** How long a worker has to answer an introduction, in milliseconds. A worker of another project never does. */
const patience = 2000;

/** What coming under control needs to know. */
export interface ControlOptions {
  readonly workerUrl: URL;
  readonly scope: URL;
  readonly introduction: () => Introduction;
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
  private gate: Promise<void> | undefined;

  constructor(private readonly options: ControlOptions) {
    this.ready = this.start();
    const settled = this.ready.then(
      () => {},
      () => {},
    );
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, callsWait));
    this.gate = Promise.race([settled, deadline]).then(() => {
      this.gate = undefined;
    });
  }

  /** The worker that takes this page's calls, or `undefined`. */
  get worker(): ServiceWorker | undefined {
    return this.welcome ? (navigator.serviceWorker.controller ?? undefined) : undefined;
  }

  /** What a call has to wait for before it can be intercepted; `undefined` when it can go at once. */
  waiting(): Promise<void> | undefined {
    return this.gate;
  }

  /** Tells the worker this page's settings anew. */
  async introduce(): Promise<void> {
    const worker = navigator.serviceWorker.controller;
    if (worker) this.welcome = await askWorker(worker, 'introduce', this.options.introduction(), patience);
  }

  /** From now on no call of this page is taken. */
  leave(): void {
    this.welcome = undefined;
  }

  private async start(): Promise<void> {
    const { scope } = this.options;
    if (!window.isSecureContext)
      throw new RefrainError(
        'insecure-context',
        `Cannot intercept calls: ${location.origin} is not a secure context, HTTPS or localhost is needed`,
      );
    const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (!container)
      throw new RefrainError(
        'no-service-workers',
        'Cannot intercept calls: this browser has no service workers here, a window that is not private may have them',
      );
    if (!location.href.startsWith(scope.href))
      throw new RefrainError(
        'wrong-scope',
        `Cannot intercept calls: the page ${location.href} is outside the scope ${scope.href}, a data-scope that contains the page is needed`,
      );
    // Questions of a worker that has forgotten this page are answered from the start.
    container.addEventListener('message', (event) => this.answerQuestion(event));
    container.startMessages();
    const registration = await this.register(container);
    this.registration = registration;
    await controlledBy(container, registration);
    await this.introduce();
    container.addEventListener('controllerchange', () => void this.introduce().catch(() => {}));
    this.letNewerTakeOver(registration);
  }

  private answerQuestion(event: MessageEvent): void {
    if (event.data?.refrain === 'introduce-yourself') event.ports[0]?.postMessage(this.options.introduction());
  }

  /** The registration that will control this page: ours, or a worker of the app's that has Refrain inside. */
  private async register(container: ServiceWorkerContainer): Promise<ServiceWorkerRegistration> {
    const { workerUrl, scope } = this.options;
    const present = await container.getRegistration(location.href).catch(() => undefined);
    if (present?.scope.startsWith(scope.href)) {
      const worker = present.active ?? present.waiting ?? present.installing;
      if (worker && worker.scriptURL !== workerUrl.href) {
        await this.greetStranger(worker);
        return present;
      }
    }
    let registration: ServiceWorkerRegistration | undefined;
    try {
      registration = await container.register(workerUrl, { scope: scope.href });
    } catch (error) {
      throw new RefrainError(
        (error as Error).name === 'SecurityError' && /scope/i.test((error as Error).message)
          ? 'wrong-scope'
          : 'registration-failed',
        `Cannot register the worker ${workerUrl.href} for the scope ${scope.href}: ${(error as Error).message}`,
        { cause: error },
      );
    }
    if (!registration)
      throw new RefrainError(
        'registration-failed',
        `Cannot register the worker ${workerUrl.href}: service workers are blocked here (register() gave nothing), a browser context that allows them is needed`,
      );
    return registration;
  }

  /** A worker at our scope with another file: it stays, whatever it is. It may have Refrain imported. */
  private async greetStranger(worker: ServiceWorker): Promise<void> {
    try {
      await askWorker(worker, 'introduce', this.options.introduction(), patience);
    } catch (error) {
      throw new RefrainError(
        'foreign-worker',
        `Cannot register ${this.options.workerUrl.href}: another worker, ${worker.scriptURL}, has this scope and is not replaced, importScripts("${this.options.workerUrl.pathname}") in it, another data-scope, or its removal is needed`,
        { cause: error },
      );
    }
  }

  /** A newer worker waits until the one in charge has no flight open; that one gives the word. */
  private letNewerTakeOver(registration: ServiceWorkerRegistration): void {
    const retire = () => {
      const { active, waiting } = registration;
      if (active && waiting) void askWorker(active, 'retire', null).catch(() => {});
    };
    retire();
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing?.addEventListener('statechange', () => installing.state === 'installed' && retire());
    });
  }
}

/** Resolves when a worker of this registration controls the page. After a hard reload it is asked to. */
async function controlledBy(container: ServiceWorkerContainer, registration: ServiceWorkerRegistration): Promise<void> {
  const isOurs = () => {
    const controller = container.controller;
    return (
      controller !== null &&
      [registration.active, registration.waiting, registration.installing].some(
        (worker) => worker?.scriptURL === controller.scriptURL,
      )
    );
  };
  if (isOurs()) return;
  await new Promise<void>((resolve, reject) => {
    container.addEventListener('controllerchange', () => isOurs() && resolve());
    const starting = registration.installing ?? registration.waiting;
    starting?.addEventListener('statechange', () => {
      if (starting.state === 'redundant')
        reject(
          new RefrainError(
            'registration-failed',
            `Cannot start the worker ${starting.scriptURL}: its installation failed, the worker's own console says why`,
          ),
        );
    });
    if (registration.active) void askWorker(registration.active, 'claim', null).catch(reject);
    if (isOurs()) resolve();
  });
}
