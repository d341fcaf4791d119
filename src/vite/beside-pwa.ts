import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';
import { digestOf, readScript } from './built-scripts.ts';
import { clientBuildOf } from './client-build.ts';
import { addToBuiltWorker, findPwaWorker, type PwaWorker, withRefrain } from './pwa-worker.ts';

/** A neighbour to settle with. */
export interface BesidePwa {
  readonly plugin: Plugin;
  /** The worker to share, from the start of a build or of the dev server on; `undefined`: Refrain has its own. */
  worker(): PwaWorker | undefined;
}

/**
 * A scope has one worker: where vite-plugin-pwa registers one, Refrain becomes a part of that. In a build its file is changed
 * when the PWA has written it, since its options are out of reach; in a dev server, on its way out.
 */
export function besidePwa(): BesidePwa {
  let config: ResolvedConfig;
  let found: ReturnType<typeof findPwaWorker> | undefined;
  const worker = () => (typeof found === 'object' ? found : undefined);
  const plugin: Plugin = {
    name: 'refrain:beside-pwa',
    enforce: 'post',
    configResolved(resolved) {
      config = resolved;
    },
    buildStart() {
      // Asked once: when the app's modules are loaded vite-plugin-pwa may say less.
      found ??= findPwaWorker(config);
      if (found === 'not registered')
        this.warn('Cannot add Refrain to the worker of the PWA: injectRegister is off, the option worker is needed');
    },
    transform: {
      filter: { id: /dev-sw\.js\?dev-sw$/ },
      handler: (code) => (worker()?.type === 'classic' ? withRefrain(code, worker() as PwaWorker, 'dev') : null),
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler(error?: Error) {
        const build = clientBuildOf(this.environment, config);
        const pwa = worker();
        if (error || !pwa || !build || config.command !== 'build') return;
        const outDir = resolve(config.root, build.outDir);
        // Not before the PWA has listed what it precaches: browsers keep imported scripts with their worker.
        await writeFile(resolve(outDir, 'refrain-sw.js'), await readScript('refrain-sw.js'));
        await addToBuiltWorker(outDir, pwa, await digestOf('refrain-sw.js'));
      },
    },
  };
  return { plugin, worker };
}
