import type { Normalize } from '../src/core/request/normalize.ts';
import { defaultPageSettings, type PageSettings, type WorkerSettings } from '../src/core/settings/options.ts';

/**
 * What an app says whose own worker has Refrain inside. The life of such a worker is the app's affair: its registration, when
 * a newer one takes over, which pages it claims. It never leaves by itself.
 */
export interface Host {
  /** Settings of clients that do not say their own. */
  readonly page: PageSettings;
  readonly worker: WorkerSettings;
  /** Pages may ask to be taken under control. */
  readonly claim: boolean;
  readonly normalize?: Normalize | undefined;
}

const silentHost: Host = { page: defaultPageSettings, worker: { endpoints: [], exclude: [] }, claim: false };

/** `undefined` where this is Refrain's own file; else the file was imported by a worker of the app's, by `importScripts`. */
export function hostOf({ location }: ServiceWorkerGlobalScope): Host | undefined {
  return /\/refrain-sw[^/]*\.js$/.test(location.pathname) ? undefined : silentHost;
}
