import { installAsking } from '../asking.ts';
import { test as base } from '../site.ts';
import type { StaticOrigin } from '../static-origin.ts';
import type { Browser, Engine, EngineName, Tab } from './engine.ts';
import { engines } from './engines.ts';

interface EngineFixtures {
  /** Tabs of the site. */
  visit: Visit;
}

interface EngineOptions {
  /** Which of them a project runs. */
  engineName: EngineName;
  engine: Engine;
  /** Shared by the tests of a Playwright worker: each has a site, and so a service worker, of its own. */
  driven: Browser;
}

/** Opens pages of a test's site, and closes them when it is over. */
export class Visit {
  readonly #tabs: Tab[] = [];

  constructor(
    readonly browser: Browser,
    readonly site: StaticOrigin,
  ) {}

  /** A page under Refrain's control. */
  async open(path = '/', origin = this.site.origin): Promise<Tab> {
    const tab = await this.openUncontrolled(path, origin);
    await tab.evaluate(() => window.refrain.ready);
    return tab;
  }

  async openUncontrolled(path = '/', origin = this.site.origin): Promise<Tab> {
    const tab = await this.browser.open(origin + path);
    this.#tabs.push(tab);
    await tab.evaluate(installAsking);
    return tab;
  }

  /** A page without Refrain: what an app gets from the network alone. */
  openBare(path = '/'): Promise<Tab> {
    return this.openUncontrolled(path, this.site.bareOrigin);
  }

  async leave(): Promise<void> {
    for (const tab of this.#tabs) await tab.close().catch(() => {});
  }
}

export const test = base.extend<EngineFixtures, EngineOptions>({
  engineName: ['Chromium', { option: true, scope: 'worker' }],
  engine: [({ engineName }, use) => use(engines[engineName]), { scope: 'worker' }],
  driven: [
    async ({ engine }, use) => {
      const browser = await engine.start();
      await use(browser);
      await browser.close();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  visit: async ({ driven, site }, use) => {
    const visit = new Visit(driven, site);
    await use(visit);
    await visit.leave();
  },
});

export { askOf, expect, withHeaders } from '../site.ts';
