import { Route, Router } from 'workbox-routing';
import { intercept, isTaken } from './intercept.ts';
import { listenToMessages } from './messages.ts';
import { isRestricted } from './policy.ts';
import { isOwnFile, Worker } from './worker.ts';

declare const self: ServiceWorkerGlobalScope;

const worker = new Worker(self);

const router = new Router();
router.registerRoute(
  new Route(
    ({ request, url }) => isTaken(worker, request, url),
    ({ event }) => intercept(worker, event as FetchEvent),
    'POST',
  ),
);
router.addFetchListener();

listenToMessages(worker);

self.addEventListener('install', (event) => {
  if (isOwnFile(self)) addStaticRoutes(event);
  event.waitUntil(isRestricted(self.location.href).then((restricted) => worker.settings.setRestricted(restricted)));
  // The first worker of a scope may start at once. A newer one waits until the older says that no flight is open.
  if (!self.registration.active) event.waitUntil(self.skipWaiting());
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

/**
 * Where the engine has them: what can be none of ours goes to the network without starting the worker
 * (https://w3c.github.io/ServiceWorker/#dom-installevent-addroutes). Elsewhere the route above says no.
 */
function addStaticRoutes(event: ExtendableEvent): void {
  const { addRoutes } = event as ExtendableEvent & { addRoutes?: (rules: unknown) => Promise<void> };
  const rules = [{ condition: { or: [{ requestMethod: 'GET' }, { requestMode: 'navigate' }] }, source: 'network' }];
  if (addRoutes) event.waitUntil(addRoutes.call(event, rules).catch(() => {}));
}
