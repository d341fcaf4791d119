import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Gate } from '../upstream.ts';

/** One request it received. */
interface Http2Call {
  readonly body: string;
  state: 'open' | 'completed' | 'aborted';
}

/** An LLM API over HTTP/2 alone, with a certificate nobody vouches for. */
export class Http2Upstream {
  readonly calls: Http2Call[] = [];
  chunks: readonly (string | Buffer)[] = [];
  #gate: Gate | undefined;
  readonly #server: Http2SecureServer;
  readonly #sessions = new Set<Http2Session>();

  private constructor(certificate: string) {
    this.#server = createSecureServer({ key: certificate, cert: certificate });
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      // A browser that closes the connection is no matter.
      session.on('error', () => {});
    });
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      void this.#receive(stream, headers[':method'] === 'OPTIONS', headers.origin as string | undefined);
    });
  }

  /** Resolves with `undefined` where no certificate can be made. */
  static async start(): Promise<Http2Upstream | undefined> {
    const certificate = selfSigned();
    if (!certificate) return undefined;
    const upstream = new Http2Upstream(certificate);
    upstream.#server.listen(0, '127.0.0.1');
    await once(upstream.#server, 'listening');
    return upstream;
  }

  get origin(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Pieces of answers to calls that arrive from now on wait at the gate returned. */
  hold(): Gate {
    this.#gate = new Gate();
    return this.#gate;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(stream: ServerHttp2Stream, isPreflight: boolean, origin = '*'): Promise<void> {
    const allowed = {
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'authorization, content-type',
    };
    if (isPreflight) {
      stream.respond({ ':status': 204, ...allowed }, { endStream: true });
      return;
    }
    const gate = this.#gate;
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    const call: Http2Call = { body: Buffer.concat(parts).toString(), state: 'open' };
    this.calls.push(call);
    stream.on('close', () => {
      call.state = stream.rstCode === 0 && stream.writableFinished ? 'completed' : 'aborted';
    });
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream', ...allowed });
    for (const chunk of this.chunks) {
      await gate?.pass();
      if (stream.destroyed) return;
      stream.write(chunk);
    }
    await gate?.pass();
    stream.end();
  }
}

/** A key and its certificate in one text, valid for a day. */
function selfSigned(): string | undefined {
  const { status, stdout } = spawnSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'].concat([
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      '-',
      '-out',
      '-',
    ]),
    { encoding: 'utf8' },
  );
  return status === 0 ? stdout : undefined;
}
