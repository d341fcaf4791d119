import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { type FixtureFileEntry, LLMock } from '@copilotkit/aimock';
import { freePort } from '../free-port.ts';

const answers = new URL('../../examples/chat/upstream.json', import.meta.url);
/** Milliseconds to the first token, and tokens a second: here nobody waits for a pace that looks real. */
const streamingProfile = { ttft: 30, tps: 1000 };

/** The example's simulated provider, which can be shut down, and then notes who still comes. */
export class Provider {
  private mock: LLMock | undefined;
  private closed: Server | undefined;
  private callsBefore = 0;
  private comers = 0;

  private constructor(private readonly port: number) {}

  /** One that is shut down. */
  static async create(): Promise<Provider> {
    const provider = new Provider(await freePort());
    await provider.shutDown();
    return provider;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Questions that arrived while it was up. */
  get calls(): number {
    return this.callsBefore + (this.mock?.getRequests().filter(({ method }) => method === 'POST').length ?? 0);
  }

  /** Connections that were opened to it while it was shut down. */
  get comersWhileShut(): number {
    return this.comers;
  }

  async start(): Promise<void> {
    await this.stop();
    const { fixtures } = JSON.parse(await readFile(answers, 'utf8')) as { fixtures: FixtureFileEntry[] };
    const quick = fixtures.map((fixture) => ({ ...fixture, streamingProfile }));
    this.mock = new LLMock({ port: this.port, host: '127.0.0.1' }).addFixturesFromJSON(quick);
    await this.mock.start();
  }

  async shutDown(): Promise<void> {
    await this.stop();
    this.closed = createServer((socket) => {
      this.comers++;
      socket.destroy();
    }).listen(this.port, '127.0.0.1');
    await once(this.closed, 'listening');
  }

  /** Leaves the port to others. */
  async stop(): Promise<void> {
    this.callsBefore = this.calls;
    await this.mock?.stop();
    this.mock = undefined;
    const { closed } = this;
    this.closed = undefined;
    if (closed) await new Promise((resolve) => closed.close(resolve));
  }
}
