import { expect, test } from 'vitest';
import { follow } from '../formats/follow.ts';
import { openaiChat } from '../formats/openai-chat.ts';
import type { SkipReason } from '../report/events.ts';
import { type Asker, Flight, type FlightPlan, HeldBytes, type Landing } from './flight.ts';

const url = new URL('https://api.example/v1/chat/completions');

const start = 'data: {"model":"m","choices":[{"index":0,"delta":{"content":"Te"}}]}\n\n';
const middle = 'data: {"choices":[{"index":0,"delta":{"content":"al"}}]}\n\n';
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const done = 'data: [DONE]\n\n';
const error = 'data: {"error":{"message":"overloaded"}}\n\n';
const whole = start + middle + finish + done;

/** A flight over an upstream that sends what the test says, when the test says it. */
class Bench {
  readonly landings: Landing[] = [];
  readonly aborted: Promise<void>;
  pause: () => Promise<void> = async () => {};
  /** Resolves what waits for milliseconds. */
  timePasses: () => void = () => {};
  readonly flight: Flight;
  private body!: ReadableStreamDefaultController<Uint8Array>;
  private signal!: AbortSignal;
  private resolve!: (response: Response) => void;
  reject!: (error: unknown) => void;

  constructor(plan: Partial<FlightPlan> = {}) {
    let markAborted: () => void;
    this.aborted = new Promise((resolve) => {
      markAborted = resolve;
    });
    const time = new Promise<void>((resolve) => {
      this.timePasses = resolve;
    });
    this.flight = new Flight({
      send: (signal) => {
        this.signal = signal;
        signal.addEventListener('abort', () => {
          this.reject(signal.reason);
          this.body?.error(signal.reason);
          markAborted();
        });
        return new Promise((resolve, reject) => {
          this.resolve = resolve;
          this.reject = reject;
        });
      },
      judge: (response) => judge(response),
      land: (landing) => this.landings.push(landing),
      after: () => time,
      pause: () => this.pause(),
      mostBytes: 1_000_000,
      held: new HeldBytes(1_000_000),
      native: false,
      ...plan,
    });
    // Nobody may be left to take the failure.
    this.flight.response.catch(() => {});
  }

  get isAborted(): boolean {
    return this.signal.aborted;
  }

  headers(init: ResponseInit = { headers: { 'content-type': 'text/event-stream' } }): void {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.body = controller;
      },
    });
    this.resolve(new Response(body, init));
  }

  send(...texts: string[]): void {
    for (const text of texts) this.body.enqueue(new TextEncoder().encode(text));
  }

  close(): void {
    this.body.close();
  }

  fail(error: unknown): void {
    this.body.error(error);
  }

  /** What an asker's page would have: a reader of the answer. */
  async page(asker: Asker): Promise<Page> {
    await this.flight.response;
    const stream = this.flight.follow(asker);
    if (!stream) throw new Error('not shared');
    return new Page(stream.getReader());
  }

  /** An asker, upstream's headers, and the asker's page. */
  async begin(): Promise<{ asker: Asker; page: Page }> {
    const asker = this.flight.board(false);
    this.headers();
    return { asker, page: await this.page(asker) };
  }

  /** Everything that needs no news from outside has happened. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  bodyText(): string {
    const [landing] = this.landings;
    if (!landing?.kept) throw new Error('not kept');
    return new TextDecoder().decode(landing.body);
  }
}

class Page {
  constructor(private readonly reader: ReadableStreamDefaultReader<Uint8Array>) {}

  /** Reads as long as there is less text than this. */
  async upTo(length: number): Promise<string> {
    let text = '';
    while (text.length < length) {
      const { done, value } = await this.reader.read();
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    return text;
  }

  toEnd(): Promise<string> {
    return this.upTo(Number.POSITIVE_INFINITY);
  }

  leave(): Promise<void> {
    return this.reader.cancel();
  }
}

function judge(response: Response) {
  return follow(openaiChat, url, response.headers.get('content-type') ?? '', null) ?? 'unproven';
}

