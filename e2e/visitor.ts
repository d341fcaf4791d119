import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BrowserContext,
  type BrowserContextOptions,
  type CDPSession,
  chromium,
  expect,
  type Page,
} from '@playwright/test';
import { installAsking } from './asking.ts';
import { launchOptions } from './browser/find-chromium.mjs';
import type { StaticOrigin } from './static-origin.ts';

/** What a worker's version is seen to be, as `ServiceWorker.workerVersionUpdated` says it. */
interface WorkerVersion {
  readonly versionId: string;
  readonly scriptURL: string;
  readonly runningStatus: 'stopped' | 'starting' | 'running' | 'stopping';
  readonly status: 'new' | 'installing' | 'installed' | 'activating' | 'activated' | 'redundant';
}

/** Lines a page's console showed, each as `type: text`. */
export type ConsoleLines = readonly string[];

/** A person with a browser and a profile on disk, visiting the site. */
export class Visitor {
  private profile = '';
  private current: BrowserContext | undefined;
  private readonly consoles = new Map<Page, string[]>();
  private readonly errors: string[] = [];

  constructor(
    private readonly site: StaticOrigin,
    private readonly options: Pick<BrowserContextOptions, 'serviceWorkers'> & {
      /** Playwright switches the back/forward cache off, users have it on. */
      readonly pageCache?: boolean;
    } = {},
  ) {}

  get context(): BrowserContext {
    if (!this.current) throw new Error('Cannot use the browser: it is not started, arrive() comes first');
    return this.current;
  }

  /** Exceptions and rejections nobody handled, in all pages. */
  get pageErrors(): readonly string[] {
    return this.errors;
  }

  /** Starts the browser, with the profile it had before. Ports are known only now, so that origins can be told apart. */
  async arrive(): Promise<void> {
    this.profile ||= await mkdtemp(join(tmpdir(), 'refrain-e2e-'));
    const { args, ...browser } = launchOptions();
    this.current = await chromium.launchPersistentContext(this.profile, {
      ...browser,
      ...(this.options.pageCache && { ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
      ...(this.options.serviceWorkers && { serviceWorkers: this.options.serviceWorkers }),
      args: [
        ...args,
        '--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.localhost 127.0.0.1, MAP localhost 127.0.0.1',
        `--unsafely-treat-insecure-origin-as-secure=${this.site.remoteOrigin}`,
      ],
    });
    await this.current.addInitScript(installAsking);
    this.current.on('page', (page) => this.listen(page));
    for (const page of this.current.pages()) this.listen(page);
  }

  /** Quits the browser and starts it again on the same profile. */
  async restart(): Promise<void> {
    await this.context.close();
    await this.arrive();
  }

  /** Kills the browser in the middle of whatever it does, and starts it again on the same profile. */
  async kill(): Promise<void> {
    // `<host>-<pid>`: how Chromium keeps a second browser off the profile.
    const lock = await readlink(join(this.profile, 'SingletonLock'));
    const gone = this.context.waitForEvent('close');
    process.kill(Number(lock.split('-').at(-1)), 'SIGKILL');
    await gone;
    await this.arrive();
  }

  async leave(): Promise<void> {
    await this.current?.close();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Opens a page of the site in a new tab and waits until Refrain controls it. */
  async open(path = '/', origin = this.site.origin): Promise<Page> {
    const page = await this.openUncontrolled(path, origin);
    await page.evaluate(() => window.refrain.ready);
    return page;
  }

  /** Opens a page of the site in a new tab. */
  async openUncontrolled(path = '/', origin = this.site.origin): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(origin + path);
    return page;
  }

  /** Opens a page that has no Refrain: what an app gets from the network alone. */
  openBare(path = '/'): Promise<Page> {
    return this.openUncontrolled(path, this.site.bareOrigin);
  }

  /** What a page has written to its console since it was opened. */
  consoleOf(page: Page): ConsoleLines {
    return this.consoles.get(page) ?? [];
  }

  /** Stops every service worker, as the browser does when they idle, and resolves once they have stopped. */
  async stopWorkers(page: Page): Promise<void> {
    const watch = await this.watchWorkers(page);
    await watch.session.send('ServiceWorker.stopAllWorkers');
    await expect.poll(() => watch.running(), { message: 'workers stop' }).toEqual([]);
    await watch.session.detach();
  }

  /**
   * Watches the workers from a page's own debugging session, which does not keep them alive. The caller detaches
   * `session`.
   */
  async watchWorkers(page: Page) {
    const session: CDPSession = await this.context.newCDPSession(page);
    const versions = new Map<string, WorkerVersion>();
    const history: string[] = [];
    session.on('ServiceWorker.workerVersionUpdated', (update) => {
      for (const version of update.versions as WorkerVersion[]) {
        versions.set(version.versionId, version);
        history.push(version.runningStatus);
      }
    });
    await session.send('ServiceWorker.enable');
    return {
      session,
      /** Every running status seen, in order. */
      history,
      versions: () => [...versions.values()],
      running: () => [...versions.values()].filter(({ runningStatus }) => runningStatus !== 'stopped'),
    };
  }

  /** Takes the network away from pages and workers, or gives it back. */
  async offline(offline = true): Promise<void> {
    await this.context.setOffline(offline);
  }

  private listen(page: Page): void {
    const lines: string[] = [];
    this.consoles.set(page, lines);
    page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }
}
