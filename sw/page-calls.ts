import { exportRecordings } from '../src/core/cassette/export-recordings.ts';
import { writeCassette } from '../src/core/cassette/write-cassette.ts';
import { wishesHeader } from '../src/core/protocol/mark.ts';
import {
  type CallName,
  type Calls,
  type DescribedRequest,
  type EntryFilter,
  type EntryInfo,
  type Explanation,
  protocolVersion,
  type ToWorker,
} from '../src/core/protocol/messages.ts';
import type { Stats } from '../src/core/report/stats.ts';
import { mayRead } from '../src/core/request/answer.ts';
import { find } from '../src/core/request/find.ts';
import { ask } from '../src/core/request/question.ts';
import { parseTtl } from '../src/core/settings/units.ts';
import type { EntryMeta } from '../src/core/store/entry.ts';
import type { Worker } from './worker.ts';

/** Replaced at build time by the package's version. */
declare const __REFRAIN_VERSION__: string;

export type PageCalls = ReturnType<typeof createPageCalls>;

type Handlers = { [K in CallName]: (argument: Calls[K]['argument'], client: Client) => Promise<Calls[K]['answer']> };

/** Answers the page API. Each rejection reaches the caller as its message. */
export function createPageCalls(worker: Worker) {
  const { engine, settings, pages, memory, opfs, statistics, scope, host } = worker;
  const { store, flights } = engine;
  return {
    async introduce(introduction, client) {
      pages.set(client.id, introduction.page);
      worker.cassettes.renew(introduction.page.cassette);
      await worker.introduce(introduction);
      return {
        version: __REFRAIN_VERSION__,
        protocol: protocolVersion,
        restricted: settings.restricted,
        embedded: host !== undefined,
      };
    },
    stats: () => readStats(worker),
    async entries(filter) {
      const accepts = acceptFilter(filter, engine.now());
      return (await store.list()).filter(({ meta }) => accepts(meta)).map(({ meta, tiers }) => infoOf(meta, tiers));
    },
    async erase() {
      flights.purge(() => true);
      // Files that cannot be read go with their folder.
      await store.remove(() => true, 'purge').catch(() => {});
      await worker.erase();
      return null;
    },
    async purge(filter) {
      const accepts = acceptFilter(filter, engine.now());
      flights.purge(accepts);
      if (Object.keys(filter).length === 0) await worker.cassettes.clear();
      return (await store.remove(accepts, 'purge', filter?.key === undefined ? undefined : [filter.key])).length;
    },
    async flush() {
      await store.flush();
      await statistics.save();
      return null;
    },
    verify: async () =>
      (await opfs.verify((progress) => worker.report({ type: 'verify-progress', ...progress }))) ?? null,
    exportCassette: (filter) => exportCassette(worker, filter),
    importCassette: ({ text, partial }) => worker.cassettes.import(text, partial),
    explain: (described, client) => explain(worker, described, client),
    reachable: (origin) => worker.policy.probe(origin),
    async claim() {
      const may = host?.claim ?? true;
      if (may) await scope.clients.claim();
      return may;
    },
    async forgetMemory() {
      await flights.whenIdle();
      await store.flush();
      await memory.remove(() => true, 'forget');
      return null;
    },
    async retire() {
      if (host) return null;
      // Never while a flight is open: its streams would break.
      do {
        await flights.whenIdle();
        await store.flush();
      } while (!flights.isIdle);
      scope.registration.waiting?.postMessage({ refrain: 'take-over' } satisfies ToWorker);
      return null;
    },
  } satisfies Handlers;
}

async function readStats({ engine, settings, memory, opfs, statistics }: Worker): Promise<Stats> {
  const [inMemory, onDisk, totals] = await Promise.all([
    memory.usage(),
    opfs.usage(),
    engine.store.totals(),
    statistics.read(),
  ]);
  const trouble = opfs.trouble;
  return {
    version: __REFRAIN_VERSION__,
    sinceInstall: statistics.sinceInstall,
    sinceBoot: statistics.sinceBoot,
    ...totals,
    memory: { ...inMemory, budget: settings.memory },
    opfs: onDisk,
    storage: trouble === undefined ? 'opfs' : 'memory',
    ...(trouble === undefined ? {} : { storageReason: trouble }),
  };
}

