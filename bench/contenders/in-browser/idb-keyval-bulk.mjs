// Stores many answers from the page, as the worker does, and counts them.

import { keys, setMany } from 'idb-keyval';
import { randomHash } from './hash.mjs';

export async function fill(count) {
  const headers = { 'content-type': 'application/json', 'x-answered-by': 'idb-keyval' };
  const records = Array.from({ length: count }, () => [randomHash(), { headers, bytes: new ArrayBuffer(2000) }]);
  await setMany(records);
}

export async function count() {
  return (await keys()).length;
}
