import { registration, takeControl } from './registration.mjs';

const passes = {
  reaches: (reached, calls) => reached === calls,
  is: ({ byWorker, replies }) => byWorker && replies.every(({ cacheStatus }) => cacheStatus === null),
};

/** A worker that takes every call and hands it to the network. */
export const passThrough = {
  name: 'pass-through',
  title: 'pass-through worker',
  head: registration,
  files: async () => ({
    '/worker.js': `${takeControl}
      addEventListener('fetch', (event) => {
        if (event.request.method === 'POST') event.respondWith(fetch(event.request));
      });`,
  }),
  ready: 'controlled',
  repeated: passes,
  'never-seen': passes,
  identical: passes,
};
