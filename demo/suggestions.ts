import { element } from './element.ts';

/** The buttons under the question: each holds one as its value. */
export function onSuggestion(choose: (question: string) => void): void {
  element('suggestions', HTMLElement).addEventListener('click', ({ target }) => {
    if (target instanceof HTMLButtonElement) choose(target.value);
  });
}
