import type { Page } from '@playwright/test';
import { answerOf, bytesOf, openaiChat, type Question } from './answers.ts';
import type { Ask, Got } from './asking.ts';
import { flush, stats } from './refrain-in-page.ts';
import { askOf, test as base, expect, withHeaders } from './site.ts';
import type { StaticOrigin } from './static-origin.ts';
import type { Call, Upstream } from './upstream.ts';
import type { Visitor } from './visitor.ts';

const test = base.extend<{ rounds: number }>({ rounds: [12, { option: true }] });

// What they look for may show once in many runs: a second run would hide it.
test.describe.configure({ retries: 0 });

/** `SEED=1234 npx playwright test stops` makes the same choices again. */
const seed = Number(process.env.SEED ?? 20_260_101);
/** Of so many rounds one ends with the whole browser killed, the others with the worker stopped. */
const killEvery = 8;
const tags = 6;

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What follows from a question's number alone, so that every answer can be told right from wrong. */
function questionOf(number: number): Question {
  return { prompt: `Question ${number}`, model: 'gpt-4o-mini', stream: number % 3 === 0 };
}

function answerTo(number: number) {
  return answerOf(
    openaiChat,
    questionOf(number),
    `Änswer ${number}. `.repeat(1 + ((number * 37) % 200) * (number % 7 === 0 ? 50 : 1)),
  );
}

function numberOf(call: Call): number {
  return Number(/Question (\d+)/.exec(call.body.toString())?.[1]);
}

/** What the page tells while it lives. */
type Told =
  | { readonly what: 'got'; readonly number: number; readonly got: Got }
  | { readonly what: 'flushed'; readonly numbers: readonly number[] }
  | { readonly what: 'purged'; readonly tag: number; readonly round: number };

/** What the page does until it is stopped. */
interface Doings {
  readonly asks: readonly { readonly number: number; readonly ask: Ask }[];
  /** A tag that none of the questions has. */
  readonly purge?: number;
  readonly verify: boolean;
  readonly round: number;
}

/** An app and its user, through many lives of the worker. */
class Life {
  /** Written to disk for sure: flushed since. */
  private readonly kept = new Set<number>();
  /** Removed for sure, and not asked for again. */
  private readonly purged = new Set<number>();
  private readonly asked = new Set<number>();
  /** Tags whose purge has not resolved: it may have been cut short, or come to pass later. */
  private readonly unsure = new Map<number, number>();
  private rounds = 0;
  /** The worker of this round has not been stopped yet. */
  private lives = false;
  /** What was asked for in the round before. */
  private last: readonly number[] = [];
  /** What led to a failure. */
  readonly diary: string[] = [];
  private failed: unknown;
  /** Called when the page tells that a flush has come to its end. */
  private heard: () => void = () => {};
  private page!: Page;
  private watch!: Awaited<ReturnType<Visitor['watchWorkers']>>;

  constructor(
    private readonly visitor: Visitor,
    private readonly upstream: Upstream,
    private readonly random: () => number,
    /** Nothing is evicted: what is kept must be there. */
    private readonly roomy: boolean,
  ) {
    upstream.answer = (call) => answerTo(numberOf(call));
  }

  async begin(): Promise<void> {
    this.page = await this.visitor.open();
    this.watch = await this.visitor.watchWorkers(this.page);
    await this.page.exposeFunction('tell', (told: Told) => this.hear(told));
  }

