import { get, set } from 'idb-keyval';
import { headersOf, serve } from './serve.mjs';

serve({
  async answer(event, key, later) {
    const found = await get(key);
    if (found) return new Response(found.bytes, { headers: found.headers });
    const response = await fetch(event.request);
    if (response.ok) later(store(key, response.clone()));
    return response;
  },
});

async function store(key, response) {
  await set(key, { headers: headersOf(response, 'idb-keyval'), bytes: await response.arrayBuffer() });
}
