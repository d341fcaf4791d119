import { afterAll, expect, test } from 'vitest';
import type { Entry } from '../entry.ts';
import { type OpfsLimits, OpfsTier } from '../opfs-tier.ts';
import { expectSame, keyNamed, nameOf, sampleEntry } from '../tier-contract.ts';
import { readRecords } from './rebuild.ts';
import { isNotes } from './record.ts';
import { readIndex } from './segment.ts';

/** Three files that are not merged yet become one; every maintenance writes a checkpoint. */
const limits: OpfsLimits = { neighbours: 3, target: 1_000_000, uncovered: 1 };
/** Cases that run side by side, each on a folder of its own. */
const lanes = 4;

type Bytes = Uint8Array<ArrayBuffer>;
type Files = ReadonlyMap<string, Bytes>;

/** Where something stands, from its first byte to behind its last. */
interface Range {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/** What is done to a store, and what it may cost. Whatever is not named here must be as before. */
interface Damage {
  readonly what: string;
  /** Content of files that are changed or new; `undefined`: deleted. */
  readonly changed: ReadonlyMap<string, Bytes | undefined>;
  /** May the answer that stood here be gone, and an older one be served? */
  readonly answer: (range: Range) => boolean;
  /** May what says here that an answer was removed be gone? */
  readonly removal: (range: Range) => boolean;
  /** Names of files that must be as they are, in the end too. */
  readonly alone?: readonly string[];
}

const none = () => false;

const root = await navigator.storage.getDirectory();
const folders: string[] = [];

afterAll(async () => {
  for (const name of folders) await root.removeEntry(name, { recursive: true }).catch(() => {});
});

class Folder {
  now = 1_000_000;

  private constructor(readonly handle: FileSystemDirectoryHandle) {}

  static async create(): Promise<Folder> {
    const name = crypto.randomUUID();
    folders.push(name);
    return new Folder(await root.getDirectoryHandle(name, { create: true }));
  }

  open(): OpfsTier {
    const platform = {
      directory: async () => this.handle,
      exclusive: <T>(work: () => Promise<T>) => navigator.locks.request(this.handle.name, work) as Promise<T>,
      now: () => {
        this.now += 10;
        return this.now;
      },
      report: () => {},
    };
    return new OpfsTier(platform, 10_000_000, limits);
  }

  async read(): Promise<Map<string, Bytes>> {
    const files = new Map<string, Bytes>();
    for await (const [name, handle] of this.handle.entries())
      files.set(name, new Uint8Array(await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer()));
    return files;
  }

  /** Makes the folder hold these files. Those of `dirty` may have lost their content. */
  async restore(files: Files, dirty: Iterable<string>): Promise<void> {
    const present = new Set<string>();
    for await (const name of this.handle.keys()) present.add(name);
    for (const name of dirty) present.delete(name);
    for (const name of present) if (!files.has(name)) await this.handle.removeEntry(name);
    for (const name of dirty) if (!files.has(name)) await this.handle.removeEntry(name).catch(() => {});
    for (const [name, content] of files) if (!present.has(name)) await this.write(name, content);
  }

  async write(name: string, content: Bytes): Promise<void> {
    const handle = await this.handle.getFileHandle(name, { create: true });
    const writable = await handle.createWritable();
    await writable.write(content);
    await writable.close();
  }
}

/** Short, so that there are few offsets; one is long enough to be compressed when it is merged. */
function answer(name: string, version = 1): Entry {
  const text = `${name}${version} `.repeat(name === 'a' ? 120 : 4);
  return sampleEntry(name, text, { url: 'https://a.example/', storedAt: 1000 + version });
}

const living = [...'abegh'];
const purged = [...'cf'];
/** The others have one version. */
const latest: Readonly<Record<string, number>> = { b: 2 };

/**
 * A small store with every kind of file: merged segments, one of them with a removal, a removal by itself, answers as they
 * came, one of which replaces an older one, a checkpoint that does not know the last, marks of what was served.
 */
class SmallStore {
  private constructor(
    readonly files: Files,
    /** Where the answers lie that count, by name; `b1` is the older answer of `b`. */
    private readonly answers: ReadonlyMap<string, Range>,
    /** Where it is said that an answer was removed. */
    private readonly removals: ReadonlyMap<string, Range>,
  ) {}