function refusedFor(reason: SkipReason) {
  return expect.objectContaining({ kept: false, reason });
}

test('Flight gives every asker every byte, and keeps them once, when upstream ends complete', async () => {
  const bench = new Bench();
  const askers = [bench.flight.board(false), bench.flight.board(false), bench.flight.board(false)];
  bench.headers();
  const pages = await Promise.all(askers.map((asker) => bench.page(asker)));
  const texts = Promise.all(pages.map((page) => page.toEnd()));
  bench.send(start, middle);
  bench.send(finish, done);
  bench.close();
  expect(await texts).toEqual([whole, whole, whole]);
  await bench.flight.ended;
  expect(bench.bodyText()).toBe(whole);
  expect(bench.landings).toHaveLength(1);
  expect(bench.isAborted).toBe(false);
});

test('Flight asks upstream once, however many board', async () => {
  let calls = 0;
  const flight = new Flight({
    send: async () => {
      calls++;
      return new Response(whole, { headers: { 'content-type': 'text/event-stream' } });
    },
    judge,
    native: false,
    land: () => {},
    after: () => new Promise(() => {}),
    pause: async () => {},
    mostBytes: 1000,
    held: new HeldBytes(1_000_000),
  });
  for (let i = 0; i < 10; i++) flight.board(false);
  await flight.ended;
  expect(calls).toBe(1);
});

test('Flight streams: an asker has the first bytes while upstream is still open', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  bench.send(start);
  expect(await page.upTo(start.length)).toBe(start);
  expect(bench.landings).toEqual([]);
});

test('Flight gives a late joiner the answer from byte 0', async () => {
  const bench = new Bench();
  const first = bench.flight.board(false);
  bench.headers();
  const early = await bench.page(first);
  bench.send(start, middle);
  await early.upTo(start.length + middle.length);
  expect(bench.flight.joinable).toBe(true);
  const late = await bench.page(bench.flight.board(false));
  bench.send(finish, done);
  bench.close();
  expect(await late.toEnd()).toBe(whole);
  expect(await early.toEnd()).toBe(finish + done);
});

test('Flight gives one who boards early and reads late the answer from byte 0', async () => {
  const bench = new Bench();
  const [quick, slow] = [bench.flight.board(false), bench.flight.board(false)];
  bench.headers();
  const quickPage = await bench.page(quick);
  bench.send(whole);
  bench.close();
  expect(await quickPage.toEnd()).toBe(whole);
  await bench.flight.ended;
  expect(await (await bench.page(slow)).toEnd()).toBe(whole);
});

test('Flight cannot be joined any more, when its answer is kept', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  bench.send(whole);
  bench.close();
  await page.toEnd();
  await bench.flight.ended;
  expect(bench.flight.joinable).toBe(false);
});

test('Flight reads on, when no asker does', async () => {
  const bench = new Bench();
  bench.flight.board(false);
  bench.headers();
  await bench.flight.response;
  bench.send(whole);
  bench.close();
  await bench.flight.ended;
  expect(bench.bodyText()).toBe(whole);
});

test('Flight closes upstream and keeps nothing, when the last asker leaves', async () => {
  const bench = new Bench();
  const askers = [bench.flight.board(false), bench.flight.board(false)];
  bench.headers();
  const [one, other] = await Promise.all(askers.map((asker) => bench.page(asker)));
  bench.send(start, finish);
  await one?.upTo(1);
  await one?.leave();
  await other?.leave();
  await bench.aborted;
  await bench.flight.ended;
  expect(bench.landings).toEqual([refusedFor('aborted')]);
  expect(bench.flight.joinable).toBe(false);
});

test('Flight goes on for the others, when one asker leaves', async () => {
  const bench = new Bench();
  const askers = [bench.flight.board(false), bench.flight.board(false)];
  bench.headers();
  const [one, other] = await Promise.all(askers.map((asker) => bench.page(asker)));
  bench.send(start);
  await one?.upTo(1);
  await one?.leave();
  bench.send(middle, finish, done);
  bench.close();
  expect(await other?.toEnd()).toBe(whole);
  expect(bench.bodyText()).toBe(whole);
});

