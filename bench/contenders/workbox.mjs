import { bundle } from './bundle.mjs';
import { keptBy } from './own-worker.mjs';

/** Workbox's CacheFirst over Cache Storage, under a GET whose URL carries the body's hash: Cache Storage takes no POST. */
export const workbox = {
  ...keptBy('cache-storage'),
  name: 'workbox',
  title: 'Workbox, Cache Storage',
  files: async () => ({ '/worker.js': await bundle('workbox-worker'), '/bulk.js': await bundle('workbox-bulk') }),
  stored: "caches.open('answers').then((cache) => cache.keys()).then((keys) => keys.length)",
};
