import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RefrainEvent } from '../report/events.ts';
import { type Entry, type EntryMeta, sizeOf } from './entry.ts';
import type { Tier } from './tier.ts';

/** A tier with everything it reported. */
export interface TierOnTrial {
  readonly tier: Tier;
  readonly events: readonly RefrainEvent[];
  /** The same tier as the next worker finds it; absent where nothing outlives the worker. */
  readonly reopen?: () => Promise<Tier>;
}

const roomy = 10_000_000;
const encoder = new TextEncoder();

/** An entry whose key is made of the name. */
export function sampleEntry(
  name: string,
  body: string | Uint8Array<ArrayBuffer> = name,
  more?: Partial<EntryMeta>,
): Entry {
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  const meta: EntryMeta = {
    key: keyNamed(name),
    format: 'openai-chat',
    provider: 'openai',
    model: 'gpt-4o',
    url: 'https://api.example/v1/chat/completions',
    partition: 'none',
    statusText: 'OK',
    headers: [['content-type', 'text/event-stream']],
    storedAt: 1_000_000,
    ttl: 2_592_000,
    elapsed: 1200,
    tokens: { input: 5, output: 2 },
    bytes: bytes.byteLength,
    ...more,
  };
  // As answers often are, a part of a larger array.
  const larger = new Uint8Array(bytes.byteLength + 16);
  larger.set(bytes, 8);
  return { meta, body: larger.subarray(8, 8 + bytes.byteLength) };
}

/** A key as even as a digest, with the name in its second part. */
export function keyNamed(name: string): string {
  let hash = 0;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x9e37_79b1);
  const start = [hash ^ (hash >>> 15), Math.imul(hash, 0x85eb_ca6b)];
  return [...start, ...encoder.encode(name.padEnd(24, ' '))]
    .map((number, i) => (number >>> 0).toString(16).padStart(i < 2 ? 8 : 2, '0'))
    .join('');
}

/** The name a key was made of. */
export function nameOf(key: string): string {
  const codes = key.slice(16).match(/../g) ?? [];
  return String.fromCharCode(...codes.map((code) => Number.parseInt(code, 16))).trim();
}

/** The law of every tier (tier.ts), on one of them. */
export function testTier(name: string, create: (budget: number) => Promise<TierOnTrial>): void {
  for (const [sentence, holds] of laws)
    test(`${name}.${sentence}`, async () => {
      await holds(create);
    });
}

type Create = (budget: number) => Promise<TierOnTrial>;

const laws: readonly (readonly [sentence: string, holds: (create: Create) => Promise<void>])[] = [
  ['get gives undefined, when nothing was put', getsNothing],
  ['get gives an entry whole and unchanged, before and after a flush', getsWhole],
  ['get gives every byte, of bodies empty, binary and large', getsEveryByte],
  ['put gives a newer answer for a key its place', replaces],
  ['put takes many at once', takesMany],
  ['put leaves an entry whole or not at all, when it is larger than the budget', refusesTooLarge],
  ['remove takes what the test accepts, whether flushed or not, and resolves with its metas', removes],
  ['remove reports once what it took, and nothing when it took nothing', reportsRemoval],
  ['remove makes room for a new answer of the same key', takesAfterRemoval],
  ['list gives the metas of all entries, newest first', lists],
  ['usage tells entries, bytes and budget', tellsUsage],
  ['put never lets the bytes held pass the budget, and reports what was evicted', keepsBudget],
  ['setBudget evicts at once what no longer fits', shrinks],
  ['get gives what a plain map would, after any sequence of calls', behavesAsMap],
];

/** Fails unless both are the same entry, to the byte. Matchers take any two blobs for equal. */
export async function expectSame(got: Entry | undefined, entry: Entry | undefined): Promise<void> {
  expect(got?.meta).toEqual(entry?.meta);
  if (got && entry) expect(isSame(await bytesOf(got.body), await bytesOf(entry.body))).toBe(true);
}

async function expectEntry(tier: Tier, entry: Entry): Promise<void> {
  await expectSame(await tier.get(entry.meta.key), entry);
}

async function bytesOf(body: Entry['body']): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body).arrayBuffer());
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && one.every((byte, at) => byte === other[at]);
}

async function getsNothing(create: Create): Promise<void> {
  const { tier } = await create(roomy);
  expect(await tier.get(keyNamed('a'))).toBeUndefined();
  await tier.flush();
  expect(await tier.list()).toEqual([]);
  expect(await tier.usage()).toMatchObject({ entries: 0 });
}

