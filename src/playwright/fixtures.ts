import type {
  Browser,
  Fixtures,
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
  TestInfo,
} from '@playwright/test';
import { cassettePath, effectiveMode, type RefrainMode, type RefrainTestOptions } from './options.ts';
import { plainError } from './plain-error.ts';
import { currentSession, type RefrainInTest, TestSession, warn } from './test-session.ts';

/** Options of a test, for `test.use()` and a project's `use`. */
export interface RefrainFixtureOptions {
  /** Path of the file with the recorded answers, relative to the test's file. Without one nothing is replayed or recorded. */
  cassette: string | undefined;
  /** Default `auto`; the environment variable `REFRAIN_MODE` wins. With `CI` set, `auto` is `replay`. */
  refrainMode: RefrainMode;
  /** What the page's Refrain is told beside it. */
  refrainOptions: RefrainTestOptions;
}

/** What `refrainFixtures` add to a test. */
export interface RefrainFixtures extends RefrainFixtureOptions {
  /** Refrain in this test. Every test has it, whether it asks for it or not. */
  refrain: RefrainInTest;
}

type Builtin = PlaywrightTestArgs & PlaywrightTestOptions;
type BuiltinOfWorker = PlaywrightWorkerArgs & PlaywrightWorkerOptions;

/**
 * The fixtures, for a `test` of one's own: `test.extend(refrainFixtures)`. They put Refrain into every context that the
 * test's browser makes.
 */
export const refrainFixtures: Fixtures<RefrainFixtures, object, Builtin, BuiltinOfWorker> = {
  cassette: [undefined, { option: true }],
  refrainMode: ['auto', { option: true }],
  refrainOptions: [{}, { option: true }],
  refrain: [
    async ({ cassette, refrainMode, refrainOptions, browserName, serviceWorkers, baseURL }, use, testInfo) => {
      const mode = effectiveMode(refrainMode, process.env);
      const path = cassette === undefined ? undefined : cassettePath(cassette, testInfo.file);
      const isIdle = path === undefined && mode !== 'replay';
      if (!isIdle && serviceWorkers === 'block')
        throw plainError(
          'Cannot use Refrain in this test: serviceWorkers is "block" in its options, "allow" (the default) is needed',
        );
      const isElsewhere = !isIdle && browserName !== 'chromium' && tellUnsupported(browserName, mode, testInfo);
      const options = { mode, cassette: path, options: refrainOptions, baseURL, isIdle: isIdle || isElsewhere };
      const session = new TestSession(options);
      await use(session);
      await session.end(testInfo);
    },
    { auto: true },
  ],
  context: async ({ context, refrain }, use) => {
    const session = refrain as TestSession;
    await session.seed(context);
    await use(context);
    await session.collect(context);
  },
  browser: [
    async ({ browser }, use) => {
      seedNewContexts(browser);
      await use(browser);
    },
    { scope: 'worker' },
  ],
};

/** Contexts that tests make by themselves get Refrain, too: of the test that runs then. */
function seedNewContexts(browser: Browser): void {
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    await currentSession?.seed(context);
    return context;
  };
}

const told = new Set<string>();

/** @throws Error in `replay`, which cannot be kept there */
function tellUnsupported(browserName: string, mode: RefrainMode, testInfo: TestInfo): true {
  const what = `Playwright shows service workers in Chromium alone`;
  if (mode === 'replay')
    throw plainError(`Cannot replay in ${browserName}: ${what}, a project with browserName "chromium" is needed`);
  if (!told.has(browserName)) warn(testInfo, `nothing is replayed or recorded in ${browserName}: ${what}`);
  told.add(browserName);
  return true;
}