  async round(): Promise<void> {
    await this.expectPromised();
    this.rounds++;
    const doings = this.choose();
    const isQuiet = this.random() < 0.1;
    const isAtPromise = this.random() < 0.4;
    const moment = (isQuiet || isAtPromise ? 1000 : 0) + this.random() * 120;
    const isKilled = this.rounds % killEvery === 0;
    const numbers = doings.asks.map(({ number }) => number);
    this.diary.push(
      `round ${this.rounds}: ask ${numbers}, purge ${doings.purge}, verify ${doings.verify}, ${moment} ms`,
    );
    for (const number of numbers) this.ask(number);
    if (doings.purge !== undefined) {
      this.unsure.set(doings.purge, this.rounds);
      for (const set of [this.kept, this.purged])
        for (const number of set) if (number % tags === doings.purge) set.delete(number);
    }
    this.last = numbers;
    this.lives = true;
    await this.page.evaluate(begin, doings);
    // The moment is the matter here: anywhere in the time that writing takes, or merging, which begins a second later.
    // In some rounds it ends earlier: at the moment at which the page is told that all is durable.
    const heard = new Promise<void>((resolve) => {
      this.heard = isAtPromise ? resolve : () => {};
    });
    await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, moment))]);
    this.lives = false;
    if (isKilled) await this.kill();
    else await this.stop();
    if (this.failed) throw this.failed;
  }

  /** What was promised before holds: the bytes, what is there, what is not. */
  async expectPromised(): Promise<void> {
    this.diary.push(`kept ${[...this.kept]}, purged ${[...this.purged]}`);
    const kept = this.pick(this.kept, 8);
    const purged = this.pick(this.purged, 3);
    const before = this.upstream.calls.length;
    for (const { number, got } of await this.askAll([...kept, ...purged])) {
      expect(got.error, `call for question ${number}`).toBe(undefined);
      this.expectRight(number, got);
    }
    const called = this.upstream.calls.slice(before).map(numberOf);
    if (this.roomy) expect(called.filter((number) => kept.includes(number))).toEqual([]);
    expect(called.filter((number) => purged.includes(number)).sort()).toEqual([...purged].sort());
    for (const { number, got } of await this.askAll(this.last)) this.expectRight(number, got);
    for (const number of [...purged, ...this.last]) this.ask(number);
    await flush(this.page);
    for (const number of [...purged, ...this.last]) this.keep(number);
    const { bytes, budget } = (await stats(this.page)).opfs;
    if (!this.roomy) expect(bytes).toBeLessThanOrEqual(budget);
  }

  /** All there is, once more. */
  async expectAll(): Promise<void> {
    const { kept, purged } = { kept: [...this.kept], purged: [...this.purged] };
    const before = this.upstream.calls.length;
    for (const { number, got } of await this.askAll(kept)) this.expectRight(number, got);
    const gone = this.upstream.calls.slice(before).map(numberOf);
    if (this.roomy) expect(gone).toEqual([]);
    else expect(gone, 'evicted answers').not.toEqual([]);
    const listed = await this.askAll(purged);
    for (const { number, got } of listed) this.expectRight(number, got);
    expect(this.upstream.calls.slice(before).map(numberOf)).toEqual(expect.arrayContaining(purged));
    expect(this.asked.size).toBeGreaterThan(20);
  }

  private expectRight(number: number, got: Got): void {
    expect(got.status).toBe(200);
    expect(got.bytes, `answer to question ${number}`).toBe(bytesOf(answerTo(number)));
  }

  private hear(told: Told): void {
    const { what } = told;
    this.diary.push(`${what} ${what === 'got' ? told.number : what === 'flushed' ? told.numbers : `tag ${told.tag}`}`);
    // Told later, it may be the next worker that had nothing to flush.
    if (told.what === 'flushed') this.heard();
    if (told.what === 'flushed' && this.lives) for (const number of told.numbers) this.keep(number);
    if (told.what === 'purged' && this.unsure.get(told.tag) === told.round) {
      this.unsure.delete(told.tag);
      const isInTime = told.round === this.rounds;
      if (isInTime) for (const number of this.asked) if (number % tags === told.tag) this.purged.add(number);
    }
    // What was under way when the worker was stopped may fail; what came whole must be right.
    if (told.what !== 'got' || told.got.error) return;
    try {
      this.expectRight(told.number, told.got);
    } catch (error) {
      this.failed = error;
    }
  }

  private keep(number: number): void {
    if (!this.unsure.has(number % tags)) this.kept.add(number);
  }

  private ask(number: number): void {
    this.asked.add(number);
    this.purged.delete(number);
  }

  private choose(): Doings {
    const purge = this.random() < 0.3 ? Math.floor(this.random() * tags) : undefined;
    const many = 2 + Math.floor(this.random() * 10);
    const numbers = Array.from({ length: many }, () => {
      const isNew = this.random() < 0.6;
      return isNew ? this.asked.size + Math.floor(this.random() * 20) : Math.floor(this.random() * this.asked.size);
    });
    const asks = numbers
      .filter((number) => number % tags !== purge)
      .map((number) => ({ number, ask: this.askFor(number) }));
    return { asks, round: this.rounds, verify: this.random() < 0.2, ...(purge !== undefined && { purge }) };
  }

  private askFor(number: number): Ask {
    return withHeaders(askOf(this.upstream, questionOf(number)), { 'x-refrain': `tag=t${number % tags}` });
  }

  private async askAll(numbers: readonly number[]): Promise<{ number: number; got: Got }[]> {
    const asks = numbers.map((number) => this.askFor(number));
    const all = await this.page.evaluate(async (every) => {
      const names = every.map(() => crypto.randomUUID());
      for (const [i, one] of every.entries()) window.asking.start(names[i] as string, one);
      return Promise.all(names.map((name) => window.asking.underWay[name]?.done as Promise<Got>));
    }, asks);
    return all.map((got, i) => ({ number: numbers[i] as number, got }));
  }

  private pick(from: ReadonlySet<number>, most: number): number[] {
    const rest = [...from];
    return Array.from({ length: Math.min(most, rest.length) }, () =>
      rest.splice(Math.floor(this.random() * rest.length), 1),
    ).flat();
  }

  private async kill(): Promise<void> {
    await this.visitor.kill();
    // Nothing of what the page has asked for can come any more.
    this.unsure.clear();
    await this.begin();
  }

  /** As the browser stops a worker: at once. What the page asked for then is settled before it goes on. */
  private async stop(): Promise<void> {
    const { session, history, running } = this.watch;
    const seen = history.length;
    await session.send('ServiceWorker.stopAllWorkers');
    await expect
      .poll(() => running().length === 0 || history.slice(seen).includes('stopped'), { intervals: [5, 10, 20] })
      .toBe(true);
    await this.page.evaluate(() => window.settled);
  }
}

