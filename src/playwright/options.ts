import { dirname, resolve } from 'node:path';
import type { Normalize } from '../core/request/normalize.ts';

/**
 * `auto`: answers of the cassette, else of the network, and those are added to the cassette. `replay`: never the network; a
 * call without a recorded answer fails the test. `record`: always the network; answers replace the recorded ones.
 * `refresh`: answers of the cassette, each renewed by the network behind the test.
 */
export type RefrainMode = 'auto' | 'replay' | 'record' | 'refresh';

const modes: readonly string[] = ['auto', 'replay', 'record', 'refresh'] satisfies RefrainMode[];

/** What the fixture tells the page's Refrain, as attributes of the script tag would. Wins over what the page says itself. */
export interface RefrainTestOptions {
  /** URLPattern strings of endpoints beside the known LLM APIs, relative to the page. */
  readonly endpoints?: string | readonly string[];
  /** URLPattern strings never to touch. */
  readonly exclude?: string | readonly string[];
  /** JSON Pointers into bodies for `endpoints`: members that do not count. */
  readonly ignore?: string | readonly string[];
  /** An id of the app's own user, or `shared`. Cassettes are found whatever it is. */
  readonly partition?: string;
  /** Model → version. */
  readonly models?: Readonly<Record<string, string>>;
  /** How fast recorded answers come: `instant`, `recorded` (as they came), or tokens a second. */
  readonly pace?: 'instant' | 'recorded' | number;
  /** URL of a worker of the app's own that has Refrain in it, where it is not `/refrain-sw.js`. */
  readonly worker?: string;
  /** How that worker is registered. */
  readonly workerType?: 'classic' | 'module';
  /**
   * Takes dates and random ids out of a request before it is compared with what is recorded; what is sent stays as it is.
   * Its source runs in the service worker: it can use nothing from outside itself.
   */
  readonly normalize?: Normalize;
  /** This test may be served nothing. Without it a green run whose tests were all served nothing is an error. */
  readonly mayServeNothing?: boolean;
}

/**
 * The mode that holds: `REFRAIN_MODE` where it is set, else what the test says. With `CI` set, `auto` is `replay`: a run
 * there costs nothing, and what it recorded would be lost.
 * @throws RangeError where `REFRAIN_MODE` is no mode
 */
export function effectiveMode(
  asked: RefrainMode,
  { REFRAIN_MODE, CI }: Readonly<Record<string, string | undefined>>,
): RefrainMode {
  if (REFRAIN_MODE) {
    if (modes.includes(REFRAIN_MODE)) return REFRAIN_MODE as RefrainMode;
    throw new RangeError(
      `Cannot use REFRAIN_MODE: it is "${REFRAIN_MODE}", one of ${modes.map((mode) => `"${mode}"`).join(', ')} is needed`,
    );
  }
  return asked === 'auto' && CI && CI !== 'false' && CI !== '0' ? 'replay' : asked;
}

/** A cassette's path is relative to the test's file. */
export function cassettePath(cassette: string, testFile: string): string {
  return resolve(dirname(testFile), cassette);
}
