import { install } from 'refrain/sw';
import { precacheAndRoute } from 'workbox-precaching';

// First, so that its calls do not end in a route of yours.
install({ ttl: '7d' });

precacheAndRoute(self.__WB_MANIFEST);

self.addEventListener('message', ({ data }) => {
  if (data?.type === 'SKIP_WAITING') self.skipWaiting();
});
