import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';

const names = ['refrain.js', 'refrain-sw.js'];
const dist = new URL('../../dist/', import.meta.url);

/** Serves the two built scripts from the site's root, as a user's own server would after copying them there. */
export function builtScripts(): Plugin {
  return {
    name: 'refrain-demo:built-scripts',
    configureServer({ middlewares }) {
      middlewares.use(serveScript);
    },
    configurePreviewServer({ middlewares }) {
      middlewares.use(serveScript);
    },
    async generateBundle() {
      for (const name of names) {
        this.emitFile({ type: 'asset', fileName: name, source: await readFile(new URL(name, dist)) });
      }
    },
  };
}

async function serveScript(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
  const name = names.find((each) => request.url?.split('?')[0] === `/${each}`);
  if (!name) return next();
  response.setHeader('cache-control', 'no-cache');
  try {
    const script = await readFile(new URL(name, dist));
    response.setHeader('content-type', 'text/javascript; charset=utf-8');
    response.end(script);
  } catch {
    response.statusCode = 404;
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(`dist/${name} does not exist yet. Run: npm run build\n`);
  }
}