declare global {
  interface Window {
    tell(told: Told): Promise<void>;
    /** Resolves when no call of the round is under way any more. */
    settled: Promise<unknown>;
  }
}

/** Runs in the page: everything at once, and tells what has come of it. */
function begin({ asks, purge, verify, round }: Doings): void {
  const quiet = () => {};
  const calls = asks.map(async ({ number, ask }) => {
    const name = crypto.randomUUID();
    window.asking.start(name, ask);
    const got = (await window.asking.underWay[name]?.done) as Got;
    void window.tell({ what: 'got', number, got });
    return got.error ? [] : [number];
  });
  window.settled = Promise.all(calls);
  // Half of them are flushed while the others are on their way.
  for (const part of [calls.slice(0, calls.length / 2), calls])
    void Promise.all(part)
      .then(async (numbers) => {
        await window.refrain.flush();
        void window.tell({ what: 'flushed', numbers: numbers.flat() });
      })
      .catch(quiet);
  if (purge !== undefined)
    window.refrain
      .purge({ tag: `t${purge}` })
      .then(() => window.tell({ what: 'purged', tag: purge, round }))
      .catch(quiet);
  if (verify) window.refrain.verify().catch(quiet);
}

/** A slow disk: more of the moments fall into a write, and a promise made too early is broken. */
const slowDisk = `for (const step of ['write', 'close']) {
  const { [step]: quick } = FileSystemWritableFileStream.prototype;
  FileSystemWritableFileStream.prototype[step] = async function (...content) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return quick.apply(this, content);
  };
}`;

async function live(
  { site, upstream, visitor }: { site: StaticOrigin; upstream: Upstream; visitor: Visitor },
  rounds: number,
  disk: string | undefined,
): Promise<void> {
  site.worker = (built) => `${slowDisk}\n${built}`;
  site.attributes = disk ? { 'data-disk': disk } : {};
  const life = new Life(visitor, upstream, randomFrom(seed), disk === undefined);
  try {
    await life.begin();
    for (let number = 0; number < rounds; number++) await life.round();
    await life.expectAll();
  } catch (error) {
    throw new Error(`SEED=${seed} fails, after:\n${life.diary.slice(-40).join('\n')}`, { cause: error });
  }
  expect(visitor.pageErrors).toEqual([]);
}

test('Whenever the worker or the browser dies, no answer that was flushed is lost, no purged one comes back, no byte is wrong', async ({
  rounds,
  site,
  upstream,
  visitor,
}) => {
  test.setTimeout(30_000 + rounds * 5000);
  await live({ site, upstream, visitor }, rounds, undefined);
});

test('Whenever the worker or the browser dies while it evicts, no purged answer comes back, and no byte is wrong', async ({
  rounds,
  site,
  upstream,
  visitor,
}) => {
  test.setTimeout(30_000 + rounds * 5000);
  await live({ site, upstream, visitor }, rounds, '60kB');
});
