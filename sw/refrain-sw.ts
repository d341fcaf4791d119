import { hostOf } from './host.ts';
import { addRoute, start } from './start.ts';

declare const self: ServiceWorkerGlobalScope;

const host = hostOf(self);

addRoute(start(self, host));

// What only our own file may do: a worker of the app's that imports it has a life and routes of its own.
if (!host) {
  self.addEventListener('install', (event) => {
    addStaticRoutes(event);
    // The first worker of a scope may start at once. A newer one waits until the older says that no flight is open.
    if (!self.registration.active) event.waitUntil(self.skipWaiting());
  });
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
}

/**
 * Where the engine has them: what can be none of ours goes to the network without starting the worker
 * (https://w3c.github.io/ServiceWorker/#dom-installevent-addroutes). Elsewhere the route above says no.
 */
function addStaticRoutes(event: ExtendableEvent): void {
  const { addRoutes } = event as ExtendableEvent & { addRoutes?: (rules: unknown) => Promise<void> };
  const rules = [{ condition: { or: [{ requestMethod: 'GET' }, { requestMode: 'navigate' }] }, source: 'network' }];
  if (addRoutes) event.waitUntil(addRoutes.call(event, rules).catch(() => {}));
}
