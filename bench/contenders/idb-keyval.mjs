import { bundle } from './bundle.mjs';
import { keptBy } from './own-worker.mjs';

/** IndexedDB through idb-keyval: one record an answer, under the body's hash. */
export const idbKeyval = {
  ...keptBy('idb-keyval'),
  name: 'idb-keyval',
  title: 'idb-keyval, IndexedDB',
  files: async () => ({ '/worker.js': await bundle('idb-keyval-worker'), '/bulk.js': await bundle('idb-keyval-bulk') }),
  stored: "loadScript('/bulk.js').then(() => bench.count())",
};