function infoOf(meta: EntryMeta, tiers: EntryInfo['tiers']): EntryInfo {
  const { headers: _headers, statusText: _statusText, request: _request, arrivals: _arrivals, ...shown } = meta;
  return { ...shown, tiers };
}

/** What is stored, without credentials; what would hold one is told, and left out. */
async function exportCassette({ engine, problem }: Worker, filter: EntryFilter): Promise<string> {
  const accepts = acceptFilter(filter, engine.now());
  const metas = (await engine.store.list()).map(({ meta }) => meta).filter(accepts);
  const { recordings, refused } = await exportRecordings(engine.store, metas);
  if (refused.length > 0)
    problem(
      `export ${refused}`,
      `Cannot export ${refused.length} of the answers: a member of theirs holds a credential, ${refused.slice(0, 3).join(', ')}`,
    );
  return writeCassette(recordings);
}

/** @throws RangeError when `olderThan` is no duration */
function acceptFilter(filter: EntryFilter, now: number): (meta: EntryMeta) => boolean {
  const { key, model, provider, partition, tag, url, olderThan } = filter;
  const partitions = typeof partition === 'string' ? [partition] : partition;
  const seconds = typeof olderThan === 'string' ? parseTtl(olderThan) : olderThan;
  if (olderThan !== undefined && typeof seconds !== 'number')
    throw new RangeError(
      `Cannot select entries by olderThan "${olderThan}": a number of seconds or a duration such as 12h is needed`,
    );
  return (meta) =>
    (key === undefined || meta.key === key) &&
    (model === undefined || meta.model === model) &&
    (provider === undefined || meta.provider === provider) &&
    (partitions === undefined || partitions.includes(meta.partition)) &&
    (tag === undefined || meta.tag === tag) &&
    (url === undefined || meta.url.startsWith(`${url}`)) &&
    (typeof seconds !== 'number' || now - meta.storedAt > seconds * 1000);
}

async function explain(worker: Worker, described: DescribedRequest, client: Client): Promise<Explanation> {
  const { engine, settings, pages, scope } = worker;
  await settings.read;
  const url = new URL(described.url);
  const match = described.method === 'POST' ? settings.matcher?.(url) : undefined;
  if (!match) return { matched: false, outcome: 'not-matched' };
  const headers = new Headers(described.headers as [string, string][]);
  const wishes = headers.get(wishesHeader);
  headers.delete(wishesHeader);
  const request = new Request(described.url, {
    method: described.method,
    headers,
    body: described.body,
    credentials: described.credentials,
  });
  const question = await ask(engine, {
    request,
    url,
    match,
    page: await pages.of(client.id, true, worker.byDefault),
    mark: { call: '', cache: described.cache, streamBody: false },
    headers,
    client: client.id,
    wishes,
    sameOrigin: url.origin === scope.location.origin,
    isGone: async () => false,
    extend: () => {},
  });
  if ('bypass' in question) return { matched: true, outcome: 'bypass', reason: question.bypass, format: match.format };
  const found = mayRead(question) ? await find(engine, question) : undefined;
  const fresh = found !== undefined && found.left > 0;
  return {
    matched: true,
    outcome: fresh ? 'hit' : 'miss',
    ...(fresh ? { tier: found.tier, ...(found.from ? { from: found.from } : {}) } : found ? { reason: 'stale' } : {}),
    format: question.format,
    ...(question.model === undefined ? {} : { model: question.model }),
    key: question.key,
    material: [...question.material, ['shape', question.read.shape]],
    leftOut: question.read.leftOut,
    ...(question.read.raw === undefined ? {} : { rawBody: question.read.raw }),
  };
}
