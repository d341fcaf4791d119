import type { InstallOptions } from './host-options.ts';
import { readHost, workerOf } from './read-host.ts';
import { addRoute } from './start.ts';

let isInstalled = false;

/**
 * Adds Refrain to a service worker of one's own: calls to LLM APIs are answered from memory, OPFS or the network, and
 * messages of pages that have the script tag are answered. To be called once, synchronously at the worker's start, before
 * any listener for `fetch` or `message` that takes everything: the first `respondWith` ends a `fetch` event.
 *
 * Adds listeners for `fetch`, `message` and `install`. Adds no static routes, never calls `skipWaiting()`, nor
 * `clients.claim()` unless `claim` is set; what is not Refrain's is left to the worker's other listeners.
 *
 * @throws RangeError for an option that is not understood
 * @throws TypeError when it is called a second time
 */
export function install(options: InstallOptions = {}): void {
  const host = readHost(options);
  if (isInstalled)
    throw new TypeError('Cannot install Refrain: it is installed in this worker, one install() is needed');
  isInstalled = true;
  addRoute(workerOf(host));
}