test('Flight counts an asker that leaves twice once', async () => {
  const bench = new Bench();
  const [one, other] = [bench.flight.board(false), bench.flight.board(false)];
  bench.headers();
  const page = await bench.page(other);
  one.leave();
  one.leave();
  bench.send(whole);
  bench.close();
  expect(await page.toEnd()).toBe(whole);
});

test('Flight closes upstream before its headers, when the last asker leaves', async () => {
  const bench = new Bench();
  const [one, other] = [bench.flight.board(false), bench.flight.board(false)];
  one.leave();
  await bench.settled();
  expect(bench.isAborted).toBe(false);
  other.leave();
  await bench.aborted;
  await bench.flight.ended;
  await expect(bench.flight.response).rejects.toThrow();
  expect(bench.landings).toEqual([refusedFor('aborted')]);
});

test('Flight reads to the end and keeps the answer, when one asker wanted it finished and all have left', async () => {
  const bench = new Bench();
  const [one, other] = [bench.flight.board(true), bench.flight.board(false)];
  bench.headers();
  const pages = await Promise.all([bench.page(one), bench.page(other)]);
  bench.send(start);
  for (const page of pages) await page.leave();
  await bench.settled();
  expect(bench.isAborted).toBe(false);
  bench.send(middle, finish, done);
  bench.close();
  await bench.flight.ended;
  expect(bench.bodyText()).toBe(whole);
});

test('Flight keeps the answer, when the asker leaves right after the terminator', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  bench.send(whole);
  await page.upTo(whole.length);
  await page.leave();
  await bench.aborted;
  await bench.flight.ended;
  expect(bench.bodyText()).toBe(whole);
  expect(bench.landings).toHaveLength(1);
});

test('Flight keeps nothing, when the asker leaves after the finish and before the terminator', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  bench.send(start, finish);
  await page.upTo(start.length + finish.length);
  await page.leave();
  await bench.flight.ended;
  expect(bench.landings).toEqual([refusedFor('aborted')]);
});

test('Flight keeps the answer a while after its terminator, when upstream stays open', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  bench.send(whole);
  expect(await page.upTo(whole.length)).toBe(whole);
  expect(bench.landings).toEqual([]);
  bench.timePasses();
  await bench.settled();
  expect(bench.bodyText()).toBe(whole);
  expect(bench.flight.joinable).toBe(false);
  // The page sees the connection as it is: still open, then closed.
  expect(bench.isAborted).toBe(false);
  bench.close();
  expect(await page.toEnd()).toBe('');
  await bench.flight.ended;
  expect(bench.landings).toHaveLength(1);
});

test('Flight refuses the answer, when an error follows the terminator while upstream stays open', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  bench.send(whole);
  await page.upTo(whole.length);
  bench.send(error);
  bench.timePasses();
  await bench.settled();
  bench.close();
  await bench.flight.ended;
  expect(bench.landings).toEqual([refusedFor('error')]);
  expect(await page.toEnd()).toBe(error);
});

test('Flight gives the page what comes after the answer was kept, and leaves the kept bytes alone', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  bench.send(whole);
  await page.upTo(whole.length);
  bench.timePasses();
  await bench.settled();
  bench.send(': still here\n\n');
  bench.close();
  expect(await page.toEnd()).toBe(': still here\n\n');
  expect(bench.bodyText()).toBe(whole);
});

test('Flight closes upstream once the answer is kept, when those who wanted it finished have left and upstream stays open', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(true);
  bench.headers();
  const page = await bench.page(asker);
  await page.leave();
  bench.send(whole);
  await bench.settled();
  bench.timePasses();
  await bench.settled();
  expect(bench.bodyText()).toBe(whole);
  expect(bench.isAborted).toBe(true);
});

