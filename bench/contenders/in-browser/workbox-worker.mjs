import { CacheFirst } from 'workbox-strategies';
import { headersOf, serve } from './serve.mjs';

const strategy = new CacheFirst({
  cacheName: 'answers',
  plugins: [
    {
      cacheKeyWillBeUsed: async ({ params }) => new Request(`/answers/${params.key}`),
      cacheWillUpdate: async ({ response }) =>
        response.ok ? new Response(response.body, { headers: headersOf(response, 'cache-storage') }) : null,
    },
  ],
});

serve({
  async answer(event, key, later) {
    const [response, done] = strategy.handleAll({ event, request: event.request, params: { key } });
    later(done);
    return response;
  },
});
