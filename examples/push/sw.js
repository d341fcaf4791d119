importScripts('/refrain-sw.js');

self.addEventListener('push', (event) => {
  const { title, body } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag: 'news' }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow('/'));
});

// This app wants its pages under control from the first visit. Refrain would not do it in a worker that is not its own.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
