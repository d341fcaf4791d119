import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request that reached the upstream, its body read whole. Preflights are kept apart. */
export interface Call {
  /** 1 for the first call this upstream received. */
  readonly number: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** `aborted`: the connection closed before the answer was written whole. */
  state: 'open' | 'completed' | 'aborted';
}

/** What the upstream answers. `gone` closes the connection without a byte. */
export type Answer =
  | 'gone'
  | {
      /** Default 200. */
      readonly status?: number;
      readonly statusText?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Body, written in these pieces; none is a response without a body. */
      readonly chunks?: readonly (string | Buffer)[];
      /** `reset` tears the connection down after the last piece, in place of ending the body. Default `end`. */
      readonly end?: 'end' | 'reset';
    };

/** Lets a test let an answer through step by step: its headers, each piece of its body, its end. */
export class Gate {
  private steps = 0;
  private readonly waiting: (() => void)[] = [];

  /** Lets `steps` more through. */
  release(steps = 1): void {
    this.steps += steps;
    while (this.steps > 0 && this.waiting.length > 0) {
      this.steps--;
      this.waiting.shift()?.();
    }
  }

  /** Lets everything through from now on. */
  open(): void {
    this.release(Number.POSITIVE_INFINITY);
  }

  /** Resolves when it is this step's turn. */
  pass(): Promise<void> {
    if (this.steps > 0) {
      this.steps--;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

/** Request headers the preflight allows: what browsers' SDKs of the providers send, and nothing of Refrain's. */
const allowedHeaders =
  /^(content-type|accept|authorization|openai-.*|x-stainless-.*|x-api-key|anthropic-.*|x-goog-.*|x-app-.*|cache-control|pragma|user-agent)$/;

/** An LLM API on an origin of its own, over HTTP/1.1, with exact CORS answers and a journal. */
export class Upstream {
  /** All requests but preflights, in the order of their arrival. */
  readonly calls: Call[] = [];
  readonly preflights: IncomingHttpHeaders[] = [];
  /** How the next calls are answered. */
  answer: (call: Call) => Answer = () => ({ status: 404 });
  /** Response headers scripts may read, beside the safelisted ones. */
  exposed = 'x-request-id, retry-after, x-ratelimit-remaining';

  private gate: Gate | undefined;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.receive(request, response));
  }

  static async start(): Promise<Upstream> {
    const upstream = new Upstream();
    upstream.server.listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    return upstream;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The same server under a name that is not the user's own machine's. */
  get remoteOrigin(): string {
    return `http://llm.refrain.test:${this.port}`;
  }

  /** The last call; throws when there was none. */
  get last(): Call {
    const call = this.calls.at(-1);
    if (!call) throw new RangeError('Cannot show the last call: the upstream has received none');
    return call;
  }

  /** Calls that arrive from now on wait at the gate returned, until the next `hold`. */
  hold(): Gate {
    this.gate = new Gate();
    return this.gate;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    allowOrigin(request, response, this.exposed);
    if (request.method === 'OPTIONS') {
      this.preflights.push(request.headers);
      answerPreflight(request, response);
      return;
    }
    const { gate } = this;
    let body: Buffer;
    try {
      body = await readAll(request);
    } catch {
      return; // The client left while it was still sending.
    }
    const call: Call = {
      number: this.calls.length + 1,
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body,
      state: 'open',
    };
    this.calls.push(call);
    response.on('close', () => {
      call.state = response.writableFinished ? 'completed' : 'aborted';
    });
    await write(this.answer(call), response, gate);
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function allowOrigin(request: IncomingMessage, response: ServerResponse, exposed: string): void {
  response.setHeader('vary', 'Origin');
  if (!request.headers.origin) return;
  response.setHeader('access-control-allow-origin', request.headers.origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-expose-headers', exposed);
}

/** Grants exactly what is asked for, or nothing when a header is asked for that no provider knows. */
function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const asked = request.headers['access-control-request-headers'] ?? '';
  if (asked.split(',').every((name) => allowedHeaders.test(name.trim()) || name === '')) {
    response.setHeader('access-control-allow-methods', request.headers['access-control-request-method'] ?? '');
    response.setHeader('access-control-allow-headers', asked);
  }
  response.writeHead(204).end();
}

async function write(answer: Answer, response: ServerResponse, gate: Gate | undefined): Promise<void> {
  await gate?.pass();
  if (answer === 'gone') return void (response.socket as Socket | null)?.resetAndDestroy();
  const { status = 200, statusText, headers = {}, chunks = [], end = 'end' } = answer;
  if (statusText) response.statusMessage = statusText;
  response.writeHead(status, headers);
  response.flushHeaders();
  for (const chunk of chunks) {
    await gate?.pass();
    if (response.destroyed) return;
    response.write(chunk);
  }
  await gate?.pass();
  if (end === 'end') return void response.end();
  // What was written goes out first; then the connection ends as no answer may.
  response.write('', () => (response.socket as Socket | null)?.destroy());
}
