import { afterAll, afterEach, expect, test } from 'vitest';
import { type OpfsLimits, OpfsTier } from '../opfs-tier.ts';
import { expectSame, keyNamed } from '../tier-contract.ts';
import { type Answer, answerNamed, type Order, type Ordered } from './second-writer.ts';
import { readIndex } from './segment.ts';

const root = await navigator.storage.getDirectory();
const folders: string[] = [];
const writers: Writer[] = [];
const limits: OpfsLimits = { neighbours: 3, target: 16_000_000, uncovered: 2 };
const roomy = 100_000_000;

afterEach(() => {
  for (const writer of writers.splice(0)) writer.kill();
});

afterAll(async () => {
  for (const name of folders) await root.removeEntry(name, { recursive: true }).catch(() => {});
});

/** A tier in a worker of its own. */
class Writer {
  readonly #name = crypto.randomUUID();
  readonly #channel = new BroadcastChannel(this.#name);
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (names: readonly string[]) => void>();
  #orders = 0;
  #held: () => void = () => {};

  private constructor() {
    const url = new URL('./second-writer.entry.ts', import.meta.url);
    url.searchParams.set('channel', this.#name);
    this.#worker = new Worker(url, { type: 'module' });
    this.#channel.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ('held' in data) this.#held();
      else this.#waiting.get(data.done)?.(data.names);
    };
    writers.push(this);
  }

