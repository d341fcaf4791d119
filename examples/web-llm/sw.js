import { ServiceWorkerMLCEngineHandler } from '@mlc-ai/web-llm';
import { install } from 'refrain/sw';

// First: WebLLM's handler listens to all messages, also to those of Refrain's pages.
install();

new ServiceWorkerMLCEngineHandler();

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
