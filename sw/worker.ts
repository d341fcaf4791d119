import { BodyReader } from '../src/core/key/body.ts';
import { Partitioner } from '../src/core/key/partition.ts';
import { Departures } from '../src/core/network/departures.ts';
import { type BroadcastedEvents, eventChannelName, type Question } from '../src/core/protocol/messages.ts';
import type { RefrainEvent, Report } from '../src/core/report/events.ts';
import type { Engine } from '../src/core/request/answer.ts';
import { Flights } from '../src/core/request/flights.ts';
import type { Normalize } from '../src/core/request/normalize.ts';
import { Turns } from '../src/core/request/turns.ts';
import { defaultPageSettings, type PageSettings } from '../src/core/settings/options.ts';
import { MemoryTier } from '../src/core/store/memory-tier.ts';
import { OpfsTier } from '../src/core/store/opfs-tier.ts';
import { Store } from '../src/core/store/store.ts';
import { LoadedCassettes } from './cassettes.ts';
import { after } from './extend.ts';
import { createHandOver } from './hand-over.ts';
import type { Host } from './host.ts';
import { installSecret } from './install-secret.ts';
import { lockNamed } from './lock.ts';
import { PageSettingsByClient } from './page-settings.ts';
import { Policy } from './policy.ts';
import { Statistics } from './statistics.ts';
import { keptWhenLeft, StoredSettings } from './stored-settings.ts';

/** Brought back to memory after a start: at most so many of the most recent answers, and so many bytes. */
const warmUpEntries = 50;
const warmUpBytes = 4_000_000;
/** An entry that has been stale for so long is removed, in seconds. Until then `force-cache` may still use it. */
const staleFor = 24 * 60 * 60;
/** So long after the last call, in milliseconds, nobody is likely to wait. */
const quiet = 1000;
/** A busy worker looks after its disk no later than this, in milliseconds. */
const overdue = 60_000;
/** An answer's last bytes are with its page by then, in milliseconds: what is done for later must not hold them up. */
const settling = 20;
/** Between two beats, in milliseconds: a third of what Firefox allows. */
const beatInterval = 8000;

/** Everything of one worker, built once at its start. The only place that touches the platform's globals. */
export class Worker {
  readonly settings: StoredSettings;
  readonly pages: PageSettingsByClient;
  readonly statistics: Statistics;
  readonly policy: Policy;
  readonly memory: MemoryTier;
  readonly opfs: OpfsTier;
  readonly cassettes: LoadedCassettes;
  readonly engine: Engine;
  readonly departures = new Departures(after);
  readonly isChromium = 'userAgentData' in navigator;
  /**
   * Clients in the back/forward cache. They cannot be found among the clients, but may come back to their calls, which go
   * on meanwhile as they would without a worker (docs/discoveries/aborts.md): in Chromium. Firefox puts no page aside that
   * has calls, and WebKit ends them.
   */
  readonly aside = new Set<string>();
  /** Nothing is taken any more. */
  hasLeft = false;
  readonly #events: BroadcastChannel;
  readonly #unsent: RefrainEvent[] = [];
  #isWarm = false;
  #calls = 0;
  #lookedAfter = Date.now();
  #beating = false;

