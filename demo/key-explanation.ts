import type { Explanation } from '../src/core/protocol/messages.ts';
import { create, element } from './element.ts';

/** The parts of the key of the last question: change any, and it is another question. */
export function showKey({ key, material, leftOut, rawBody }: Explanation): void {
  const parts = (material ?? []).flatMap(([name, value]) => [create('dt', {}, name), create('dd', {}, value || '–')]);
  const lines = [
    create('p', { class: 'summary' }, 'Each of these is part of the key. Change one, and it is another question.'),
    create('dl', { class: 'material' }, ...parts, create('dt', {}, 'SHA-256'), create('dd', {}, key ?? '–')),
  ];
  if (leftOut?.length) lines.push(create('p', { class: 'summary' }, `Left out on purpose: ${leftOut.join(', ')}.`));
  if (rawBody) lines.push(create('p', { class: 'summary' }, `The body counts byte by byte: ${rawBody}.`));
  element('key-explanation-body', HTMLElement).replaceChildren(...lines);
}

export function showNoKey(reason: string): void {
  element('key-explanation-body', HTMLElement).replaceChildren(create('p', { class: 'summary' }, reason));
}