test('Flight ends cleanly for all and keeps nothing, when upstream ends cleanly before its terminator', async () => {
  const bench = new Bench();
  const askers = [bench.flight.board(false), bench.flight.board(false)];
  bench.headers();
  const pages = await Promise.all(askers.map((asker) => bench.page(asker)));
  bench.send(start, finish);
  bench.close();
  expect(await Promise.all(pages.map((page) => page.toEnd()))).toEqual([start + finish, start + finish]);
  expect(bench.landings).toEqual([refusedFor('truncated')]);
});

test('Flight gives every asker the bytes and then the error, when upstream breaks', async () => {
  const bench = new Bench();
  const askers = [bench.flight.board(false), bench.flight.board(true)];
  bench.headers();
  const pages = await Promise.all(askers.map((asker) => bench.page(asker)));
  bench.send(start);
  for (const page of pages) expect(await page.upTo(start.length)).toBe(start);
  const broken = new TypeError('network error');
  bench.fail(broken);
  for (const page of pages) await expect(page.toEnd()).rejects.toBe(broken);
  await bench.flight.ended;
  expect(bench.landings).toEqual([refusedFor('truncated')]);
  expect(bench.flight.joinable).toBe(false);
});

test('Flight gives a slow asker the bytes it had before the error', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  bench.send(start);
  bench.send(middle);
  await bench.settled();
  bench.fail(new TypeError('network error'));
  await bench.flight.ended;
  expect(await page.upTo(start.length + middle.length)).toBe(start + middle);
  await expect(page.toEnd()).rejects.toThrow('network error');
});

test('Flight lands once and gives the error, when upstream breaks after the whole answer', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  bench.send(whole);
  await page.upTo(whole.length);
  bench.fail(new TypeError('network error'));
  await expect(page.toEnd()).rejects.toThrow('network error');
  await bench.flight.ended;
  expect(bench.landings).toHaveLength(1);
});

test('Flight rejects as the network does, when there is no answer', async () => {
  const bench = new Bench();
  bench.flight.board(false);
  const failure = new TypeError('Failed to fetch');
  bench.reject(failure);
  await expect(bench.flight.response).rejects.toBe(failure);
  await bench.flight.ended;
  expect(bench.landings).toEqual([refusedFor('error')]);
});

test('Flight leaves the response alone, when it is not to be kept', async () => {
  const bench = new Bench({ judge: () => 'status' });
  const asker = bench.flight.board(false);
  bench.headers({ status: 429 });
  const response = await bench.flight.response;
  await bench.flight.ended;
  expect(bench.flight.follow(asker)).toBeUndefined();
  expect(bench.flight.joinable).toBe(false);
  expect(bench.landings).toEqual([refusedFor('status')]);
  bench.send('slow down');
  bench.close();
  expect(await response.text()).toBe('slow down');
});

test('Flight keeps a JSON answer at its end, and not before', async () => {
  const bench = new Bench();
  const asker = bench.flight.board(false);
  bench.headers({ headers: { 'content-type': 'application/json' } });
  const page = await bench.page(asker);
  const answer = '{"choices":[{"index":0,"message":{"content":"Teal"},"finish_reason":"stop"}]}';
  bench.send(answer.slice(0, 20), answer.slice(20));
  await page.upTo(answer.length);
  bench.timePasses();
  await bench.settled();
  expect(bench.landings).toEqual([]);
  bench.close();
  await page.toEnd();
  await bench.flight.ended;
  expect(bench.bodyText()).toBe(answer);
});

test('Flight streams an answer that is too large on, unrecorded', async () => {
  const bench = new Bench({ mostBytes: start.length });
  const askers = [bench.flight.board(false), bench.flight.board(false)];
  bench.headers();
  const pages = await Promise.all(askers.map((asker) => bench.page(asker)));
  const texts = Promise.all(pages.map((page) => page.toEnd()));
  bench.send(start, middle);
  await bench.settled();
  expect(bench.landings).toEqual([refusedFor('too-large')]);
  expect(bench.flight.joinable).toBe(false);
  bench.send(finish, done);
  bench.close();
  expect(await texts).toEqual([whole, whole]);
  expect(bench.landings).toHaveLength(1);
});

