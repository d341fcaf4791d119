import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathOf } from './prepare.ts';
import { Gate } from './upstream.ts';

/** A file of the site beside its pages and the two built scripts. */
export interface SiteFile {
  readonly type: string;
  readonly body: string | Buffer;
}

/**
 * The server of an app that has put `refrain.js` and `refrain-sw.js` at its root. Every path that ends in `/` or `.html`
 * is a page whose head is the script tag; every field may change between two requests.
 */
export class StaticOrigin {
  /** Attributes of the script tag; `null`: the page has no tag. */
  attributes: Readonly<Record<string, string>> | null = {};
  /** An inline script directly after the tag. */
  inline = '';
  /** The rest of the page. */
  body = '';
  /** Response headers by path. */
  readonly headers = new Map<string, Readonly<Record<string, string>>>();
  /** More files by path. */
  readonly files = new Map<string, SiteFile>();
  /** Called before a path of the site's own is answered; a promise holds the answer. */
  readonly gates = new Map<string, Gate>();
  /** What is served as the worker, given the built one; `null`: nothing is there. */
  worker: (built: string) => string | null = (built) => built;
  /** Method and path of every request. */
  readonly requests: string[] = [];
  /** Answers calls to the app's own API; `undefined`: it has none at this path. */
  api: (
    request: IncomingMessage,
    body: Buffer,
  ) => { status?: number; headers?: Record<string, string>; body: string } | undefined = () => undefined;

  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(): Promise<StaticOrigin> {
    const site = new StaticOrigin();
    site.server.listen(0, '127.0.0.1');
    await once(site.server, 'listening');
    return site;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  /** The same site on another origin, where its pages have no script tag: what an app gets without Refrain. */
  get bareOrigin(): string {
    return `http://bare.localhost:${this.port}`;
  }

  /** The same site under a name that is not the user's own machine's, in a secure context. */
  get remoteOrigin(): string {
    return `http://app.refrain.test:${this.port}`;
  }

  /** The same site in an insecure context. */
  get insecureOrigin(): string {
    return `http://insecure.test:${this.port}`;
  }

  /** Requests for a path so far. */
  count(path: string): number {
    return this.requests.filter((request) => request === `GET ${path}`).length;
  }

  /** The next requests for `path` wait for the gate returned. */
  hold(path: string): Gate {
    const gate = new Gate();
    this.gates.set(path, gate);
    return gate;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://site').pathname;
    this.requests.push(`${request.method} ${path}`);
    const body: Buffer[] = [];
    for await (const part of request) body.push(part as Buffer);
    await this.gates.get(path)?.pass();
    for (const [name, value] of Object.entries(this.headers.get(path) ?? {})) response.setHeader(name, value);
    const own = this.api(request, Buffer.concat(body));
    if (own) {
      response.writeHead(own.status ?? 200, own.headers).end(own.body);
      return;
    }
    const file = this.fileAt(path, request.headers.host?.startsWith('bare.') ?? false);
    if (!file) {
      response.writeHead(404).end('Not found');
      return;
    }
    if (!response.hasHeader('content-type')) response.setHeader('content-type', file.type);
    response.setHeader('cache-control', 'no-cache');
    response.end(file.body);
  }

  private fileAt(path: string, bare: boolean): SiteFile | undefined {
    const file = this.files.get(path);
    if (file) return file;
    if (path.endsWith('/') || path.endsWith('.html'))
      return { type: 'text/html; charset=utf-8', body: this.page(bare) };
    if (path === '/refrain.js') return script(readFileSync(pathOf('refrain.js')));
    if (!path.endsWith('/refrain-sw.js')) return undefined;
    const worker = this.worker(readFileSync(pathOf('refrain-sw.js'), 'utf8'));
    return worker === null ? undefined : script(worker);
  }

  private page(bare: boolean): string {
    const attributes = Object.entries(this.attributes ?? {})
      .map(([name, value]) => ` ${name}="${value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`)
      .join('');
    const tag = bare || this.attributes === null ? '' : `<script src="/refrain.js"${attributes}></script>\n`;
    const inline = this.inline ? `<script>${this.inline}</script>\n` : '';
    return `<!doctype html>\n<meta charset="utf-8">\n<link rel="icon" href="data:,">\n<title>An app</title>\n${tag}${inline}${this.body}`;
  }
}

function script(body: string | Buffer): SiteFile {
  return { type: 'text/javascript; charset=utf-8', body };
}
