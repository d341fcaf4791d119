import type { Plugin, ResolvedConfig } from 'vite';
import { type BesidePwa, besidePwa } from './beside-pwa.ts';
import { checkScripts, readScript, serveScripts } from './built-scripts.ts';
import { clientBuildOf } from './client-build.ts';
import { checkOptions, type RefrainPluginOptions } from './plugin-options.ts';
import { baseOf, checkBase, optionsFor, scriptTag } from './script-tag.ts';

export type { RefrainOptions } from '../core/settings/refrain-options.ts';
export type { RefrainPluginOptions } from './plugin-options.ts';

/**
 * Vite plugins that put Refrain into an app: `refrain.js` and `refrain-sw.js` are served (dev) and emitted (build) at the
 * site's base, and the script tag becomes the first thing in the head of every HTML page. Where vite-plugin-pwa registers a
 * worker, Refrain becomes a part of that one, unless the option `worker` names another.
 *
 * @throws TypeError for an option that does not exist
 * @throws RangeError for a value of `when` or `inject` that is not understood
 */
export function refrain(options: RefrainPluginOptions = {}): Plugin[] {
  checkOptions(options);
  const { when = 'always' } = options;
  const pwa = options.worker === undefined ? besidePwa() : undefined;
  const plugins = pwa ? [pwa.plugin, scripts(options, pwa)] : [scripts(options)];
  return when === 'always' ? plugins : plugins.map((plugin) => ({ ...plugin, apply: when }));
}

/** @alias refrain */
export default refrain;

/** Serves and emits the scripts, and places the tag. */
function scripts({ inject = true, when: _, ...options }: RefrainPluginOptions, pwa?: BesidePwa): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'refrain',
    // Of tags put at the start of the head the last plugin's comes first.
    enforce: 'post',
    configResolved(resolved) {
      config = resolved;
      checkScripts();
    },
    configureServer({ middlewares }) {
      middlewares.use(serveScripts(config.base));
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { path }) {
        if (!inject) return [];
        const base = baseOf(config.base, path);
        checkBase(config.base, options);
        return [scriptTag(base, { ...options, ...optionsFor(pwa?.worker(), base, options.scope) })];
      },
    },
    async generateBundle() {
      if (!clientBuildOf(this.environment, config)) return;
      this.emitFile({ type: 'asset', fileName: 'refrain.js', source: await readScript('refrain.js') });
      if (!pwa?.worker())
        this.emitFile({ type: 'asset', fileName: 'refrain-sw.js', source: await readScript('refrain-sw.js') });
    },
  };
}
