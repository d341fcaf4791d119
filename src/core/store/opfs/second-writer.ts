import { type OpfsLimits, OpfsTier } from '../opfs-tier.ts';
import { keyNamed, sampleEntry } from '../tier-contract.ts';

/** What a tier in another thread is told to do. */
export type Order =
  | { readonly open: { readonly folder: string; readonly budget: number; readonly limits: OpfsLimits } }
  | { readonly put: readonly string[] }
  | { readonly remove: readonly string[] }
  | { readonly serve: readonly string[] }
  | { readonly maintain: true };

/** `held`: the lock is taken. `done`: the order with this number is. */
export type Answer = { readonly held: true } | { readonly done: number; readonly names: readonly string[] };

export interface Ordered {
  readonly number: number;
  readonly order: Order;
}

/** The answer to a name: 20 kB that compress badly, so that merging takes its time. */
export function answerNamed(name: string) {
  const bytes = new Uint8Array(20_000);
  let state = [...name].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x9e37_79b1), 1);
  for (let i = 0; i < bytes.length; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    bytes[i] = state >>> 24;
  }
  return sampleEntry(name, bytes, { ttl: null });
}

/** Runs a tier that takes its orders from a channel. In tests, a worker of its own runs this. */
export function takeOrders(channel: BroadcastChannel): void {
  let tier: OpfsTier | undefined;
  const say = (answer: Answer) => channel.postMessage(answer);
  const follow = async (order: Order): Promise<readonly string[]> => {
    if ('open' in order) {
      const { folder, budget, limits } = order.open;
      const root = await navigator.storage.getDirectory();
      tier = new OpfsTier(
        {
          directory: () => root.getDirectoryHandle(folder),
          exclusive: <T>(work: () => Promise<T>) =>
            navigator.locks.request(folder, () => {
              say({ held: true });
              return work();
            }) as Promise<T>,
          now: () => Date.now(),
          report: () => {},
        },
        budget,
        limits,
      );
      await tier.open();
    }
    if ('put' in order) {
      for (const name of order.put) {
        await tier?.put(answerNamed(name));
        await tier?.flush();
      }
    }
    if ('remove' in order) {
      const keys = order.remove.map(keyNamed);
      await tier?.remove(({ key }) => keys.includes(key), 'purge');
    }
    if ('maintain' in order) await tier?.maintain();
    if (!('serve' in order)) return [];
    const served = await Promise.all(order.serve.map((name) => tier?.get(keyNamed(name))));
    return order.serve.filter((_name, i) => served[i]);
  };
  channel.onmessage = async ({ data: { number, order } }: MessageEvent<Ordered>) =>
    say({ done: number, names: await follow(order) });
}
