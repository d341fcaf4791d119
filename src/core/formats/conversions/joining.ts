import type { JsonObject } from '../json.ts';
import { array, isBlank, object, objects, refuse, string } from './conversion.ts';

/**
 * How the pieces of one member become one value: what is known so far (`undefined` at first) and the next piece, neither
 * of them blank. A rule refuses where the pieces allow more than one reading. What rules made grows in place, because
 * copying it for every token would be quadratic; the pieces never change.
 */
export type Rule = (was: unknown, is: unknown) => unknown;

/** Text in pieces. */
export const inPieces: Rule = (was, is) => (was === undefined ? is : string(was) + string(is));

/** An array in pieces. */
export const appended: Rule = (was, is) => {
  const whole = array(was ?? []);
  whole.push(...array(is));
  return whole;
};

/** Running totals and the like. */
export const latest: Rule = (_, is) => is;

export const once: Rule = (was, is) => (was === undefined ? is : refuse());

/** Repeated in every piece. */
export const same: Rule = (was, is) =>
  was === undefined || JSON.stringify(was) === JSON.stringify(is) ? is : refuse();

/** For members not known by name. They may repeat, but an array that does may as well go on: nobody can tell. */
export const steady: Rule = (was, is) => (Array.isArray(is) ? once : same)(was, is);

/** Padding, and what only a stream has. */
export const dropped = undefined;

/** An object whose members come in pieces. */
export function joined(rules: Readonly<Record<string, Rule | undefined>>, rest: Rule = once) {
  return (was: unknown, is: unknown): JsonObject => {
    // Without a prototype, because an answer may have members called `__proto__` or `constructor`.
    const whole: { [name: string]: unknown } = isBlank(was) ? Object.create(null) : was;
    for (const [name, piece] of Object.entries(object(is))) {
      const rule = Object.hasOwn(rules, name) ? rules[name] : rest;
      const known = whole[name];
      if (rule && !isBlank(piece)) whole[name] = rule(isBlank(known) ? undefined : known, piece);
      else if (rule && known === undefined) whole[name] = piece;
    }
    return whole;
  };
}

/** An array whose elements come in pieces that say by `index` where they belong. */
export function indexed(element: Rule, missing?: number): Rule {
  return (was, is) => {
    const whole = array(was ?? []);
    for (const piece of objects(is)) {
      const index = piece.index ?? missing;
      // One that skips an index leaves a gap, which would be an element nobody sent.
      if (typeof index !== 'number' || !(index in whole || index === whole.length)) refuse();
      whole[index] = element(whole[index], piece);
    }
    return whole;
  };
}
