import { spawnSync } from 'node:child_process';
import puppeteer, { type Page } from 'puppeteer-core';
import { type Browser, type Engine, expressionOf, type StartOptions, type Tab } from './engine.ts';

const names = ['firefox-esr', 'firefox'];

/** Firefox over WebDriver BiDi. */
export const firefox: Engine = {
  name: 'Firefox',
  missing: () => (find() ? undefined : 'apt-get install firefox-esr gets it'),
  start,
};

function find(): string | undefined {
  for (const name of names) {
    const path = spawnSync('which', [name], { encoding: 'utf8' }).stdout?.trim();
    if (path) return path;
  }
  return undefined;
}

async function start({ isPrivate = false, workerLife }: StartOptions = {}): Promise<Browser> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: find() as string,
    headless: true,
    acceptInsecureCerts: true,
    // A promise of a page may take as long as a test.
    protocolTimeout: 20 * 60_000,
    // The kill of a worker is asked of the browser itself.
    args: ['--remote-allow-system-access'],
    extraPrefsFirefox: {
      ...(isPrivate && { 'browser.privatebrowsing.autostart': true }),
      ...(workerLife && {
        'dom.serviceWorkers.idle_timeout': workerLife,
        'dom.serviceWorkers.idle_extended_timeout': workerLife,
      }),
    },
  });
  return {
    version: await browser.version(),
    pid: browser.process()?.pid as number,
    async open(url) {
      const page = await browser.newPage();
      await page.goto(url);
      return tabOf(page);
    },
    killWorkers: () => inBrowserItself(browser, killAll),
    limitStorage: undefined,
    close: () => browser.close(),
  };
}

function tabOf(page: Page): Tab {
  return {
    evaluate: (async (work: unknown, argument?: unknown) =>
      page.evaluate(expressionOf(work, argument))) as Tab['evaluate'],
    async goto(url) {
      await page.goto(url);
    },
    show: () => page.bringToFront(),
    close: () => page.close(),
  };
}

/** The protocol's own commands, which puppeteer keeps to itself. */
interface Connection {
  send(
    method: string,
    params: object,
  ): Promise<{ result: { contexts: { context: string }[]; exceptionDetails?: { text: string } } }>;
}

/** Runs a function with the browser's own privileges. */
async function inBrowserItself(browser: object, work: () => Promise<void>): Promise<void> {
  const { connection } = browser as { connection: Connection };
  const { result: tree } = await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
  const { result } = await connection.send('script.evaluate', {
    expression: expressionOf(work, undefined),
    target: { context: tree.contexts[0]?.context },
    awaitPromise: true,
  });
  if (result.exceptionDetails) throw new Error(`Cannot do it in Firefox itself: ${result.exceptionDetails.text}`);
}

/** What Firefox's scripts find of its service workers. */
interface BrowserScope {
  Cc: Record<
    string,
    {
      getService(kind: unknown): {
        getAllRegistrations(): {
          length: number;
          queryElementAt(index: number, kind: unknown): { activeWorker: { terminateWorker(): Promise<void> } | null };
        };
      };
    }
  >;
  Ci: Record<string, unknown>;
}

async function killAll(): Promise<void> {
  const { Cc, Ci } = globalThis as unknown as BrowserScope;
  const all = Cc['@mozilla.org/serviceworkers/manager;1']?.getService(Ci.nsIServiceWorkerManager).getAllRegistrations();
  for (let i = 0; i < (all?.length ?? 0); i++)
    await all?.queryElementAt(i, Ci.nsIServiceWorkerRegistrationInfo).activeWorker?.terminateWorker();
}
