// IndexedDB through idb-keyval: one record an answer, many of them in one transaction.

import { get, setMany } from 'idb-keyval';
import { serve } from './worker.mjs';

serve(async (name) => {
  const database = await opened(name);
  // Like idb-keyval's own `createStore`, which names no durability and cannot be closed and so not be erased.
  const store = (durability) => (mode, use) =>
    use(database.transaction('keyval', mode, { durability }).objectStore('keyval'));
  return {
    async get(key) {
      const found = await get(key, store('relaxed'));
      return found && new Response(found.bytes, { headers: found.headers });
    },
    async put(answers, durability = 'relaxed') {
      await setMany(
        answers.map(({ key, headers, bytes }) => [key, { headers, bytes }]),
        store(durability),
      );
    },
    async erase() {
      database.close();
      await settled(indexedDB.deleteDatabase(name));
    },
  };
});

function opened(name) {
  const request = indexedDB.open(name);
  request.onupgradeneeded = () => request.result.createObjectStore('keyval');
  return settled(request);
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
