import { createMatcher, Strategy } from 'refrain/sw';
import { Serwist, StaleWhileRevalidate } from 'serwist';

new Serwist({
  clientsClaim: true,
  runtimeCaching: [
    { matcher: createMatcher(), handler: new Strategy({ ttl: '7d' }), method: 'POST' },
    {
      matcher: ({ request, sameOrigin }) => sameOrigin && request.method === 'GET',
      handler: new StaleWhileRevalidate(),
    },
  ],
}).addEventListeners();
