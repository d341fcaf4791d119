import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One event of OpenAI's chat, 64 KB long. */
const piece = `data: ${JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1760000000,
  model: 'gpt-4o-mini',
  choices: [{ index: 0, delta: { content: 'x'.repeat(65_000) }, finish_reason: null }],
})}\n\n`;

/** Bytes after which it says nothing more, for the sake of this machine: whoever has taken them takes any number. */
const endless = 250_000_000;

/** An LLM that talks on and on, as fast as somebody listens. */
export class EndlessUpstream {
  /** Bytes the listener's side has accepted, all calls together. */
  sent = 0;
  closed = 0;

  readonly #server: Server = createServer(async (request, response) => {
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    response.setHeader('access-control-allow-headers', 'authorization, content-type');
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    request.resume();
    const closed = once(response, 'close').then(() => this.closed++);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let said = 0; !response.destroyed && said < endless; said += piece.length) {
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), closed]);
      if (!response.destroyed) this.sent += piece.length;
    }
  });

  static async start(): Promise<EndlessUpstream> {
    const upstream = new EndlessUpstream();
    upstream.#server.listen(0, '127.0.0.1');
    await once(upstream.#server, 'listening');
    return upstream;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves with `sent` once nothing was accepted for three seconds: a busy machine may stall for one. */
  async whenStuck(): Promise<number> {
    let [before, quiet] = [0, 0];
    while (quiet < 3) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      quiet = this.sent === before && before > 0 ? quiet + 1 : 0;
      before = this.sent;
    }
    return before;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