async function getsWhole(create: Create): Promise<void> {
  const { tier } = await create(roomy);
  const entry = sampleEntry('a', 'data: é😀\n\n', {
    model: '模型',
    modelVersion: '2',
    servedBy: 'm-2026',
    tag: 'greeting',
    ttl: null,
    headers: [
      ['content-type', 'text/plain'],
      ['x-generation-id', '"\\'],
    ],
  });
  await tier.put(entry);
  await expectEntry(tier, entry);
  await tier.flush();
  await expectEntry(tier, entry);
  await expectEntry(tier, entry);
}

async function getsEveryByte(create: Create): Promise<void> {
  const { tier } = await create(roomy);
  const bodies = [new Uint8Array(0), Uint8Array.from({ length: 256 }, (_, i) => i), new Uint8Array(900_000).fill(7)];
  const entries = bodies.map((body, i) => sampleEntry(`${i}`, body));
  for (const entry of entries) await tier.put(entry);
  await tier.flush();
  for (const entry of entries) await expectEntry(tier, entry);
}

async function replaces(create: Create): Promise<void> {
  const { tier, events } = await create(roomy);
  const versions = [1, 2, 3].map((version) => sampleEntry('a', `version ${version}`, { storedAt: version }));
  const other = sampleEntry('b');
  await tier.put(versions[0] as Entry);
  await tier.put(other);
  await tier.put(versions[1] as Entry);
  await expectEntry(tier, versions[1] as Entry);
  await tier.flush();
  await expectEntry(tier, versions[1] as Entry);
  await tier.put(versions[2] as Entry);
  await tier.flush();
  await expectEntry(tier, versions[2] as Entry);
  await expectEntry(tier, other);
  expect(await tier.usage()).toMatchObject({ entries: 2 });
  expect(await tier.list()).toHaveLength(2);
  expect(events.filter(({ type }) => type === 'entry-remove')).toEqual([]);
}

async function takesMany(create: Create): Promise<void> {
  const { tier } = await create(roomy);
  const entries = Array.from({ length: 200 }, (_, i) => sampleEntry(`${i}-`, `answer ${i}`));
  await Promise.all(entries.map((entry) => tier.put(entry)));
  await tier.flush();
  await Promise.all(entries.map((entry) => expectEntry(tier, entry)));
  expect(await tier.usage()).toMatchObject({ entries: 200 });
}

async function refusesTooLarge(create: Create): Promise<void> {
  const { tier } = await create(2000);
  const entry = sampleEntry('a', 'x'.repeat(3000));
  await tier.put(entry);
  await tier.flush();
  const got = await tier.get(entry.meta.key);
  if (got) await expectSame(got, entry);
  expect((await tier.usage()).bytes).toBeLessThanOrEqual(2000);
}

async function removes(create: Create): Promise<void> {
  const { tier } = await create(roomy);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => sampleEntry(name, name, { tag: name === 'b' ? 'stay' : 'go' }));
  await tier.put(a as Entry);
  await tier.put(b as Entry);
  await tier.flush();
  await tier.put(c as Entry);
  const removed = await tier.remove(({ tag }) => tag === 'go', 'purge');
  expect(removed.map(({ key }) => nameOf(key)).sort()).toEqual(['a', 'c']);
  expect(removed).toContainEqual(a?.meta);
  await tier.flush();
  for (const name of ['a', 'c']) expect(await tier.get(keyNamed(name))).toBeUndefined();
  await expectEntry(tier, b as Entry);
  expect(await tier.usage()).toMatchObject({ entries: 1 });
}

async function reportsRemoval(create: Create): Promise<void> {
  const { tier, events } = await create(roomy);
  for (const name of ['a', 'b', 'c']) await tier.put(sampleEntry(name));
  await tier.flush();
  expect(await tier.remove(() => false, 'purge')).toEqual([]);
  expect(events).toEqual([]);
  await tier.remove(({ key }) => key !== keyNamed('b'), 'expire');
  expect(events).toEqual([{ type: 'entry-remove', reason: 'expire', keys: expect.anything(), tier: tier.name }]);
  const [event] = events;
  expect(event?.type === 'entry-remove' && event.keys.map(nameOf).sort()).toEqual(['a', 'c']);
}

async function takesAfterRemoval(create: Create): Promise<void> {
  const { tier } = await create(roomy);
  await tier.put(sampleEntry('a', 'old', { storedAt: 1 }));
  await tier.flush();
  await tier.remove(() => true, 'purge');
  const fresh = sampleEntry('a', 'new', { storedAt: 2 });
  await tier.put(fresh);
  await expectEntry(tier, fresh);
  await tier.flush();
  await expectEntry(tier, fresh);
}

async function lists(create: Create): Promise<void> {
  const { tier } = await create(roomy);
  const entries = [3, 1, 4, 2].map((storedAt) => sampleEntry(`${storedAt}`, 'x', { storedAt }));
  for (const entry of entries.slice(0, 2)) await tier.put(entry);
  await tier.flush();
  for (const entry of entries.slice(2)) await tier.put(entry);
  const listed = await tier.list();
  expect(listed.map(({ storedAt }) => storedAt)).toEqual([4, 3, 2, 1]);
  expect(listed).toContainEqual(entries[0]?.meta);
}

