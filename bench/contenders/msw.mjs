import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { bundle } from './bundle.mjs';

/** MSW: its worker asks the page, which has the answers in a Map under the body's hash. */
export const msw = {
  name: 'msw',
  title: 'MSW 3, from memory',
  head: '<script src="/msw.js"></script>',
  files: async () => ({
    '/msw.js': await bundle('msw-page'),
    '/mockServiceWorker.js': readFileSync(createRequire(import.meta.url).resolve('msw/mockServiceWorker.js')),
  }),
  ready: 'bench.ready',
  repeated: {
    reaches: (reached) => reached === 0,
    is: ({ byWorker, replies }) => byWorker && replies.every(({ answeredBy }) => answeredBy === 'msw'),
  },
};
