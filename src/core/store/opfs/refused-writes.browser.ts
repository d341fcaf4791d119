import { expect, test } from 'vitest';
import type { OpfsTier } from '../opfs-tier.ts';
import { keyNamed, sampleEntry } from '../tier-contract.ts';
import { Disk, hook, putEach } from './disk-on-trial.ts';
import { SegmentFolder } from './segment-folder.ts';

function versionOf(name: string, version: number, times = 200) {
  return sampleEntry(name, `${name}${version}`.repeat(times), { storedAt: 1_000_000 + version, ttl: null });
}

/** What is served, such as `a1 b2`. */
async function served(tier: OpfsTier, names: string): Promise<string> {
  const found: string[] = [];
  for (const name of names) {
    const entry = await tier.get(keyNamed(name));
    if (entry) found.push((await new Response(entry.body).text()).slice(0, 2));
  }
  return found.join(' ');
}

async function putTogether(tier: OpfsTier, names: string, version = 1): Promise<void> {
  for (const name of names) await tier.put(versionOf(name, version));
  await tier.flush();
}

const isNamed = (names: string) => {
  const keys = new Set([...names].map(keyNamed));
  return ({ key }: { key: string }) => keys.has(key);
};

test('A purge that cannot be written holds, and brings no earlier purge back', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const tier = disk.open();
  await putTogether(tier, 'jx');
  await putTogether(tier, 'k');
  await putTogether(tier, 'z');
  await tier.remove(isNamed('jk'), 'purge');
  await putTogether(tier, 'k', 2);
  hooks.isFull = true;
  expect(await tier.remove(isNamed('k'), 'purge')).toHaveLength(1);
  hooks.isFull = false;
  expect(await served(tier, 'jk')).toBe('');
  const next = await served(disk.open(), 'jkz');
  expect(next).toBe('z1');
});

test('A purge that cannot be written brings no older answer back, and tells what went with it', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const tier = disk.open();
  await putTogether(tier, 'zq');
  await tier.put(versionOf('z', 2));
  await putTogether(tier, 'k');
  hooks.isFull = true;
  await tier.remove(isNamed('k'), 'purge');
  hooks.isFull = false;
  expect(await served(disk.open(), 'zk')).toBe('');
  expect(disk.keysRemoved('evict')).toContain(keyNamed('z'));
});

test('An answer that cannot be written is a miss, not the older one, and is so for later workers once writing goes on', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const tier = disk.open();
  await putEach(
    tier,
    [...'abc'].map((name) => versionOf(name, 1)),
  );
  hooks.isFull = true;
  // Refused while it is tried, and refused because it was.
  await putTogether(tier, 'a', 2);
  expect(tier.trouble).toBeDefined();
  await putTogether(tier, 'b', 2);
  expect(await served(tier, 'abc')).toBe('c1');
  expect(await tier.has(keyNamed('a'))).toBe(false);
  hooks.isFull = false;
  disk.now += 60_000;
  await putTogether(tier, 'd');
  expect(await served(tier, 'abcd')).toBe('c1 d1');
  expect(await served(disk.open(), 'abcd')).toBe('c1 d1');
});

test('An answer for which there is no place in the queue is a miss, and a newer one that has a place stays', async () => {
  const disk = await Disk.create();
  const tier = disk.open(100_000_000);
  await putTogether(tier, 'kl');
  void tier.put(sampleEntry('x', new Uint8Array(31_000_000)));
  const long = new Uint8Array(2_000_000);
  await tier.put(sampleEntry('k', long, { storedAt: 2_000_000 }));
  await tier.put(sampleEntry('l', long, { storedAt: 2_000_000 }));
  expect(await tier.get(keyNamed('k'))).toBeUndefined();
  await tier.put(versionOf('l', 3));
  await tier.flush();
  await tier.put(versionOf('m', 1));
  await tier.flush();
  for (const each of [tier, disk.open()]) expect(await served(each, 'klm')).toBe('l3 m1');
});

test('Room that is made at once brings no older answer back', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const folder = new SegmentFolder(disk.folder, () => Date.now());
  await folder.open();
  const write = async (names: readonly (readonly [string, number])[], removed: readonly string[] = []) => {
    const stamp = folder.nextStamp();
    const records = names.map(([name, version]) => {
      const { meta, body } = versionOf(name, version, name === 'b' ? 20_000 : 200);
      return { meta, stamp, flags: 0, body: body as Uint8Array<ArrayBuffer> };
    });
    const removals = removed.map((name) => ({ key: keyNamed(name), stamp }));
    await folder.write({ records, removals, replaces: [], merged: removed.length > 0 }, stamp);
  };
  await write([
    ['y', 1],
    ['a', 1],
  ]);
  // Says that `y` was removed, so it stays; and holds an answer that the next one replaces.
  await write([['k', 1]], ['y']);
  await write([['k', 2]]);
  // So long that a tenth of all is more than the first holds.
  await write([['b', 1]]);
  disk.now = Date.now();
  const tier = disk.open();
  expect(await served(tier, 'yakb')).toBe('a1 k2 b1');
  hooks.isFull = true;
  await putTogether(tier, 'z');
  hooks.isFull = false;
  const next = await served(disk.open(), 'yakb');
  expect(next).not.toContain('y');
  expect(next).not.toContain('k1');
});

test('Segments that cannot be read for a moment are not taken for empty, when the checkpoint is damaged', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const limits = { neighbours: 100, target: 40_000, uncovered: 1 };
  const first = disk.open(100_000_000, limits);
  await putEach(
    first,
    [...'abcd'].map((name) => versionOf(name, 1)),
  );
  await first.maintain();
  const checkpoint = (await disk.names()).find((name) => name.endsWith('.checkpoint')) ?? '';
  const bytes = await disk.read(checkpoint);
  bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
  await disk.write(checkpoint, bytes);
  const next = disk.open(100_000_000, limits);
  await next.open();
  const { read } = hooks;
  hooks.read = async () => {
    throw new DOMException('not now', 'NotReadableError');
  };
  await next.usage();
  hooks.read = read;
  await putTogether(next, 'z');
  expect(await served(disk.open(), 'abcdz')).toBe('a1 b1 c1 d1 z1');
});

test('Merging that gave way to a removal is taken up again', async () => {
  const disk = await Disk.create();
  const hooks = await hook(disk);
  const tier = disk.open(100_000_000, { neighbours: 3, target: 40_000, uncovered: 100 });
  await putEach(
    tier,
    [...'abcdefgh'].map((name) => versionOf(name, 1)),
  );
  const reading = Promise.withResolvers<void>();
  hooks.read = async () => reading.resolve();
  const maintained = tier.maintain();
  await reading.promise;
  await tier.remove(() => false, 'purge');
  await maintained;
  expect(await disk.names()).toHaveLength(8);
  await tier.maintain();
  await tier.maintain();
  expect((await disk.names()).length).toBeLessThan(8);
});