async function tellsUsage(create: Create): Promise<void> {
  const { tier } = await create(roomy);
  await tier.put(sampleEntry('a', 'replaced'));
  await tier.put(sampleEntry('a', 'x'.repeat(1000)));
  await tier.put(sampleEntry('b', 'y'.repeat(1000)));
  for (const flushed of [false, true]) {
    if (flushed) await tier.flush();
    const usage = await tier.usage();
    expect(usage).toMatchObject({ entries: 2, bodyBytes: 2000, budget: roomy });
    expect(usage.bytes).toBeGreaterThan(2000);
    expect(usage.bytes).toBeLessThan(6000);
  }
  await tier.remove(() => true, 'purge');
  expect(await tier.usage()).toEqual({ entries: 0, bodyBytes: 0, bytes: 0, budget: roomy });
}

function evicted(events: readonly RefrainEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'entry-remove' && event.reason === 'evict' ? event.keys : []));
}

async function keepsBudget(create: Create): Promise<void> {
  const entries = Array.from({ length: 30 }, (_, i) => sampleEntry(`${i}-`, 'x'.repeat(2000), { storedAt: i }));
  const budget = 15 * sizeOf(entries[0] as Entry);
  const { tier, events } = await create(budget);
  for (const entry of entries) {
    await tier.put(entry);
    await tier.flush();
    expect((await tier.usage()).bytes).toBeLessThanOrEqual(budget);
  }
  const present = (await tier.list()).map(({ key }) => key);
  expect(present.length).toBeGreaterThan(5);
  expect([...evicted(events), ...present].sort()).toEqual(entries.map(({ meta }) => meta.key).sort());
  await expectEntry(tier, entries.at(-1) as Entry);
  expect(await tier.get(keyNamed('0-'))).toBeUndefined();
}

async function shrinks(create: Create): Promise<void> {
  const { tier, events } = await create(roomy);
  const entries = Array.from({ length: 20 }, (_, i) => sampleEntry(`${i}-`, 'x'.repeat(500), { storedAt: i }));
  for (const entry of entries) {
    await tier.put(entry);
    await tier.flush();
  }
  const budget = 12 * sizeOf(entries[0] as Entry);
  tier.setBudget(budget);
  await tier.flush();
  const usage = await tier.usage();
  expect(usage).toMatchObject({ budget });
  expect(usage.bytes).toBeLessThanOrEqual(budget);
  expect(evicted(events)).toHaveLength(20 - usage.entries);
  expect(usage.entries).toBeGreaterThan(0);
}

type Step = 'put' | 'put all' | 'remove' | 'get' | 'flush' | 'reopen';

const names = ['a', 'b', 'c'];

/** A tier beside the map it must behave as. */
class Comparison {
  private readonly expected = new Map<string, Entry>();
  private storedAt = 0;

  constructor(
    private tier: Tier,
    private readonly reopen: (() => Promise<Tier>) | undefined,
  ) {}

  async take(step: Step, name: string): Promise<void> {
    if (step === 'put') await this.put(name);
    else if (step === 'put all') await Promise.all(names.map((each) => this.put(each)));
    else if (step === 'remove') await this.remove(name);
    else if (step === 'flush') await this.tier.flush();
    else if (step === 'reopen') this.tier = (await this.reopen?.()) ?? this.tier;
    await this.check(name);
  }

  async checkAll(): Promise<void> {
    for (const name of names) await this.check(name);
    expect(await this.tier.list()).toHaveLength(this.expected.size);
  }

  private put(name: string): Promise<void> {
    this.storedAt++;
    const entry = sampleEntry(name, `${name} ${this.storedAt}`, { storedAt: this.storedAt });
    this.expected.set(name, entry);
    return this.tier.put(entry);
  }

  private async remove(name: string): Promise<void> {
    this.expected.delete(name);
    await this.tier.remove(({ key }) => key === keyNamed(name), 'purge', [keyNamed(name), keyNamed('absent')]);
  }

  private async check(name: string): Promise<void> {
    await expectSame(await this.tier.get(keyNamed(name)), this.expected.get(name));
  }
}

async function behavesAsMap(create: Create): Promise<void> {
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom<Step>('put', 'put', 'put all', 'remove', 'remove', 'get', 'flush', 'flush', 'reopen', 'reopen'),
      fc.constantFrom(...names),
    ),
    { minLength: 5, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const { tier, reopen } = await create(roomy);
      const comparison = new Comparison(tier, reopen);
      for (const [step, name] of sequence) await comparison.take(step, name);
      await comparison.checkAll();
    }),
    { numRuns: 60 },
  );
}
