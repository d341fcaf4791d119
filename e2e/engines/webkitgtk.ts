import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { withDeadline } from '../browser/devtools-pipe.mjs';
import { freePort } from '../free-port.ts';
import { type Browser, type Engine, expressionOf, type StartOptions, type Tab } from './engine.ts';

/** Milliseconds between two looks. */
const interval = 20;

/** WebKitGTK's MiniBrowser over WebDriver, on a screen of its own. Its automated windows are private ones. */
export const webkitgtk: Engine = {
  name: 'WebKitGTK',
  missing: () => (has('WebKitWebDriver') && has('Xvfb') ? undefined : 'apt-get install webkit2gtk-driver xvfb gets it'),
  start,
};

function has(program: string): boolean {
  return spawnSync('which', [program]).status === 0;
}

interface Session {
  readonly sessionId: string;
  readonly capabilities: { readonly browserVersion: string };
}

async function start(_options: StartOptions = {}): Promise<Browser> {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1024x768x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await once(screen.stdio[3] as NodeJS.ReadableStream, 'data');
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', [`--port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: `:${String(number[0]).trim()}` },
  });
  const server = `http://127.0.0.1:${port}`;
  const answers = async () => {
    while (
      !(await fetch(`${server}/status`).then(
        ({ ok }) => ok,
        () => false,
      ))
    )
      await pause();
  };
  const capabilities = { alwaysMatch: { acceptInsecureCerts: true } };
  const session = await withDeadline('the start of WebKitWebDriver', answers())
    .then(() => command(server, 'POST', '/session', { capabilities }) as Promise<Session>)
    .catch((error: unknown) => {
      driver.kill();
      screen.kill();
      throw error;
    });
  const { browserVersion } = session.capabilities;
  const windows = new Windows(`${server}/session/${session.sessionId}`);
  return {
    version: `WebKitGTK ${browserVersion}`,
    pid: driver.pid as number,
    async open(url) {
      const tab = await windows.openTab();
      await tab.goto(url);
      return tab;
    },
    killWorkers: undefined,
    limitStorage: undefined,
    async close() {
      // A window that hangs must not keep its browser alive.
      await withDeadline('the end of a session', windows.quit(), 5000).catch(() => {});
      await Promise.all([stop(driver), stop(screen)]);
    },
  };
}

/** A session's windows. WebDriver has one that is spoken to: commands wait for each other. */
class Windows {
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;
  /** The window the browser began with, from which others are opened: one that is closed cannot be spoken to. */
  #first: Promise<unknown> | undefined;

  readonly #session: string;

  constructor(session: string) {
    this.#session = session;
  }

  async openTab(): Promise<Tab> {
    this.#first ??= this.#send('GET', '/window');
    const first = await this.#first;
    const { handle } = (await this.#next(async () => {
      await this.#send('POST', '/window', { handle: first });
      return this.#send('POST', '/window/new', { type: 'tab' });
    })) as { handle: string };
    const inTab = (method: string, path: string, body?: object) =>
      this.#next(async () => {
        await this.#send('POST', '/window', { handle });
        return this.#send(method, path, body);
      });
    const script = (text: string) => inTab('POST', '/execute/sync', { script: text, args: [] });
    return {
      evaluate: async (work: unknown, argument?: unknown) => {
        // A script that waits would hold up every other command: it is started, and looked after.
        const at = `window.drivenByTest["${++this.#count}"]`;
        await script(
          `window.drivenByTest ??= {}; ${at} = {}; Promise.resolve().then(() => ${expressionOf(work, argument)}).then((value) => { ${at} = { done: true, value }; }, (error) => { ${at} = { done: true, error: String(error) }; });`,
        );
        for (;;) {
          const state = (await script(`return ${at}`)) as { done?: true; value?: unknown; error?: string };
          if (state.error !== undefined) throw new Error(state.error);
          if (state.done) return state.value as never;
          await pause();
        }
      },
      goto: async (url) => void (await inTab('POST', '/url', { url })),
      show: async () => void (await inTab('GET', '/window')),
      close: async () => void (await inTab('DELETE', '/window')),
    };
  }

  async quit(): Promise<void> {
    await this.#next(() => this.#send('DELETE', ''));
  }

  #send(method: string, path: string, body?: object): Promise<unknown> {
    return command(this.#session, method, path, body);
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}

/** Sends one command of WebDriver and resolves with its value. */
async function command(base: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(base + path, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: { error?: string; message?: string } | null };
  if (!response.ok) throw new Error(`Cannot do ${method} ${path}: ${value?.error}: ${value?.message}`);
  return value;
}

async function stop(process: ChildProcess): Promise<void> {
  const exited = once(process, 'exit');
  process.kill();
  await exited;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, interval));
}
