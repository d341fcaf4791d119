import type { BrowserContext, Page, TestInfo } from '@playwright/test';
import { readCassette } from '../core/cassette/read-cassette.ts';
import type { Recording } from '../core/cassette/recording.ts';
import type { RefrainEvent } from '../core/report/events.ts';
import { addToCassetteFile, readCassetteFile } from './cassette-file.ts';
import type { RefrainMode, RefrainTestOptions } from './options.ts';
import { type MissedCall, type Outcome, outcomeOf, pastWorker, type ServedAnswer, unsettled } from './outcome.ts';
import { outcomeMarkdown } from './outcome-text.ts';
import { plainError } from './plain-error.ts';
import { noteTest, runStart } from './run-ledger.ts';
import { type ContextYield, SeededContext } from './seeded-context.ts';
import { failureOf, warningsOf } from './verdict.ts';

/** Refrain in one test: the fixture `refrain`. */
export interface RefrainInTest {
  /** The mode that holds, after `REFRAIN_MODE` and `CI`. */
  readonly mode: RefrainMode;
  /** Absolute path of the cassette; `undefined` where the test names none. */
  readonly cassette: string | undefined;
  /**
   * Puts Refrain into a context that Playwright did not make for this test, such as a persistent one, before its first
   * page. Contexts of the `context` and `browser` fixtures have it. A second time changes nothing.
   */
  seed(context: BrowserContext): Promise<void>;
  /** Resolves when the page is under control; rejects with the reason why it cannot be. Calls wait for it by themselves. */
  ready(page: Page): Promise<void>;
  /** Answers served so far, in their order. */
  served(): Promise<readonly ServedAnswer[]>;
  /** Calls that found no recorded answer so far, each once with its count. */
  missed(): Promise<readonly MissedCall[]>;
  /** Every decision so far, in order. */
  events(): Promise<readonly RefrainEvent[]>;
}

/** What a session is made of. */
export interface SessionOptions extends Pick<RefrainInTest, 'mode' | 'cassette'> {
  readonly options: RefrainTestOptions;
  readonly baseURL: string | undefined;
  /** There is nothing to seed: another engine, or nothing is asked for. */
  readonly isIdle: boolean;
}

/** The session of the test that runs now: the contexts of the browser that its tests share are seeded by it. */
export let currentSession: TestSession | undefined;

/** Seeds the contexts of one test, and says at its end what came of it. */
export class TestSession implements RefrainInTest {
  readonly mode: RefrainMode;
  readonly cassette: string | undefined;
  readonly #options: SessionOptions;
  readonly #text: string | undefined;
  readonly #seeded = new Map<BrowserContext, Promise<SeededContext>>();
  readonly #yields = new Map<BrowserContext, Promise<ContextYield>>();

