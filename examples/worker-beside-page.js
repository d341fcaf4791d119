/** Options of a Vite build that writes the worker beside the page, as `sw.js`: a worker's name must never change. */
export const workerBesidePage = {
  rolldownOptions: {
    input: { index: 'index.html', sw: 'sw.js' },
    output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
  },
};
