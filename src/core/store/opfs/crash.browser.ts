import { afterAll, expect, test } from 'vitest';
import { type OpfsLimits, OpfsTier } from '../opfs-tier.ts';
import { expectSame, keyNamed, sampleEntry } from '../tier-contract.ts';

const root = await navigator.storage.getDirectory();
const folders: string[] = [];
const limits: OpfsLimits = { neighbours: 2, target: 6000, uncovered: 2 };
const budget = 40_000;

afterAll(async () => {
  for (const name of folders) await root.removeEntry(name, { recursive: true }).catch(() => {});
});

/** Lets so many operations on files happen; none after them does, as if the browser had been killed. */
class Power {
  done = 0;

  /** Written to and not closed. */
  readonly open = new Set<FileSystemWritableFileStream>();

  constructor(private readonly until: number) {}

  get isOff(): boolean {
    return this.done >= this.until;
  }

  async use<T>(operation: () => Promise<T>): Promise<T> {
    if (this.isOff) throw new DOMException('no power', 'AbortError');
    this.done++;
    return operation();
  }
}

/** The folder, as long as there is power. */
function powered(folder: FileSystemDirectoryHandle, power: Power): FileSystemDirectoryHandle {
  const writable = (stream: FileSystemWritableFileStream) => ({
    write: (content: Blob) => power.use(() => stream.write(content)),
    close: () =>
      power.use(async () => {
        power.open.delete(stream);
        await stream.close();
      }),
  });
  const file = (handle: FileSystemFileHandle) => ({
    kind: 'file',
    getFile: () => power.use(() => handle.getFile()),
    createWritable: () =>
      power.use(async () => {
        const stream = await handle.createWritable();
        power.open.add(stream);
        return writable(stream);
      }),
  });
  return {
    async *entries() {
      await power.use(async () => {});
      for await (const [name, handle] of folder.entries()) yield [name, file(handle as FileSystemFileHandle)];
    },
    getFileHandle: (name: string, options?: FileSystemGetFileOptions) =>
      power.use(async () => file(await folder.getFileHandle(name, options))),
    removeEntry: (name: string) => power.use(() => folder.removeEntry(name)),
  } as unknown as FileSystemDirectoryHandle;
}

/** What must be true after a crash: `kept` was acknowledged, `gone` was removed, `either` was under way. */
class Promised {
  readonly kept = new Map<string, number>();
  readonly either = new Set<string>();
}

function versionOf(name: string, version: number) {
  return sampleEntry(name, `${name} ${version} `.repeat(60), { storedAt: 1_000_000 + version });
}

function open(folder: FileSystemDirectoryHandle, clock: { now: number }): OpfsTier {
  const platform = {
    directory: async () => folder,
    exclusive: <T>(work: () => Promise<T>) => work(),
    now: () => {
      clock.now += 10;
      return clock.now;
    },
    report: () => {},
  };
  return new OpfsTier(platform, budget, limits);
}

/** A life of several workers: `+a` puts, `-a` removes, `*` maintains, `|` starts another worker, space flushes. */
async function live(script: string, folder: FileSystemDirectoryHandle, power: Power, clock: { now: number }) {
  const promised = new Promised();
  let tier = open(folder, clock);
  const waiting = new Map<string, number>();
  for (const [i, step] of [...script.matchAll(/[+-]\w|[*| ]/g)].map(([text]) => text).entries()) {
    const name = step[1] ?? '';
    if (step[0] === '+') {
      waiting.set(name, i);
      promised.either.add(name);
      await tier.put(versionOf(name, i));
    } else if (step[0] === '-') {
      promised.either.add(name);
      await tier.remove(({ key }) => key === keyNamed(name), 'purge').catch(() => []);
      if (power.isOff) break;
      promised.either.delete(name);
      promised.kept.delete(name);
      waiting.delete(name);
    } else if (step === '*') await tier.maintain();
    else if (step === '|') tier = open(folder, clock);
    else {
      await tier.flush();
      if (power.isOff) break;
      for (const [each, version] of waiting) {
        promised.kept.set(each, version);
        promised.either.delete(each);
      }
      waiting.clear();
    }
    if (power.isOff) break;
  }
  return promised;
}

const names = [...'abcdefgh'];

async function expectPromised(tier: OpfsTier, { kept, either }: Promised, at: number): Promise<void> {
  for (const name of names) {
    const got = await tier.get(keyNamed(name));
    if (got) await expectSame(got, versionOf(name, got.meta.storedAt - 1_000_000));
    if (either.has(name)) continue;
    const version = kept.get(name);
    expect([at, name, got && got.meta.storedAt - 1_000_000]).toEqual([at, name, version]);
  }
}

async function newFolder(): Promise<FileSystemDirectoryHandle> {
  const name = crypto.randomUUID();
  folders.push(name);
  return root.getDirectoryHandle(name, { create: true });
}

test.each([
  ['writes', '+a +b+c +a |+d +b '],
  ['removes', '+a+b +c -a +a -b |-c +c -a'],
  ['merges', '+a +b -a *+c +b *|+d *'],
  ['merges what was merged, with removals', '+a +b *+c +d *-b-d +e *|+f *-a *+g *'],
  ['starts from a checkpoint', '+a +b +c *|-a+b |+d *|-d -c *|+c '],
])(
  'OpfsTier keeps what it promised, when the browser dies at any step while it %s',
  async (_what, script) => {
    const whole = new Power(Infinity);
    const clock = { now: 1_000_000 };
    await live(script, powered(await newFolder(), whole), whole, clock);
    expect(whole.done).toBeGreaterThan(20);
    for (let until = 0; until <= whole.done; until++) {
      const power = new Power(until);
      const folder = await newFolder();
      const promised = await live(script, powered(folder, power), power, clock);
      // What a dead process held open is let go of.
      for (const stream of power.open) await stream.abort();
      const next = open(folder, clock);
      await expectPromised(next, promised, until);
      await next.maintain();
      await expectPromised(next, promised, until);
      await expectPromised(open(folder, clock), promised, until);
      await root.removeEntry(folder.name, { recursive: true });
    }
  },
  120_000,
);
