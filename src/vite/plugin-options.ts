import { optionNames } from '../core/settings/attributes.ts';
import type { RefrainOptions } from '../core/settings/refrain-options.ts';

/** Options of the Vite plugin: those of the tag, which become its attributes, and these. */
export interface RefrainPluginOptions extends RefrainOptions {
  /** Put the script tag into every HTML page that Vite serves or builds. Default: `true`; `false`: it is placed by hand. */
  readonly inject?: boolean;
  /** Be there in the dev server alone, in builds alone, or in both. Default: `always`. */
  readonly when?: 'serve' | 'build' | 'always';
}

const moments = ['serve', 'build', 'always'];

/**
 * Finds what is misspelt before anything is built. Values of the tag's options are the page's to judge.
 * @throws TypeError for an option that does not exist
 * @throws RangeError for a value of `when` or `inject` that is not understood
 */
export function checkOptions(options: RefrainPluginOptions): void {
  const names = ['inject', 'when', ...optionNames()];
  for (const name of Object.keys(options)) {
    if (!names.includes(name))
      throw new TypeError(
        `Cannot use the option ${name} of refrain(): there is no such option, one of ${names.join(', ')} is needed`,
      );
  }
  const { when = 'always', inject = true } = options;
  if (!moments.includes(when)) throw badValue('when', when, moments.join(', '));
  if (typeof inject !== 'boolean') throw badValue('inject', inject, 'true, false');
}

function badValue(name: string, value: unknown, accepted: string): RangeError {
  return new RangeError(`Cannot use ${name}: ${JSON.stringify(value)} of refrain(): one of ${accepted} is needed`);
}
