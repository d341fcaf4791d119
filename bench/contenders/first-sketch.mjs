import { bundle } from './bundle.mjs';
import { keptBy } from './own-worker.mjs';

const files = async () => ({ '/worker.js': await bundle('first-sketch-worker') });

/** How this product was first drawn: answers in memory, and a file in OPFS for each that has to leave it. */
export const firstSketchMemory = {
  ...keptBy('memory'),
  name: 'sketch-memory',
  title: 'first sketch, from memory',
  files,
};

export const firstSketchFile = {
  ...keptBy('file'),
  name: 'sketch-file',
  title: 'first sketch, a file an answer',
  files,
  'never-seen': undefined,
  identical: undefined,
};
firstSketchFile.repeated = { ...firstSketchFile.repeated, before: "tell('forget')" };
