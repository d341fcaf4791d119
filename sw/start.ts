import { Route, Router } from 'workbox-routing';
import type { Host } from './host.ts';
import { intercept, isTaken } from './intercept.ts';
import { listenToMessages } from './messages.ts';
import { isRestricted } from './policy.ts';
import { Worker } from './worker.ts';

/** Makes the worker's one `Worker`, which from now on answers messages. Takes no calls yet. Synchronous. */
export function start(scope: ServiceWorkerGlobalScope, host?: Host): Worker {
  const worker = new Worker(scope, host);
  listenToMessages(worker);
  scope.addEventListener('install', (event) =>
    event.waitUntil(isRestricted(scope.location.href).then((restricted) => worker.settings.setRestricted(restricted))),
  );
  return worker;
}

/** Takes calls from now on: one `fetch` listener that responds to what `isTaken` accepts and is silent about the rest. */
export function addRoute(worker: Worker): void {
  const router = new Router();
  router.registerRoute(
    new Route(
      ({ request, url }) => isTaken(worker, request, url),
      ({ event }) => intercept(worker, event as FetchEvent),
      'POST',
    ),
  );
  router.addFetchListener();
}