  static async create(): Promise<SmallStore> {
    const folder = await Folder.create();
    const tier = folder.open();
    const put = async (...entries: Entry[]) => {
      for (const entry of entries) await tier.put(entry);
      await tier.flush();
    };
    const remove = (name: string) => tier.remove(({ key }) => key === keyNamed(name), 'purge');
    for (const name of 'abc') await put(answer(name));
    await tier.maintain();
    await remove('c');
    for (const name of 'efg') await put(answer(name));
    await tier.maintain();
    await remove('f');
    tier.noteUse(keyNamed('a'));
    await tier.maintain();
    await put(answer('h'), answer('b', 2));
    const files = new Map([...(await folder.read())].sort(([one], [other]) => (one < other ? -1 : 1)));
    const [answers, removals] = [new Map<string, Range>(), new Map<string, Range>()];
    for (const [file, bytes] of files) {
      if (!file.endsWith('.segment')) continue;
      for (const { meta, flags, body, at, length } of await readRecords(new Blob([bytes]))) {
        const range = { file, from: at, to: at + length };
        if (flags & isNotes)
          for (const { key } of JSON.parse(new TextDecoder().decode(body)).removals) removals.set(nameOf(key), range);
        else answers.set(`${nameOf(meta.key)}${meta.storedAt - 1000}`, range);
      }
    }
    return new SmallStore(files, answers, removals);
  }

  get segments(): string[] {
    return [...this.files.keys()].filter((name) => name.endsWith('.segment'));
  }

  get checkpoint(): string {
    return [...this.files.keys()].find((name) => name.endsWith('.checkpoint')) ?? '';
  }

  bytesOf(name: string): Bytes {
    return this.files.get(name) ?? new Uint8Array();
  }

  /** Names of what is served and was not removed. Fails where that is a wrong byte, or something that must not be there, or less than must be. */
  async expectPromised(tier: OpfsTier, damage: Damage): Promise<string> {
    const found = await Promise.all(
      [...living, ...purged].map(async (name) => {
        const newest = latest[name] ?? 1;
        const got = await tier.get(keyNamed(name));
        const version = got && got.meta.storedAt - 1000;
        if (got) await expectSame(got, answer(name, version));
        const isRight = purged.includes(name)
          ? !got || damage.removal(this.removals.get(name) as Range)
          : version === newest || damage.answer(this.answers.get(`${name}${newest}`) as Range);
        expect([damage.what, name, version, isRight]).toEqual([damage.what, name, version, true]);
        return got && living.includes(name) ? name : '';
      }),
    );
    return found.join('');
  }