test('Flight records an answer of exactly the most bytes', async () => {
  const bench = new Bench({ mostBytes: whole.length });
  bench.flight.board(false);
  bench.headers();
  await bench.flight.response;
  bench.send(start, middle, finish, done);
  bench.close();
  await bench.flight.ended;
  expect(bench.bodyText()).toBe(whole);
});

/** An upstream that has as many chunks as are asked for, and counts how many were. */
function endless(most: number) {
  const upstream = { pulled: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(new Uint8Array([upstream.pulled % 256]));
        if (++upstream.pulled === most) controller.close();
      },
      cancel() {
        upstream.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const landings: Landing[] = [];
  const flight = new Flight({
    send: async (signal) => {
      const passing = new TransformStream<Uint8Array, Uint8Array>();
      void body.pipeTo(passing.writable, { signal }).catch(() => {});
      return new Response(passing.readable, { headers: { 'content-type': 'text/event-stream' } });
    },
    judge,
    native: false,
    land: (landing) => landings.push(landing),
    after: () => new Promise(() => {}),
    pause: async () => void (await turn()),
    mostBytes: 10,
    held: new HeldBytes(1_000_000),
  });
  return { upstream, flight, landings };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('Flight reads an unrecorded answer no further ahead than a few chunks, when its asker is slow', async () => {
  const { upstream, flight, landings } = endless(1000);
  const asker = flight.board(false);
  await flight.response;
  const page = (flight.follow(asker) as ReadableStream<Uint8Array>).getReader();
  await turn();
  expect(landings).toEqual([refusedFor('too-large')]);
  const ahead = upstream.pulled;
  expect(ahead).toBeLessThan(50);
  for (let i = 0; i < 100; i++) expect((await page.read()).value).toEqual(new Uint8Array([i]));
  await turn();
  expect(upstream.pulled).toBeGreaterThan(99);
  expect(upstream.pulled).toBeLessThanOrEqual(100 + ahead);
  for (let i = 100; i < 1000; i++) expect((await page.read()).value).toEqual(new Uint8Array([i % 256]));
  expect((await page.read()).done).toBe(true);
});

test('Flight goes at the slowest asker’s pace, unrecorded, until that one leaves', async () => {
  const { upstream, flight } = endless(1000);
  const [quick, slow] = [flight.board(false), flight.board(false)];
  await flight.response;
  const quickPage = flight.follow(quick) as ReadableStream<Uint8Array>;
  const slowPage = flight.follow(slow) as ReadableStream<Uint8Array>;
  const all = new Response(quickPage).arrayBuffer();
  await turn();
  expect(upstream.pulled).toBeLessThan(50);
  await slowPage.cancel();
  // Nothing here waits for anything from outside: what can go on has gone on.
  for (let i = 0; i < 20; i++) await turn();
  expect(upstream.pulled).toBe(1000);
  expect((await all).byteLength).toBe(1000);
});

test('Flight closes upstream, unrecorded, when the last asker leaves', async () => {
  const { upstream, flight } = endless(1000);
  const asker = flight.board(false);
  await flight.response;
  const page = flight.follow(asker) as ReadableStream<Uint8Array>;
  await turn();
  await page.cancel();
  await flight.ended;
  await turn();
  expect(upstream.cancelled).toBe(true);
  expect(upstream.pulled).toBeLessThan(50);
});

/** A flight whose proof stays behind until `catchUp` is called: no pause ever ends. */
function behind(plan: Partial<FlightPlan> = {}): Bench {
  return new Bench({ pause: () => new Promise(() => {}), ...plan });
}

test.each([true, false])(
  'A page has the answer and its end before the proof has read any of it, native: %s',
  async (native) => {
    const bench = behind({ native });
    const { page } = await bench.begin();
    bench.send(whole);
    bench.close();
    expect(await page.toEnd()).toBe(whole);
    expect(bench.landings).toEqual([]);
    bench.flight.catchUp();
    expect(bench.bodyText()).toBe(whole);
    await bench.flight.ended;
    bench.flight.catchUp();
    expect(bench.landings).toHaveLength(1);
  },
);

test.each([true, false])(
  'An asker that boards between the end and the landing has every byte, native: %s',
  async (native) => {
    const bench = behind({ native });
    const { page: first } = await bench.begin();
    bench.send(whole);
    bench.close();
    expect(await first.toEnd()).toBe(whole);
    expect(bench.flight.joinable).toBe(true);
    const late = await bench.page(bench.flight.board(false));
    bench.flight.catchUp();
    expect(bench.flight.joinable).toBe(false);
    expect(await late.toEnd()).toBe(whole);
    expect(bench.bodyText()).toBe(whole);
  },
);

test('An answer that ended cut is not kept, when the proof reads it after the page has', async () => {
  const bench = behind();
  const { page } = await bench.begin();
  bench.send(start, middle);
  bench.close();
  expect(await page.toEnd()).toBe(start + middle);
  bench.flight.catchUp();
  expect(bench.landings).toEqual([refusedFor('truncated')]);
});

test('A landing that fails is nobody’s failure but its own, and the flight ends all the same', async () => {
  let landings = 0;
  const bench = behind({
    land: () => {
      landings++;
      throw new RangeError('no memory');
    },
  });
  const { page } = await bench.begin();
  bench.send(whole);
  bench.close();
  expect(await page.toEnd()).toBe(whole);
  bench.flight.catchUp();
  await bench.flight.ended;
  bench.flight.catchUp();
  expect([landings, bench.flight.joinable]).toEqual([1, false]);
});

test('Flight keeps the answer, when the asker leaves after a terminator that the proof has yet to read', async () => {
  const bench = behind();
  const { asker, page } = await bench.begin();
  bench.send(whole);
  await page.upTo(whole.length);
  asker.leave();
  expect(bench.bodyText()).toBe(whole);
  await bench.aborted;
});

test('Flight reads what came since the terminator, before it keeps an answer whose upstream stays open', async () => {
  const bench = new Bench();
  await bench.begin();
  bench.send(whole);
  await bench.settled();
  const pauses: (() => void)[] = [];
  // From now on the proof is behind.
  bench.pause = () => new Promise((resolve) => pauses.push(resolve));
  bench.send(error);
  await bench.settled();
  bench.timePasses();
  await bench.settled();
  expect(pauses).toHaveLength(1);
  expect(bench.landings).toEqual([]);
  bench.close();
  await bench.settled();
  bench.flight.catchUp();
  expect(bench.landings).toEqual([refusedFor('error')]);
});

test('Native followers have every byte, early and late, and the answer is kept', async () => {
  const bench = new Bench({ native: true });
  const early = bench.flight.board(false);
  bench.headers();
  const first = await bench.page(early);
  bench.send(start);
  expect(await first.upTo(start.length)).toBe(start);
  const second = await bench.page(bench.flight.board(false));
  bench.send(middle, finish, done);
  bench.close();
  expect(await second.toEnd()).toBe(whole);
  await first.toEnd();
  expect(bench.landings).toHaveLength(1);
  expect(bench.landings[0]?.kept).toBe(true);
});

test('Native followers get the error, and nobody else does, when upstream breaks', async () => {
  const bench = new Bench({ native: true });
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  bench.send(start);
  await page.upTo(start.length);
  bench.fail(new TypeError('network error'));
  await expect(page.toEnd()).rejects.toThrow('network error');
  await bench.flight.ended;
  expect(bench.landings).toEqual([refusedFor('truncated')]);
});

test('Native followers hold nothing up, when the answer is too large to be recorded', async () => {
  const bench = new Bench({ native: true, mostBytes: 10 });
  const asker = bench.flight.board(false);
  bench.headers();
  const page = await bench.page(asker);
  for (let i = 0; i < 100; i++) bench.send(middle);
  bench.close();
  await bench.flight.ended;
  expect(await page.toEnd()).toBe(middle.repeat(100));
  expect(bench.landings).toEqual([refusedFor('too-large')]);
});

test('Native followers close upstream when the last of them leaves', async () => {
  const bench = new Bench({ native: true });
  const asker = bench.flight.board(false);
  bench.headers();
  await bench.page(asker);
  asker.leave();
  await bench.aborted;
  expect(bench.landings).toEqual([refusedFor('aborted')]);
});

test('A flight that would hold too much together with others arrives whole and is not kept', async () => {
  const held = new HeldBytes(whole.length);
  const [one, other] = [new Bench({ held }), new Bench({ held })];
  const pages: Page[] = [];
  for (const bench of [one, other]) {
    bench.headers();
    pages.push(await bench.page(bench.flight.board(false)));
  }
  one.send(start);
  await one.settled();
  expect(held.count).toBe(start.length);
  other.send(start, middle, finish, done);
  other.close();
  expect(await pages[1]?.toEnd()).toBe(whole);
  expect(other.landings).toEqual([{ kept: false, reason: 'too-large', detail: 'together with others' }]);
  one.send(middle, finish, done);
  one.close();
  expect(await pages[0]?.toEnd()).toBe(whole);
  expect(one.bodyText()).toBe(whole);
  expect(held.count).toBe(0);
});

test.each(['read', 'left', 'failed'])('Nothing is held once a flight was %s', async (end) => {
  const held = new HeldBytes(1_000_000);
  const bench = new Bench({ held });
  const [reader, sleeper] = [bench.flight.board(false), bench.flight.board(false)];
  bench.headers();
  const [page, asleep] = [await bench.page(reader), await bench.page(sleeper)];
  bench.send(start, middle, middle, middle);
  await bench.settled();
  expect(held.count).toBe(start.length + 3 * middle.length);
  if (end === 'left') {
    reader.leave();
    sleeper.leave();
  } else {
    if (end === 'read') {
      bench.send(finish, done);
      bench.close();
    } else bench.fail(new TypeError('gone'));
    await page.toEnd().catch(() => {});
    expect(held.count).toBeGreaterThan(0);
    await asleep.toEnd().catch(() => {});
  }
  await bench.settled();
  expect(held.count).toBe(0);
});

test.each([true, false])(
  'An asker that boarded before the landing and follows after it gets all, native: %s',
  async (native) => {
    const held = new HeldBytes(1_000_000);
    const bench = new Bench({ native, held });
    const [first, late] = [bench.flight.board(false), bench.flight.board(false)];
    bench.headers();
    const page = await bench.page(first);
    bench.send(whole);
    bench.close();
    await bench.flight.ended;
    expect(bench.bodyText()).toBe(whole);
    expect(await (await bench.page(late)).toEnd()).toBe(whole);
    expect(await page.toEnd()).toBe(whole);
    expect(held.count).toBe(0);
  },
);

test.each([true, false])(
  'An asker that left before it follows gets an error, never other bytes, native: %s',
  async (native) => {
    const bench = new Bench({ native });
    const [stays, leaves] = [bench.flight.board(false), bench.flight.board(false)];
    bench.headers();
    const page = await bench.page(stays);
    bench.send(whole);
    leaves.leave();
    bench.close();
    expect(await page.toEnd()).toBe(whole);
    await bench.flight.ended;
    await expect((await bench.page(leaves)).toEnd()).rejects.toBeUndefined();
  },
);

test.each([true, false])(
  'Nothing is held once all was read and kept, though upstream stays open, native: %s',
  async (native) => {
    const held = new HeldBytes(1_000_000);
    const bench = new Bench({ native, held });
    const asker = bench.flight.board(false);
    bench.headers();
    const page = await bench.page(asker);
    bench.send(whole);
    expect(await page.upTo(whole.length)).toBe(whole);
    bench.timePasses();
    await bench.settled();
    expect(bench.bodyText()).toBe(whole);
    expect(held.count).toBe(0);
  },
);
