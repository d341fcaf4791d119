import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build, createServer, type InlineConfig, type PluginOption, preview } from 'vite';

/** The plugin as it is built, which is what users get. */
export const { refrain }: typeof import('../src/vite/index.ts') = await import(
  new URL('../dist/vite.js', import.meta.url).href
);

/** What an app says in its `vite.config.js`. */
export interface AppConfig {
  readonly base?: string;
  readonly plugins: PluginOption[];
}

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <link rel="icon" href="data:,">
    <title>An app</title>
    <script type="module" src="/main.js"></script>
  </head>
  <body><main></main></body>
</html>
`;

/** A Vite app of two pages, in a folder of its own, with the servers that were started on it. */
export class ViteApp {
  private readonly closing: (() => Promise<unknown>)[] = [];

  private constructor(readonly folder: string) {}

  static async make(): Promise<ViteApp> {
    const app = new ViteApp(await mkdtemp(join(tmpdir(), 'refrain-vite-')));
    await app.write('index.html', page);
    await app.write('deep/index.html', page);
    await app.write('main.js', "document.querySelector('main').append('The app runs');");
    return app;
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), text);
  }

  /** A built file's text. */
  built(path: string): Promise<string> {
    return readFile(join(this.folder, 'dist', path), 'utf8');
  }

  /** Starts `vite`, and resolves with the app's origin. */
  async dev(config: AppConfig): Promise<string> {
    const server = await createServer({ ...this.inline(config), server: { port: 0 } });
    this.closing.push(() => server.close());
    await server.listen();
    return originOf(server.resolvedUrls);
  }

  async build(config: AppConfig): Promise<void> {
    const input = ['index.html', 'deep/index.html'].map((path) => join(this.folder, path));
    await build({ ...this.inline(config), build: { reportCompressedSize: false, rolldownOptions: { input } } });
  }

  /** Starts `vite preview` on what is built, and resolves with the app's origin. */
  async preview(config: AppConfig): Promise<string> {
    const server = await preview({ ...this.inline(config), preview: { port: 0 } });
    this.closing.push(() => server.close());
    return originOf(server.resolvedUrls);
  }

  /** Ends all its servers. */
  async stop(): Promise<void> {
    for (const close of this.closing.splice(0)) await close();
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true });
  }

  private inline(config: AppConfig): InlineConfig {
    return { ...config, root: this.folder, configFile: false, logLevel: 'silent' };
  }
}

function originOf(urls: { readonly local: readonly string[] } | null): string {
  const [url] = urls?.local ?? [];
  if (!url) throw new Error('Cannot open the app: its server has no URL, it has to listen');
  return new URL(url).origin;
}
