import { readAttributes } from '../src/core/settings/attributes.ts';
import { textsOf } from '../src/core/settings/option-texts.ts';
import type { Host } from './host.ts';
import type { InstallOptions } from './host-options.ts';
import { start } from './start.ts';
import type { Worker } from './worker.ts';

declare const self: ServiceWorkerGlobalScope;

/** Options as settings. @throws RangeError for a value that is not understood, or an option that does not exist */
export function readHost({ claim = false, normalize, ...options }: InstallOptions): Host {
  const { page, worker, bad } = readAttributes(textsOf(options), self.location.href);
  for (const { name, value, accepted } of bad) {
    const option = name.replace('data-', '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    throw new RangeError(`Cannot use the option ${option} "${value}": ${accepted} is accepted`);
  }
  return { page, worker, claim, normalize };
}

let made: Worker | undefined;

/** The one `Worker` of this service worker, made by whoever needs it first, with that one's budgets. */
export function workerOf(host: Host): Worker {
  made ??= start(self, host);
  return made;
}
