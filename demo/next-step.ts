import type { Tier } from './answer-source.ts';
import { element } from './element.ts';

export type Moment =
  | 'start'
  | 'no-cache'
  | 'no-provider'
  | 'asking'
  | 'failed'
  | 'stopped'
  | 'memory-dropped'
  | 'version-bumped'
  | 'purged'
  | 'cassette-loaded'
  | 'bypassed'
  | Tier;

const steps: Readonly<Record<Moment, string>> = {
  start: 'Pick a question, or write your own.',
  'no-cache': 'Without a cache each answer comes from the network.',
  'no-provider': 'Nobody is here to answer: give a base URL under “Your own provider”, below.',
  asking: '',
  failed: 'That did not work; the reason is below.',
  stopped: 'Stopped. What is not complete is not kept.',
  network: 'Now ask exactly the same again.',
  memory: 'From memory. Drop the memory tier and ask once more; or untick Stream, and the same answer serves.',
  'memory-dropped': 'Memory is empty. Ask again, and OPFS answers.',
  opfs: 'From disk, and back in memory now. Next, give the model a new version.',
  'version-bumped': 'Ask again: the old answer no longer counts.',
  bypassed: 'This one went past the cache, untouched.',
  'cassette-loaded': 'Ask what was recorded: it comes from the cassette.',
  purged: 'Forgotten. The next answer comes from the network.',
};

/** Suggests what is worth trying now. */
export function suggestNextStep(moment: Moment): void {
  element('next-step', HTMLElement).textContent = steps[moment];
}