  /** The store is what it is made of: a fixture that is not says nothing. */
  async expectComplete(): Promise<void> {
    expect(this.segments).toHaveLength(4);
    expect(this.files.size).toBe(6);
    expect([...this.answers.keys()].sort().join(' ')).toBe('a1 b1 b2 c1 e1 f1 g1 h1');
    expect([...this.removals.keys()].sort()).toEqual(purged);
    const merged = await Promise.all(
      this.segments.map(async (name) => (await readIndex(new Blob([this.bytesOf(name)])))?.merged),
    );
    expect(merged).toEqual([true, true, false, false]);
  }
}

/** What a worker may do first with what it finds. */
const beginnings: readonly ((tier: OpfsTier) => Promise<unknown>)[] = [
  async () => {},
  (tier) => tier.maintain(),
  (tier) => tier.verify(),
  (tier) => tier.list(),
];

/** A worker starts on the damage, serves and stores; the next one serves the same. */
async function expectHolds(store: SmallStore, folder: Folder, damage: Damage, number: number): Promise<void> {
  for (const [name, content] of damage.changed)
    if (content) await folder.write(name, content);
    else await folder.handle.removeEntry(name);
  const tier = folder.open();
  await beginnings[number % beginnings.length]?.(tier);
  const served = await store.expectPromised(tier, damage);
  await tier.put(answer('i'));
  await tier.flush();
  await expectSame(await tier.get(keyNamed('i')), answer('i'));
  expect([damage.what, tier.trouble]).toEqual([damage.what, undefined]);
  const next = folder.open();
  expect([damage.what, await store.expectPromised(next, damage)]).toEqual([damage.what, served]);
  await expectSame(await next.get(keyNamed('i')), answer('i'));
  await next.maintain();
  const listed = (await next.list()).map(({ key }) => nameOf(key));
  expect([damage.what, [...served, 'i'].filter((name) => !listed.includes(name))]).toEqual([damage.what, []]);
  const files = await folder.read();
  for (const name of damage.alone ?? [])
    expect([damage.what, files.get(name)]).toEqual([damage.what, damage.changed.get(name)]);
}

async function expectAllHold(store: SmallStore, damages: readonly Damage[]): Promise<void> {
  expect(damages.length).toBeGreaterThan(0);
  let at = 0;
  const lane = async () => {
    const folder = await Folder.create();
    let dirty: Iterable<string> = [];
    while (at < damages.length) {
      const number = at++;
      const damage = damages[number] as Damage;
      await folder.restore(store.files, dirty);
      await expectHolds(store, folder, damage, number);
      dirty = damage.changed.keys();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function flipped(bytes: Bytes, at: number, bits: number): Bytes {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ bits;
  return copy;
}

/** The same as another version would write it. */
function ofVersion(number: string, bytes: Bytes): Bytes {
  const copy = bytes.slice();
  for (const at of [0, bytes.byteLength - 8])
    if (new TextDecoder().decode(copy.subarray(at, at + 8)) === 'REFRAIN2') copy[at + 7] = number.charCodeAt(0);
  return copy;
}

/** Names before and behind all others. */
const [oldest, youngest] = ['000000000000001-x', '000000999999999-x'];

function endingOf(name: string): string {
  return name.slice(name.lastIndexOf('.'));
}

/** Every file but the marks, of which any bytes are as good as any. */
function indexed(store: SmallStore): [name: string, bytes: Bytes][] {
  return [...store.files].filter(([name]) => name !== 'recently-used');
}

function deletions(store: SmallStore): Damage[] {
  const isIn = (file: string) => (range: Range) => range.file === file;
  return [...store.files.keys()].map((file) => ({
    what: `${file} deleted`,
    changed: new Map([[file, undefined]]),
    answer: isIn(file),
    removal: isIn(file),
  }));
}

function copies(store: SmallStore): Damage[] {
  return indexed(store).flatMap(([file, bytes]) =>
    [oldest, youngest].flatMap((name) => {
      const copy = [`${name}${endingOf(file)}`, bytes] as const;
      return [
        { what: `${file} doubled as ${name}`, changed: new Map([copy]), answer: none, removal: none },
        {
          what: `${file} renamed ${name}`,
          changed: new Map<string, Bytes | undefined>([copy, [file, undefined]]),
          answer: none,
          removal: none,
        },
      ];
    }),
  );
}

/** A checkpoint believes names: what has come under another's is found again when everything is read anew. */
function mixUps(store: SmallStore): Damage[] {
  return store.segments.flatMap((one) =>
    store.segments
      .filter((other) => other !== one)
      .flatMap((other) => {
        const content = store.bytesOf(other);
        return [
          {
            what: `${one} overwritten with ${other}`,
            changed: new Map([[one, content]]),
            answer: ({ file }: Range) => file === one,
            removal: ({ file }: Range) => file === one,
          },
          {
            what: `${one} and ${other} exchanged`,
            changed: new Map([
              [one, content],
              [other, store.bytesOf(one)],
            ]),
            answer: ({ file }: Range) => file === one || file === other,
            removal: ({ file }: Range) => file === one || file === other,
          },
        ];
      }),
  );
}

function strangers(store: SmallStore): Damage[] {
  const text = new TextEncoder().encode('somebody else has put this here, and it is longer than a footer'.repeat(3));
  const [segment = ''] = store.segments;
  const bytes = store.bytesOf(segment);
  const newer = ofVersion('3', bytes);
  const alone: Record<string, Bytes> = {
    'notes.txt': text,
    'text.segment': text,
    'copy.bak': bytes,
    [`${oldest}.segment`]: newer,
    [`${youngest}.segment`]: newer,
    [`${youngest}.checkpoint`]: ofVersion('3', store.bytesOf(store.checkpoint)),
    [`${oldest}.checkpoint`]: ofVersion('3', store.bytesOf(store.checkpoint)),
  };
  const others: Record<string, Bytes> = {
    'empty.segment': new Uint8Array(),
    [`${oldest}.checkpoint`]: new Uint8Array(),
    [`${youngest}.checkpoint`]: text,
    [`${segment}.crswap`]: bytes,
    [`${store.checkpoint}.crswap`]: bytes.slice(0, 100),
    [`${youngest}.segment`]: ofVersion('1', bytes),
    'recently-used': text,
    probe: text,
  };
  const damage = (name: string, content: Bytes) => ({
    what: `${name} of ${content.byteLength} bytes is there too`,
    changed: new Map([[name, content]]),
    answer: none,
    removal: none,
  });
  return [
    ...Object.entries(alone).map(([name, content]) => ({ ...damage(name, content), alone: [name] })),
    ...Object.entries(others).map(([name, content]) => damage(name, content)),
  ];
}

function flips(store: SmallStore, bits: number, offsets: Offsets): Damage[] {
  return indexed(store).flatMap(([file, bytes]) =>
    offsets(bytes.byteLength).map((at) => ({
      what: `${file} of ${bytes.byteLength} bytes, flipped at ${at}`,
      changed: new Map([[file, flipped(bytes, at, bits)]]),
      answer: (range) => range.file === file && range.from <= at && at < range.to,
      // It is said in two places.
      removal: none,
    })),
  );
}

/** The last letter of the magic at either end, made that of the version before or behind. */
function versions(store: SmallStore): Damage[] {
  const ends: Offsets = (length) => [7, length - 1];
  return [...flips(store, 0x01, ends), ...flips(store, 0x03, ends)];
}

function cuts(store: SmallStore, offsets: Offsets): Damage[] {
  return indexed(store).flatMap(([file, bytes]) =>
    offsets(bytes.byteLength).map((size) => {
      const isCut = (range: Range) => range.file === file && range.to > size;
      const what = `${file} of ${bytes.byteLength} bytes, cut to ${size}`;
      return { what, changed: new Map([[file, bytes.slice(0, size)]]), answer: isCut, removal: isCut };
    }),
  );
}

/** Which offsets of a file of so many bytes are tried. */
type Offsets = (length: number) => readonly number[];

/**
 * What docs/format.md promises of damaged files, on a small store: no wrong byte; every answer whose own bytes are there is
 * served; what was removed stays away as long as what says so is there; and the store goes on.
 * @param step of the offsets of each file, every so many are tried
 */
export function testDamage(step: number): void {
  const storing = SmallStore.create();
  const from =
    (first: number): Offsets =>
    (length) =>
      Array.from({ length: Math.ceil((length - first) / step) }, (_, i) => first + i * step);
  const kinds: readonly (readonly [sentence: string, damages: (store: SmallStore) => Damage[]])[] = [
    ['loses no answer but those of the file, when any file is deleted', deletions],
    ['loses nothing, when any file is doubled or renamed', copies],
    ['gives no wrong byte, when segments lie under the names of others', mixUps],
    ['loses nothing, and leaves alone what is not its own, when other files lie in its folder', strangers],
    ['loses nothing, when a file says at one end that it is of another version', versions],
    ['loses no answer but the damaged one, when a bit of any byte is flipped', (store) => flips(store, 0x01, from(0))],
    ['loses no answer but the damaged one, when any byte is flipped', (store) => flips(store, 0xff, from(1 % step))],
    ['loses no answer but those that are cut off, when any file is cut anywhere', (store) => cuts(store, from(0))],
  ];

  test('The small store has every kind of file', async () => {
    await (await storing).expectComplete();
  });

  test.each(kinds)(
    'OpfsTier %s',
    async (_sentence, damages) => {
      const store = await storing;
      await expectAllHold(store, damages(store));
    },
    1_800_000,
  );
}