  /** @param host `undefined` where the worker is Refrain's own file */
  constructor(
    readonly scope: ServiceWorkerGlobalScope,
    readonly host?: Host,
  ) {
    const { registration } = scope;
    const directory = once(() => openDirectory(registration.scope));
    const segments = once(async () => folderIn(await directory(), 'segments'));
    const exclusive = lockNamed(`refrain segments ${registration.scope}`);
    const now = () => Date.now();
    const pause = () => after(settling);
    this.#events = new BroadcastChannel(eventChannelName(registration.scope));
    this.statistics = new Statistics(directory, after);
    this.policy = new Policy(scope, (origin) => this.problem('policy', forbiddenBy(origin, scope.location.pathname)));
    this.settings = new StoredSettings(
      { directory, now, conflict: (message) => this.problem('budgets', message) },
      host?.worker,
    );
    this.cassettes = new LoadedCassettes({
      directory,
      fetch: (url) => scope.fetch(url, { cache: 'no-cache' }),
      problem: (code, message) => this.problem(code, message),
    });
    this.pages = new PageSettingsByClient({
      clients: scope.clients,
      after,
      demanding: () => this.settings.read.then(() => this.settings.demanding),
      scriptless: () => this.settings.read.then(() => this.settings.isScriptless),
      introduced: (introduction) => this.introduce(introduction),
    });
    this.memory = new MemoryTier(this.settings.memory, this.report);
    this.opfs = new OpfsTier({ directory: segments, exclusive, now, pause, report: this.report }, this.settings.disk);
    const secret = once(() => installSecret(directory, registration.scope));
    const store = new Store([this.memory, this.opfs], now, (meta) => this.settings.hasDrifted(meta));
    // Firefox (docs/discoveries/worker-lifetime.md).
    const native = 'InternalError' in scope;
    const network = {
      fetch: (request: Request) => scope.fetch(request),
      departures: this.departures,
      report: this.report,
    };
    this.engine = {
      ...network,
      bodies: new BodyReader(),
      partitions: new Partitioner(secret),
      store,
      cassettes: this.cassettes,
      turns: new Turns(),
      normalize: host?.normalize ?? (scope as { refrainNormalize?: Normalize }).refrainNormalize,
      flights: new Flights({
        ...network,
        store,
        now,
        after,
        pause,
        native,
        busy: () => void this.beat(),
        stored: (meta) => this.settings.noteServed(meta),
      }),
      handOver: createHandOver(this.isChromium),
      now,
      after,
      paces: !native,
    };
    void this.settings.read.then(() => this.#applyBudgets());
    // The first call after a start waits for all of these: they are read side by side, not one after the other.
    void secret();
    // A worker that waits to take over must not read the answers' folder: its predecessor goes on writing.
    if ((scope.serviceWorker as ServiceWorker | undefined)?.state === 'activated') void this.opfs.open();
  }

  /** Settings of clients that do not say their own. */
  get byDefault(): PageSettings {
    return this.host?.page ?? defaultPageSettings;
  }

  readonly report: Report = (event) => {
    this.statistics.add(event);
    this.#unsent.push(event);
    if (this.#unsent.length > 1) return;
    // In a task of its own, and all that wait together: a message takes as long as answering from memory does.
    setTimeout(() => this.#events.postMessage({ events: this.#unsent.splice(0) } satisfies BroadcastedEvents));
  };

  readonly problem = (code: string, message: string): void => {
    this.report({ type: 'problem', code, message });
  };

  async introduce(introduction: Parameters<StoredSettings['introduce']>[0]): Promise<void> {
    await this.settings.introduce(introduction);
    this.hasLeft = false;
    this.#applyBudgets();
  }

  /**
   * While flights are open, pages are asked for a sign of life: its arrival is what keeps the worker alive. Without it
   * Firefox stops the worker 30 seconds after its last event, and every stream that passes through breaks.
   */
  async beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    while (!this.engine.flights.isIdle) {
      await after(beatInterval);
      if (this.engine.flights.isIdle) break;
      // Nobody would answer, and the app's own listeners are spared.
      if (this.settings.isScriptless) continue;
      for (const client of await this.scope.clients.matchAll().catch(() => []))
        client.postMessage({ refrain: 'beat' } satisfies Question);
    }
    this.#beating = false;
  }

  /**
   * Deletes the scope's folder, where there is a disk. Whatever is asked of it from now on fails, which is a miss. Rejects
   * where the browser does not delete it.
   */
  async erase(): Promise<void> {
    const root = await navigator.storage?.getDirectory?.();
    const ours = await root?.getDirectoryHandle('refrain', { create: true });
    const name = folderName(this.scope.registration.scope);
    // Made where it is not, so that it can be removed.
    await ours?.getDirectoryHandle(name, { create: true });
    await ours?.removeEntry(name, { recursive: true });
  }

  /**
   * The site has left Refrain: no call is taken any more, all answers go, which nobody could read or delete from then on, and
   * then the registration. Pages that have the script register it anew. Never rejects; what fails is tried again at the next
   * call after a restart.
   */
  async leave(): Promise<void> {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.engine.flights.purge(() => true);
    await this.engine.store.remove(() => true, 'purge').catch(() => {});
    await this.#eraseBut(keptWhenLeft).catch(() => {});
    await this.scope.registration.unregister().catch(() => {});
  }

  async #eraseBut(kept: string): Promise<void> {
    const directory = await openDirectory(this.scope.registration.scope);
    const names: string[] = [];
    for await (const name of directory.keys()) if (name !== kept) names.push(name);
    for (const name of names) await directory.removeEntry(name, { recursive: true }).catch(() => {});
  }

  /** A call has come: what is done for later gives way to it. */
  noteCall(): void {
    this.#calls++;
  }

  /** What waits until no call has come for a while: warming up, looking after the disk. Never rejects. */
  async afterResponse(): Promise<void> {
    const calls = this.#calls;
    const isBusy = () => calls !== this.#calls;
    const { now } = this.engine;
    await this.statistics.saveSoon();
    await after(quiet);
    if (isBusy() && now() - this.#lookedAfter < overdue) return;
    this.#lookedAfter = now();
    this.#isWarm ||= await this.#warmUp(isBusy).catch(() => true);
    await this.opfs.maintain();
  }

  /** Resolves with `false` where a call has come in between. */
  async #warmUp(isBusy: () => boolean): Promise<boolean> {
    const { store, now } = this.engine;
    if (!(await store.warmUp(warmUpEntries, warmUpBytes, isBusy))) return false;
    await this.memory.remove(
      ({ storedAt, ttl }) => ttl !== null && (now() - storedAt) / 1000 > ttl + staleFor,
      'expire',
    );
    // Reads every meta, so only when there is something to remove.
    await this.settings.removeOutdated((isOutdated) =>
      store.remove(
        ({ model, modelVersion }) =>
          model !== undefined && modelVersion !== undefined && isOutdated(model, modelVersion),
        'model-version',
      ),
    );
    return true;
  }

  #applyBudgets(): void {
    this.memory.setBudget(this.settings.memory);
    this.opfs.setBudget(this.settings.disk);
  }
}

function forbiddenBy(origin: string, script: string): string {
  return `Cannot cache calls to ${origin}: the Content-Security-Policy sent with ${script} forbids them, a connect-src that lists the origin is needed there, and a new deployment of the file; until then these calls go straight to the network`;
}

/** The folder of this scope: two scopes on one origin keep apart. */
async function openDirectory(scope: string): Promise<FileSystemDirectoryHandle> {
  if (typeof navigator.storage?.getDirectory !== 'function')
    throw new Error('this browser gives its workers no file system');
  if (!('createWritable' in FileSystemFileHandle.prototype))
    throw new Error("this browser's workers cannot write files");
  const root = await navigator.storage.getDirectory();
  return folderIn(await folderIn(root, 'refrain'), folderName(scope));
}

/** Found, or else made: asking for both at once takes longer, and a start waits for three in a row. */
async function folderIn(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemDirectoryHandle> {
  return folder.getDirectoryHandle(name).catch(() => folder.getDirectoryHandle(name, { create: true }));
}

function folderName(scope: string): string {
  return encodeURIComponent(new URL(scope).pathname);
}

/** The same promise for every caller. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined;
  return () => {
    promise ??= work();
    return promise;
  };
}
