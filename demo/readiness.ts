import { element } from './element.ts';

const readiness = element('readiness', HTMLElement);

export function showReady(): void {
  readiness.dataset.state = 'ready';
  readiness.textContent = 'Ready: the worker controls this page';
}

/** The page works on without a cache; the reason is one sentence. */
export function showNoCache(reason: unknown): void {
  const sentence = reason instanceof Error ? reason.message : String(reason);
  readiness.dataset.state = 'failed';
  readiness.textContent = `${sentence}. Questions go straight to the network.`;
}