  /** @throws Error where the cassette's file is damaged */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.mode = options.mode;
    this.cassette = options.cassette;
    this.#text = options.cassette === undefined ? undefined : readCassetteFile(options.cassette).text;
    currentSession = this;
  }

  async seed(context: BrowserContext): Promise<void> {
    if (this.#options.isIdle || this.#seeded.has(context)) return;
    const { mode, options, baseURL } = this.#options;
    const { normalize, mayServeNothing: _own, ...overrides } = options;
    const seeded = SeededContext.create(context, {
      overrides: { ...overrides, mode, session: 'test' },
      cassette: mode === 'record' ? undefined : this.#text,
      normalize,
      isReplay: mode === 'replay',
      baseURL,
    });
    this.#seeded.set(context, seeded);
    await seeded;
    const close = context.close.bind(context);
    context.close = async (...args) => {
      await this.collect(context);
      await close(...args);
    };
  }

  async ready(page: Page): Promise<void> {
    if (!this.#options.isIdle) await page.evaluate(() => window.refrainReady?.());
  }

  async served(): Promise<readonly ServedAnswer[]> {
    return (await this.#outcome()).served;
  }

  async missed(): Promise<readonly MissedCall[]> {
    return (await this.#outcome()).missed;
  }

  async events(): Promise<readonly RefrainEvent[]> {
    const contexts = await Promise.all([...this.#seeded.values()].map(async (seeded) => (await seeded).events()));
    return contexts
      .flat()
      .sort((a, b) => a.at - b.at)
      .map(({ event }) => event);
  }

  /** Takes what a context holds, before it closes. The first time counts. Never rejects. */
  async collect(context: BrowserContext): Promise<void> {
    const seeded = this.#seeded.get(context);
    if (!seeded) return;
    const records = this.mode !== 'replay' && this.cassette !== undefined;
    const collected = this.#yields.get(context) ?? seeded.then((one) => one.collect(records));
    this.#yields.set(context, collected);
    await collected;
  }

  /**
   * Writes what was recorded if the test has passed, attaches what happened, and warns.
   * @throws Error in `replay` where a call found no recorded answer, or what the mode promises could not be kept
   */
  async end(testInfo: TestInfo): Promise<void> {
    currentSession = undefined;
    for (const context of this.#seeded.keys()) await this.collect(context);
    const yields = await Promise.all(this.#yields.values());
    const events = await this.events();
    const outcome = outcomeOf(events);
    const past = pastWorker({ live: yields.flatMap(({ live }) => live) });
    const failures = [...new Set(yields.flatMap((one) => one.failures.map(({ message }) => message)))];
    const lost = [...yields.flatMap((one) => one.lost), ...(this.cassette === undefined ? [] : unsettled(events))];
    const verdict = { mode: this.mode, cassette: this.cassette, outcome, past, failures, lost };
    await attach(testInfo, events, outcome, past, this.cassette);
    for (const text of warningsOf(
      verdict,
      events,
      yields.flatMap(({ routes }) => routes),
    ))
      warn(testInfo, text);
    const failure = failureOf(verdict);
    const passed = !failure && testInfo.status === 'passed';
    const recorded = passed ? await this.#write(yields.flatMap(({ cassettes }) => cassettes)) : 0;
    this.#note(outcome, this.mode === 'replay' ? past.length : 0, recorded, passed, testInfo);
    if (failure) throw plainError(failure);
  }

  async #outcome(): Promise<Outcome> {
    return outcomeOf(await this.events());
  }

  /** Resolves with the number of questions. Two contexts that asked the same: the later one's answers. */
  async #write(texts: readonly string[]): Promise<number> {
    const recordings: Recording[] = texts.flatMap((text) => readCassette(text).recordings);
    if (this.cassette !== undefined && recordings.length > 0)
      await addToCassetteFile(this.cassette, recordings, runStart());
    return recordings.length;
  }

  #note(outcome: Outcome, stopped: number, recorded: number, passed: boolean, testInfo: TestInfo): void {
    if (this.cassette === undefined || this.#options.isIdle) return;
    const used = outcome.served.flatMap(({ tier, recording }) => (tier === 'cassette' && recording ? [recording] : []));
    noteTest({
      cassette: this.cassette,
      mode: this.mode,
      passed,
      served: outcome.served.length,
      missed: outcome.missed.length + stopped,
      recorded,
      used: [...new Set(used)],
      mayServeNothing: this.#options.options.mayServeNothing ?? false,
      outputDir: testInfo.project.outputDir,
    });
  }
}

async function attach(
  testInfo: TestInfo,
  events: readonly RefrainEvent[],
  outcome: Outcome,
  past: readonly string[],
  cassette: string | undefined,
): Promise<void> {
  if (events.length === 0 && past.length === 0) return;
  const json = (value: unknown) => ({ body: JSON.stringify(value, null, 2), contentType: 'application/json' });
  await testInfo.attach('refrain.md', {
    body: outcomeMarkdown(outcome, past, cassette),
    contentType: 'text/markdown',
  });
  await testInfo.attach('refrain.json', json({ ...outcome, past }));
  await testInfo.attach('refrain-trace.json', json(events));
}

/** Into the report, and the terminal. */
export function warn(testInfo: TestInfo, text: string): void {
  testInfo.annotations.push({ type: 'warning', description: `Refrain: ${text}` });
  process.stderr.write(`Refrain: ${text}\n`);
}
