import type { Introduction, Question } from '../src/core/protocol/messages.ts';
import { defaultPageSettings, type PageSettings } from '../src/core/settings/options.ts';

/** How long a client has to say who it is, in milliseconds: a page whose main thread is busy must not hold its own call. */
const patience = 100;
/** Clients remembered; beyond this, those that are gone are forgotten. */
const mostClients = 100;

/** What it needs of the worker. */
export interface ClientsPlatform {
  readonly clients: Clients;
  readonly after: (milliseconds: number) => Promise<void>;
  /** Some page of the scope named settings without which an answer may be wrong. */
  readonly demanding: () => Promise<boolean>;
  /** No page of the scope has ever had the script, so that asking one costs its call 100 ms for nothing. */
  readonly scriptless: () => Promise<boolean>;
  readonly introduced: (introduction: Introduction) => Promise<void>;
}

/** Which page has which settings. Forgotten with the worker; a client nobody remembers is asked once. */
export class PageSettingsByClient {
  /** `undefined` for a client that was asked and did not answer. */
  readonly #known = new Map<string, PageSettings | Promise<PageSettings | undefined>>();

  /** Clients that were not asked. */
  readonly #spared = new Set<string>();

  readonly #platform: ClientsPlatform;

  constructor(platform: ClientsPlatform) {
    this.#platform = platform;
  }

  set(clientId: string, settings: PageSettings): void {
    this.#known.set(clientId, settings);
    this.#spared.delete(clientId);
    if (this.#known.size > mostClients) void this.#forgetGone();
  }

  /**
   * A client's settings: as it said, else the defaults; `undefined` where defaults could give a wrong answer.
   * Costs a lookup, or up to 100 ms once for a client that has not introduced itself.
   * @param hasScript the call itself tells that its page has the script
   */
  async of(
    clientId: string,
    hasScript = true,
    byDefault: PageSettings = defaultPageSettings,
  ): Promise<PageSettings | undefined> {
    if (hasScript && this.#spared.delete(clientId)) this.#known.delete(clientId);
    const known = this.#known.get(clientId) ?? this.#ask(clientId, hasScript);
    this.#known.set(clientId, known);
    const said = await known;
    if (said) return said;
    return (await this.#platform.demanding()) ? undefined : byDefault;
  }

  async #ask(clientId: string, hasScript: boolean): Promise<PageSettings | undefined> {
    const client = await this.#platform.clients.get(clientId);
    if (!client) return undefined;
    // The kill switch works for a page whose script never got to say so.
    if (new URL(client.url).searchParams.get('refrain') === 'off') return { ...defaultPageSettings, mode: 'off' };
    if (!hasScript && (await this.#platform.scriptless())) {
      this.#spared.add(clientId);
      return undefined;
    }
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise<PageSettings>((resolve) => {
      port1.onmessage = async ({ data }: MessageEvent<Introduction>) => {
        await this.#platform.introduced(data);
        // A late answer still counts for the calls after this one.
        this.set(clientId, data.page);
        resolve(data.page);
        port1.close();
      };
    });
    client.postMessage({ refrain: 'introduce-yourself' } satisfies Question, [port2]);
    return Promise.race([answered, this.#platform.after(patience).then(() => undefined)]);
  }

  async #forgetGone(): Promise<void> {
    for (const id of [...this.#known.keys()])
      if (!(await this.#platform.clients.get(id))) {
        this.#known.delete(id);
        this.#spared.delete(id);
      }
  }
}
