import { bundle } from './bundle.mjs';

/** Polly.js: the page's own fetch is replaced; what was recorded lies in localStorage. */
export const polly = {
  name: 'polly',
  title: 'Polly.js 6, localStorage',
  head: '<script src="/polly.js"></script>',
  files: async () => ({ '/polly.js': await bundle('polly-page') }),
  ready: 'Promise.resolve()',
  inPage: true,
  begin: 'bench.begin()',
  settle: 'bench.settle()',
  repeated: {
    reaches: (reached) => reached === 0,
    is: ({ replies }) => replies.every(({ answeredBy }) => answeredBy === 'polly'),
  },
};