  static async start(folder: FileSystemDirectoryHandle, budget = roomy): Promise<Writer> {
    const writer = new Writer();
    await new Promise<unknown>((resolve) => writer.#waiting.set(0, resolve));
    await writer.do({ open: { folder: folder.name, budget, limits } });
    return writer;
  }

  /** Resolves when it is done; never, when the worker is killed before. */
  do(order: Order): Promise<readonly string[]> {
    const number = ++this.#orders;
    const done = new Promise<readonly string[]>((resolve) => this.#waiting.set(number, resolve));
    this.#channel.postMessage({ number, order } satisfies Ordered);
    return done;
  }

  /** Resolves when it takes the lock the next time. */
  holding(): Promise<void> {
    return new Promise((resolve) => {
      this.#held = resolve;
    });
  }

  kill(): void {
    this.#worker.terminate();
    this.#channel.close();
  }
}

async function newFolder(): Promise<FileSystemDirectoryHandle> {
  const name = crypto.randomUUID();
  folders.push(name);
  return root.getDirectoryHandle(name, { create: true });
}

function open(folder: FileSystemDirectoryHandle, now: () => number = Date.now): OpfsTier {
  const platform = {
    directory: async () => folder,
    exclusive: <T>(work: () => Promise<T>) => navigator.locks.request(folder.name, work) as Promise<T>,
    now,
    report: () => {},
  };
  return new OpfsTier(platform, roomy, limits);
}

function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

/** What is served of these names, each to the byte. */
async function servedOf(tier: OpfsTier, names: readonly string[]): Promise<string[]> {
  const served: string[] = [];
  for (const name of names) {
    const got = await tier.get(keyNamed(name));
    if (!got) continue;
    await expectSame(got, answerNamed(name));
    served.push(name);
  }
  return served;
}

/** How many records there are on disk of each key. */
async function copiesIn(folder: FileSystemDirectoryHandle): Promise<Map<string, number>> {
  const copies = new Map<string, number>();
  for await (const [name, handle] of folder.entries()) {
    if (!name.endsWith('.segment')) continue;
    const index = await readIndex(await (handle as FileSystemFileHandle).getFile());
    for (let i = 0; i < (index?.rows.count ?? 0); i++) {
      const key = index?.rows.key(i) ?? '';
      if (index?.rows.place(i, 1).length) copies.set(key, (copies.get(key) ?? 0) + 1);
    }
  }
  return copies;
}

test('Two workers that write, remove and merge at once lose nothing, bring nothing back and merge nothing twice', async () => {
  const folder = await newFolder();
  const [one, other] = await Promise.all([Writer.start(folder), Writer.start(folder)]);
  const kept: string[] = [];
  for (let round = 0; round < 5; round++) {
    const [ours, theirs, gone] = [named(`o${round}.`, 6), named(`t${round}.`, 6), named(`g${round}.`, 4)];
    await other.do({ put: gone });
    await Promise.all([
      one.do({ put: ours }),
      one.do({ maintain: true }),
      other.do({ put: theirs }),
      one.do({ remove: gone }),
      other.do({ maintain: true }),
      one.do({ maintain: true }),
    ]);
    kept.push(...ours, ...theirs);
    expect(await servedOf(open(folder), [...kept, ...gone])).toEqual(kept);
  }
  await Promise.all([one.do({ maintain: true }), other.do({ maintain: true })]);
  for (const writer of [one, other]) expect(await writer.do({ serve: kept })).toEqual(kept);
  const copies = await copiesIn(folder);
  expect([...copies.values()].filter((count) => count > 1)).toEqual([]);
  expect(copies.size).toBeGreaterThanOrEqual(kept.length);
  expect(await servedOf(open(folder), [...kept, ...named('g0.', 4), ...named('g4.', 4)])).toEqual(kept);
}, 60_000);

test('A worker that dies while it holds the lock is no obstacle to the other, and nothing is lost', async () => {
  const folder = await newFolder();
  const staying = await Writer.start(folder);
  const kept: string[] = [];
  const gone: string[] = [];
  for (let round = 0; round < 8; round++) {
    const dying = await Writer.start(folder);
    const names = named(`d${round}.`, 6);
    await dying.do({ put: names });
    kept.push(...names.slice(1));
    const holding = dying.holding();
    // By turns while it maintains and merges, and while it removes what the other removes then.
    void dying.do(round % 2 === 0 ? { maintain: true } : { remove: names.slice(0, 1) });
    await holding;
    for (let steps = 0; steps < 4 * round; steps++) await navigator.locks.query();
    dying.kill();
    await staying.do({ remove: names.slice(0, 1) });
    gone.push(names[0] as string);
    expect(await servedOf(open(folder), [...kept, ...gone])).toEqual(kept);
    await staying.do({ maintain: true });
    expect(await servedOf(open(folder), [...kept, ...gone])).toEqual(kept);
  }
  expect(await staying.do({ serve: [...kept, ...gone] })).toEqual(kept);
  expect((await navigator.locks.query()).held?.filter(({ name }) => name === folder.name)).toEqual([]);
}, 60_000);

test('What a worker writes anew is not taken for what another has just removed, however much that was', async () => {
  const folder = await newFolder();
  let now = 1_000_000;
  const [one, other] = [open(folder, () => now), open(folder, () => now)];
  const names = named('n', 50);
  for (const name of names) await one.put(answerNamed(name));
  await one.flush();
  await other.open();
  now += 100;
  await one.remove(({ key }) => key !== keyNamed('n0'), 'purge');
  now += 20;
  await other.put(answerNamed('n49'));
  await other.flush();
  expect(await servedOf(open(folder), names)).toEqual(['n0', 'n49']);
});

test('Two workers that evict at once keep to the budget, and what they leave is served to the byte', async () => {
  const folder = await newFolder();
  const budget = 200_000;
  const [one, other] = await Promise.all([Writer.start(folder, budget), Writer.start(folder, budget)]);
  const names = [...named('o', 20), ...named('t', 20)];
  await Promise.all([one.do({ put: names.slice(0, 4) }), other.do({ put: names.slice(20, 24) })]);
  await Promise.all([one.do({ serve: names.slice(0, 4) }), other.do({ serve: names.slice(20, 24) })]);
  await Promise.all([one.do({ put: names.slice(4, 20) }), other.do({ put: names.slice(24) })]);
  await Promise.all([one.do({ maintain: true }), other.do({ maintain: true })]);
  const tier = open(folder);
  expect((await tier.usage()).bytes).toBeLessThanOrEqual(budget);
  const served = await servedOf(tier, names);
  expect(served.length).toBeGreaterThan(4);
  expect(served).toContain('o19');
  expect(served).toContain('t19');
  expect((await tier.list()).length).toBe(served.length);
  expect([...(await copiesIn(folder)).values()].filter((count) => count > 1)).toEqual([]);
});
