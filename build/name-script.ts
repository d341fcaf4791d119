import type { Plugin } from 'vite';

/**
 * Begins a script with its name and version, after everything that makes it smaller. `npx refrain init` replaces what begins
 * so and nothing else; `npx refrain doctor` reads the version.
 */
export function nameScript(version: string): Plugin {
  return {
    name: 'name-script',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk') chunk.code = `/*! Refrain ${version} */\n${chunk.code}`;
      }
    },
  };
}
