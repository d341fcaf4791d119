import type { Cassettes } from '../cassette/cassettes.ts';
import { noCassettes } from '../cassette/no-cassettes.ts';
import { knownFormat, namedFormat } from '../formats/paths.ts';
import { wholeStreams } from '../formats/sample-answers.ts';
import { BodyReader } from '../key/body.ts';
import { Partitioner } from '../key/partition.ts';
import type { Call } from '../network/call.ts';
import { Departures } from '../network/departures.ts';
import type { RefrainEvent } from '../report/events.ts';
import { defaultPageSettings, type PageSettings } from '../settings/options.ts';
import { MemoryTier } from '../store/memory-tier.ts';
import { Store } from '../store/store.ts';
import type { Tier } from '../store/tier.ts';
import { answer, type Engine } from './answer.ts';
import { Flights } from './flights.ts';
import { Turns } from './turns.ts';

export const chat = 'https://api.example/v1/chat/completions';
export const question = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true };
export const stream = wholeStreams['openai-chat']?.text ?? '';
export const eventStream = { headers: { 'content-type': 'text/event-stream; charset=utf-8' } };

export interface Asked {
  url?: string;
  body?: BodyInit;
  headers?: Record<string, string>;
  page?: Partial<PageSettings>;
  /** The app named the URL. */
  named?: boolean;
  sameOrigin?: boolean;
  /** `x-refrain` */
  wishes?: string;
  /** fetch's cache mode */
  cache?: string;
}

/** A worker's engine over an upstream that answers as the test says. */
export class Bench {
  readonly events: RefrainEvent[] = [];
  readonly sent: Request[] = [];
  now = 1_000_000;
  respond: (request: Request) => Response | Promise<Response> = () => new Response(stream, eventStream);
  readonly departures = new Departures(() => new Promise(() => {}));
  cassettes: Cassettes = noCassettes;
  readonly engine: Engine;
  readonly flights: Flights;
  private readonly tiers: [Tier, ...Tier[]] = [new MemoryTier(10_000_000, () => {})];

  constructor() {
    const network = {
      fetch: async (request: Request) => {
        this.sent.push(request);
        return this.respond(request);
      },
      departures: this.departures,
      report: (event: RefrainEvent) => this.events.push(event),
    };
    const now = () => this.now;
    const store = new Store(this.tiers, now);
    this.flights = new Flights({
      ...network,
      store,
      now,
      native: false,
      after: () => new Promise(() => {}),
      pause: async () => {},
      busy: () => {},
      stored: () => {},
    });
    const secret = crypto.subtle.importKey('raw', new Uint8Array(32), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ]);
    this.engine = {
      ...network,
      bodies: new BodyReader(),
      partitions: new Partitioner(() => secret),
      store,
      flights: this.flights,
      cassettes: {
        find: (...what) => this.cassettes.find(...what),
        all: (...what) => this.cassettes.all(...what),
        isWhole: (...what) => this.cassettes.isWhole(...what),
      },
      turns: new Turns(),
      handOver: (body) => body,
      now,
      after: async () => {},
      paces: true,
    };
  }

  call({ url = chat, body = JSON.stringify(question), headers = {}, named = false, ...asked }: Asked): Call {
    const request = new Request(url, { method: 'POST', body, headers });
    const at = new URL(url);
    return {
      request,
      url: at,
      match: { format: named ? namedFormat(at) : (knownFormat(at) ?? 'generic'), named },
      page: { ...defaultPageSettings, ...asked.page },
      mark: { call: `c${this.sent.length}`, cache: asked.cache ?? 'default', streamBody: false },
      headers: new Headers(request.headers),
      client: 'page',
      wishes: asked.wishes ?? null,
      sameOrigin: asked.sameOrigin ?? false,
      isGone: async () => false,
      extend: (work) => void work.catch(() => {}),
    };
  }

  /** Asks and reads the answer to its end. */
  async ask(asked: Asked = {}): Promise<{ text: string; status: number; cached: string | null; response: Response }> {
    const response = await answer(this.engine, this.call(asked));
    const text = await response.text();
    await this.flights.whenIdle();
    return { text, status: response.status, cached: response.headers.get('cache-status'), response };
  }

  addTier(tier: Tier): void {
    this.tiers.push(tier);
  }

  types(): string[] {
    return this.events.map((event) => ('reason' in event ? `${event.type} ${event.reason}` : event.type));
  }
}
