import type { Found } from '../store/store.ts';
import { find, type Sources } from './find.ts';
import type { Question } from './question.ts';
import { questionAt, type Turns } from './turns.ts';

/** What `data-variants` makes of a question: the answer whose turn it is, and where another one is to be collected. */
export interface Variant {
  /** `undefined` while nothing is stored. */
  readonly found: Found | undefined;
  /** `undefined` once all variants are there. */
  readonly open: Question | undefined;
  /** The one whose turn it is: what a new answer replaces once all are there. */
  readonly turn: Question;
}

/**
 * Answers are served in turn, from the first on; until there are as many as the page wants, each call leads to one more.
 * Costs a look for each variant.
 */
export async function variantOf(sources: Sources & { readonly turns: Turns }, question: Question): Promise<Variant> {
  const { variants } = question.page;
  const next = sources.turns.take(`variants ${question.key}`) % variants;
  const found: Found[] = [];
  let open: Question | undefined;
  for (let turn = 0; turn < variants && !open; turn++) {
    const one = await questionAt(question, turn);
    const answer = await find(sources, one);
    if (answer && answer.left > 0) found.push(answer);
    else open = one;
  }
  return { found: found[Math.min(next, found.length - 1)], open, turn: await questionAt(question, next) };
}
