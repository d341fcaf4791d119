import type { BypassReason, RefrainEvent, SkipReason } from '../src/core/report/events.ts';
import { create, element } from './element.ts';
import { formatAge, formatBytes, formatCount, formatDuration } from './figures.ts';

const mostShown = 50;

const tierNames = { memory: 'memory', opfs: 'OPFS', cassette: 'a cassette' };

/** Adds one decision on top of the list, in words. */
export function logDecision(event: RefrainEvent): void {
  const list = element('decisions', HTMLOListElement);
  const time = create('time', {}, new Date().toLocaleTimeString('en-GB'));
  list.prepend(create('li', { 'data-type': event.type }, time, create('span', {}, inWords(event))));
  while (list.children.length > mostShown) list.lastElementChild?.remove();
}

function inWords(event: RefrainEvent): string {
  switch (event.type) {
    case 'entry-hit':
      return `Hit in ${tierNames[event.tier]}: ${formatBytes(event.bytes)}, ${formatAge(event.age)} old${converted(event.from)}; spared ${formatDuration(event.saved.ms)}${spared(event.saved.output)}`;
    case 'entry-miss':
      return {
        miss: 'Miss: asking upstream',
        stale: 'Too old: asking upstream',
        request: 'Asked for afresh: asking upstream',
      }[event.reason];
    case 'flight-join':
      return 'Joined a request already on its way';
    case 'entry-store':
      return `Stored: ${formatBytes(event.bytes)}, complete after ${formatDuration(event.elapsed)}`;
    case 'entry-skip':
      return `Not kept: ${skipReasons[event.reason] ?? event.reason}`;
    case 'not-stored':
      return `Answered 504: nothing is stored, and ${event.why}`;
    case 'bypass':
      return `Let pass: ${bypassReasons[event.reason] ?? event.reason}`;
    case 'entry-remove':
      return `Removed ${event.keys.length} from ${tierNames[event.tier]}: ${event.reason}`;
    case 'verify-progress':
      return `Verifying ${event.step}: ${event.done} of ${event.of}`;
    case 'problem':
      return event.message;
  }
}

function converted(from: string | undefined): string {
  if (!from) return '';
  return `, made from ${{ json: 'a whole answer', array: 'a JSON array' }[from] ?? 'a stream'}`;
}

function spared(tokens: number): string {
  return tokens ? ` and ${formatCount(tokens)} tokens` : '';
}

const skipReasons: Readonly<Partial<Record<SkipReason, string>>> = {
  status: 'upstream answered with an error',
  truncated: 'the answer was cut short',
  error: 'the answer carries an error',
  aborted: 'stopped before it was complete',
  malformed: 'the answer does not follow its format',
  filtered: 'a content filter ended it',
  unproven: 'nothing proves that it is complete',
};

const bypassReasons: Readonly<Partial<Record<BypassReason, string>>> = {
  off: 'Refrain is off',
  'no-store': 'the app asked for it',
  'ambient-credential': 'a cookie may tell users apart',
  'not-understood': 'not the format this address usually takes',
  stateful: 'the answer depends on state at the provider',
  live: 'the answer depends on the world outside',
};
