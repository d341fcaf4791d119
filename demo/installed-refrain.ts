import type { RefrainEvent, RefrainEventType } from '../src/core/report/events.ts';
import type { Refrain } from '../src/page/refrain.ts';

/** Refrain as the script tag installed it, once it controls this page; rejects with the reason why it cannot. */
export async function installedRefrain(): Promise<Refrain> {
  const { refrain } = window as { refrain?: Refrain };
  if (!refrain) throw new Error('Cannot cache: refrain.js did not load, npm run build is needed');
  await refrain.ready;
  return refrain;
}

const eventTypes: readonly RefrainEventType[] = [
  'entry-hit',
  'entry-miss',
  'flight-join',
  'entry-store',
  'entry-skip',
  'entry-remove',
  'bypass',
  'not-stored',
  'problem',
];

export function onEveryEvent(refrain: Refrain, listener: (event: RefrainEvent) => void): void {
  for (const type of eventTypes) refrain.addEventListener(type, ({ detail }) => listener(detail));
}
