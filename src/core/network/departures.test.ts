import { expect, test } from 'vitest';
import type { Call } from './call.ts';
import { Departures } from './departures.ts';

/** Departures whose time passes when the test says so. */
class Bench {
  left = 0;
  looks = 0;
  gone = false;
  private waiting: (() => void)[] = [];
  readonly departures = new Departures(() => new Promise((resolve) => this.waiting.push(resolve)));
  settleHeaders: (works: boolean) => void = () => {};

  constructor(id: string | null = 'c1') {
    const headers = new Promise<void>((resolve, reject) => {
      this.settleHeaders = (works) => (works ? resolve() : reject(new TypeError('Failed to fetch')));
    });
    const call = {
      mark: id === null ? undefined : { call: id, cache: 'default', streamBody: false },
      isGone: async () => {
        this.looks++;
        return this.gone;
      },
    } as Call;
    this.departures.watch(call, headers, () => this.left++);
  }

  /** Half a second passes, and all that follows from it. */
  async timePasses(): Promise<void> {
    for (const resolve of this.waiting.splice(0)) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }

  get waits(): boolean {
    return this.waiting.length > 0;
  }
}

test('Departures tells of an abort, once', () => {
  const bench = new Bench();
  bench.departures.aborted('c1');
  bench.departures.aborted('c1');
  expect(bench.left).toBe(1);
});

test('Departures takes no notice of an abort of another call', () => {
  const bench = new Bench();
  bench.departures.aborted('c2');
  expect(bench.left).toBe(0);
});

test.each([true, false])(
  'Departures takes no notice of an abort after the headers, or after there were none: %s',
  async (works) => {
    const bench = new Bench();
    bench.settleHeaders(works);
    await bench.timePasses();
    bench.departures.aborted('c1');
    bench.gone = true;
    await bench.timePasses();
    expect(bench.left).toBe(0);
    expect(bench.waits).toBe(false);
  },
);

test('Departures tells of a client that is gone, once', async () => {
  const bench = new Bench();
  await bench.timePasses();
  expect([bench.looks, bench.left]).toEqual([1, 0]);
  bench.gone = true;
  await bench.timePasses();
  await bench.timePasses();
  expect([bench.looks, bench.left]).toEqual([2, 1]);
  expect(bench.waits).toBe(false);
});

test('Departures looks for the client of a call without a mark too', async () => {
  const bench = new Bench(null);
  bench.gone = true;
  await bench.timePasses();
  expect(bench.left).toBe(1);
});

test('Departures stops looking, when the app has aborted', async () => {
  const bench = new Bench();
  bench.departures.aborted('c1');
  await bench.timePasses();
  expect([bench.looks, bench.left]).toEqual([0, 1]);
  expect(bench.waits).toBe(false);
});

test('Departures tells of an abort between the headers and the end, and looks for nobody any more', async () => {
  const bench = new Bench();
  let left = 0;
  const call = { mark: { call: 'c2', cache: 'default', streamBody: false }, isGone: async () => true } as Call;
  bench.departures.watch(call, Promise.resolve(), () => left++, new Promise(() => {}));
  await bench.timePasses();
  expect(left).toBe(0);
  bench.departures.aborted('c2');
  bench.departures.aborted('c2');
  expect(left).toBe(1);
});

test('Departures takes no notice of an abort after the end, and of a call watched anew forgets the first watch alone', async () => {
  const bench = new Bench();
  const left: string[] = [];
  let ends = () => {};
  const end = new Promise<void>((resolve) => {
    ends = resolve;
  });
  const call = { mark: { call: 'c2', cache: 'default', streamBody: false }, isGone: async () => false } as Call;
  bench.departures.watch(call, Promise.resolve(), () => left.push('first'), end);
  bench.departures.watch(call, new Promise(() => {}), () => left.push('second'));
  ends();
  await bench.timePasses();
  bench.departures.aborted('c2');
  expect(left).toEqual(['second']);
});

test('Departures remembers the latest early aborts, however many came before', () => {
  const bench = new Bench();
  for (let i = 0; i < 3000; i++) bench.departures.aborted(`finished ${i}`);
  bench.departures.aborted('c9');
  let left = 0;
  const call = { mark: { call: 'c9', cache: 'default', streamBody: false }, isGone: async () => false } as Call;
  bench.departures.watch(call, new Promise(() => {}), () => left++);
  expect(left).toBe(1);
});
