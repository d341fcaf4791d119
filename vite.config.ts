import { defineConfig, type UserConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { compressFirst } from './build/compress-first.ts';
import { dropUnusedMethods } from './build/drop-unused-methods.ts';
import { nameScript } from './build/name-script.ts';
import manifest from './package.json' with { type: 'json' };

const shared: UserConfig = { define: { __REFRAIN_VERSION__: JSON.stringify(manifest.version) }, publicDir: false };

/** What the worker, and these packages among themselves, call. */
const calledMethods = {
  'lru-cache': ['length', 'itemCount', 'values', 'reset', 'set', 'get', 'del', 'has'],
  yallist: ['removeNode', 'unshiftNode', 'unshift', 'forEach', 'toArray'],
  'workbox-core': [],
  'workbox-routing': ['addFetchListener', 'handleRequest', 'findMatchingRoute', 'registerRoute'],
};

/** What runs in browsers as a module: `import 'refrain'`, and in workers of an app's own: `import 'refrain/sw'`. */
const packageEntries: UserConfig = {
  ...shared,
  // Packages in it are for bundlers; these files run in browsers as they are, too.
  define: { ...shared.define, 'process.env.NODE_ENV': '"production"' },
  plugins: [dropUnusedMethods(calledMethods)],
  build: {
    target: 'es2022',
    emptyOutDir: false,
    rolldownOptions: { output: { chunkFileNames: 'browser/[name].js' } },
    lib: {
      entry: { index: 'src/page/index.ts', sw: 'sw/index.ts' },
      formats: ['es'],
      fileName: (_format, name) => `${name}.js`,
    },
  },
};

/** What runs in Node: the command line, the Vite plugin, the fixture. Packages stay imports, but what is small and ours alone. */
const nodeEntries: UserConfig = {
  ...shared,
  ssr: { noExternal: ['lru-cache', 'yallist', 'proper-lockfile', 'graceful-fs', 'retry', 'signal-exit'] },
  build: {
    target: 'node20',
    ssr: true,
    emptyOutDir: false,
    minify: false,
    rolldownOptions: {
      input: { cli: 'src/cli/index.ts', vite: 'src/vite/index.ts', playwright: 'src/playwright/index.ts' },
      output: { entryFileNames: '[name].js', chunkFileNames: 'node/[name].js' },
    },
  },
};

/**
 * Two self-contained classic scripts: the page script is this build's library entry; the worker is built beside it by
 * vite-plugin-pwa, from a folder of its own (`srcDir`), and precaches nothing.
 */
const scripts: UserConfig = {
  ...shared,
  build: {
    target: 'es2022',
    lib: { entry: 'src/page/script-tag.ts', name: 'refrainScript', formats: ['iife'], fileName: () => 'refrain.js' },
  },
  plugins: [
    compressFirst(),
    nameScript(manifest.version),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'sw',
      filename: 'refrain-sw.ts',
      manifest: false,
      injectRegister: false,
      // Nothing is precached, so there is no place to put a list.
      injectManifest: {
        injectionPoint: undefined as never,
        rollupFormat: 'iife',
        target: 'es2022',
        buildPlugins: { vite: [dropUnusedMethods(calledMethods), compressFirst(), nameScript(manifest.version)] },
      },
    }),
  ],
};

const modes: Readonly<Record<string, UserConfig>> = { package: packageEntries, node: nodeEntries };

export default defineConfig(({ mode }) => modes[mode] ?? scripts);
