import type { Evidence } from '../formats/evidence.ts';
import type { Follower } from '../formats/follow.ts';
import type { SkipReason } from '../report/events.ts';

/** What became of a flight's answer: proven complete, or why it is not kept. */
export type Landing =
  | { readonly kept: true; readonly body: Uint8Array<ArrayBuffer>; readonly evidence: Evidence }
  | { readonly kept: false; readonly reason: SkipReason; readonly detail?: string };

/** What a flight is given. */
export interface FlightPlan {
  readonly send: (signal: AbortSignal) => Promise<Response>;
  /** How this response is proven complete, or why it is never kept. */
  readonly judge: (response: Response) => Follower | SkipReason;
  /** Told once, when the answer is proven or lost. An entry can be read back when this returns. */
  readonly land: (landing: Landing, response: Response | undefined) => void;
  /** Told of every chunk that is recorded. */
  readonly arrived?: ((bytes: number) => void) | undefined;
  /** Resolves after so many milliseconds. */
  readonly after: (milliseconds: number) => Promise<void>;
  /** What the proof waits for before it reads what has come: bytes go to the page first. */
  readonly pause: () => Promise<void>;
  /** Bytes that are recorded at most; a longer answer streams on unrecorded. */
  readonly mostBytes: number;
  /** What all flights hold together. */
  readonly held: HeldBytes;
  /** Followers get clones of upstream's own body: one made of JavaScript would end cleanly when the worker dies. */
  readonly native: boolean;
}

/** Bytes that flights hold: of what they record, and of what their followers have yet to read. */
export class HeldBytes {
  count = 0;

  /** @param most beyond it, the flight that would hold more records no longer */
  constructor(readonly most: number) {}
}

/** How long a stream may stay open after its terminator before the recording is closed without it, in milliseconds. */
const lingers = 1000;
/** Chunks on their way to a follower: one, and the end behind it, need not wait until the page has read. */
const queued = 2;
/** Chunks an unrecorded flight reads ahead of its slowest follower. */
const readAhead = 16;

/** One that follows a flight, from before its headers until it has read the end or left. */
export interface Asker {
  /** The asker went away. Upstream is cancelled when it was the last. */
  leave(): void;
}

class Follow implements Asker {
  /** Index of the next chunk to read, counted from the flight's first. */
  next = 0;
  #wakeUp: () => void = () => {};

  constructor(readonly leave: () => void) {}

  wake(): void {
    this.#wakeUp();
  }

  news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeUp = resolve;
    });
  }
}

/**
 * One upstream read that any number of askers follow, each from byte 0 (RFC 9211 calls it collapsed). The bytes are
 * recorded while they pass and kept when they are proven complete. When the last asker leaves, upstream is closed, unless
 * one of them wanted it finished; what had its terminator by then is kept all the same.
 */
export class Flight {
  /** Upstream's own response. Its body belongs to the flight where `shared` is true. */
  readonly response: Promise<Response>;
  /** Settles when nothing more will be read or kept. Never rejects. */
  readonly ended: Promise<void>;
  /** A late asker can still get every byte. */
  joinable = true;

  readonly #controller = new AbortController();
  readonly #followers = new Set<Follow>();
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  /** Chunks already let go of, in front of `chunks`. */
  #dropped = 0;
  #bytes = 0;
  /** How many chunks the proof has read. Until the landing all of them are there. */
  #proven = 0;
  #isBehind = false;
  #state: 'open' | 'closed' | { readonly error: unknown } = 'open';
  #head: Response | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  #proof: Follower | undefined;
  /** Some asker wants the answer finished and kept, whoever leaves. */
  #finishes = false;
  #landed = false;
  #lingering = false;
  #markEnded: () => void = () => {};
  #makeRoom: () => void = () => {};

  readonly #plan: FlightPlan;

  constructor(plan: FlightPlan) {
    this.#plan = plan;
    this.ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
    this.response = plan.send(this.#controller.signal);
    this.response.then(
      (response) => this.#start(response),
      (error) => this.#lose('error', String(error)),
    );
  }

  /** Adds an asker. @param finishes upstream is read to its end even when every asker has left */
  board(finishes: boolean): Asker {
    this.#finishes ||= finishes;
    const follower: Follow = new Follow(() => this.#depart(follower));
    this.#followers.add(follower);
    return follower;
  }

  /** The answer's bytes for an asker, from byte 0, or `undefined` when this flight's body is not shared. */
  follow(asker: Asker): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
    if (!this.#proof) return undefined;
    const follower = asker as Follow;
    // It left while it waited for the headers: what it would read may be gone already.
    if (!this.#followers.has(follower)) return new ReadableStream({ start: (controller) => controller.error() });
    if (this.#plan.native && (!this.#landed || this.#state === 'closed')) {
      // It landed between this asker's boarding and now: all of it is here.
      const whole = this.#landed ? new Response(this.#recorded()) : (this.#head as Response).clone();
      // It sets its own pace, and keeps no chunk.
      follower.next = Number.POSITIVE_INFINITY;
      this.#letGo();
      return whole.body as ReadableStream<Uint8Array<ArrayBuffer>>;
    }
    return new ReadableStream(
      {
        pull: (controller) => this.#deliver(follower, controller),
        cancel: () => follower.leave(),
      },
      { highWaterMark: queued },
    );
  }

  #start(response: Response): void {
    this.#head = response;
    const judged = this.#plan.judge(response);
    if (typeof judged === 'string') {
      this.#lose(judged, undefined, response);
      return;
    }
    this.#proof = judged;
    const { body } = this.#plan.native ? response.clone() : response;
    this.#reader = (body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
    void this.#read(response, this.#reader);
  }

  async #read(response: Response, reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>): Promise<void> {
    try {
      for (;;) {
        if (this.#landed) await this.#room();
        const { done, value } = await reader.read();
        if (done) break;
        this.#take(value, response);
      }
      this.#state = 'closed';
      this.#fallBehind();
    } catch (error) {
      this.#lose('truncated', String(error), response);
      this.#state = { error };
      this.#end();
    }
    this.#wakeAll();
  }

  #take(chunk: Uint8Array<ArrayBuffer>, response: Response): void {
    const { held, mostBytes } = this.#plan;
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    held.count += chunk.byteLength;
    this.#plan.arrived?.(chunk.byteLength);
    if (!this.#landed) {
      if (this.#bytes > mostBytes) this.#lose('too-large', undefined, response);
      else if (held.count > held.most) this.#lose('too-large', 'together with others', response);
      else this.#fallBehind();
    }
    this.#letGo();
    this.#wakeAll();
  }

  /** Decision 0017: reading for the proof takes a third of the time that the bytes need to the page. */
  #fallBehind(): void {
    if (this.#isBehind) return;
    this.#isBehind = true;
    void this.#plan.pause().then(() => {
      this.#isBehind = false;
      this.catchUp();
    });
  }

  /**
   * Has the proof read all there is, and lands where upstream has ended. Else that happens by itself, a little later. Never
   * throws: whoever calls it has nothing to do with this answer.
   */
  catchUp(): void {
    try {
      this.#prove();
    } catch (error) {
      this.#lose('failed', String(error), this.#head);
    }
    if (this.#proof && this.#state === 'closed') this.#end();
  }

  #prove(): void {
    const [proof, response] = [this.#proof, this.#head];
    if (!proof || !response || this.#landed) return;
    for (; this.#proven < this.#chunks.length; this.#proven++)
      proof.push(this.#chunks[this.#proven] as Uint8Array<ArrayBuffer>);
    if (this.#state === 'closed') this.#landAtEnd(response);
    else if (!this.#lingering && proof.soFar().complete) this.#linger(response);
  }

  #end(): void {
    this.joinable = false;
    this.#markEnded();
    this.#letGo();
  }

  /** A server may leave the connection open after the terminator: the recording does not wait for it for long. */
  #linger(response: Response): void {
    this.#lingering = true;
    void this.#plan.after(lingers).then(() => {
      this.catchUp();
      this.#lingering = false;
      if (this.#landed || !this.#proof?.soFar().complete) return;
      this.#keep(response);
      // Nobody reads what may still come.
      if (this.#followers.size === 0) this.#closeUpstream();
    });
  }

  #landAtEnd(response: Response): void {
    if (this.#landed || !this.#proof) return;
    const verdict = this.#proof.end(() => this.#recorded());
    if (verdict.complete) this.#keep(response);
    else this.#lose(verdict.reason, verdict.detail, response);
  }

  #keep(response: Response): void {
    const { evidence } = this.#proof as Follower;
    let body: Uint8Array<ArrayBuffer>;
    try {
      body = this.#recorded();
    } catch (error) {
      // No memory for it in one piece.
      this.#lose('failed', String(error), response);
      return;
    }
    this.#land({ kept: true, body, evidence }, response);
  }

  #lose(reason: SkipReason, detail?: string, response?: Response): void {
    this.joinable = false;
    if (!this.#proof) this.#markEnded();
    if (this.#landed) return;
    this.#land({ kept: false, reason, ...(detail === undefined ? {} : { detail }) }, response);
  }

  /** Nobody joins from now on. */
  #land(landing: Landing, response: Response | undefined): void {
    this.joinable = false;
    this.#landed = true;
    this.#plan.land(landing, response);
    // What was left unread, for those who might have joined.
    if (this.#plan.native && this.#proof) response?.body?.cancel().catch(() => {});
    this.#letGo();
  }

  #depart(follower: Follow): void {
    if (!this.#followers.delete(follower)) return;
    this.#letGo();
    this.#makeRoom();
    if (this.#followers.size > 0 || this.#finishes || this.#state !== 'open') return;
    this.catchUp();
    if (this.#head && !this.#landed && this.#proof?.soFar().complete) this.#keep(this.#head);
    else this.#lose('aborted', undefined, this.#head);
    this.#closeUpstream();
  }

  #closeUpstream(): void {
    this.#controller.abort();
    // WebKit at times keeps an abort from the network once there are headers. Elsewhere there is nothing left to cancel.
    const cancel = () => this.#reader?.cancel().catch(() => {});
    void this.#plan.pause().then(cancel);
  }

  async #deliver(
    follower: Follow,
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    while (follower.next - this.#dropped >= this.#chunks.length) {
      if (this.#state === 'open') {
        await follower.news();
        continue;
      }
      // An error throws away what is queued: it comes once that is read.
      if (this.#state !== 'closed' && controller.desiredSize !== queued) return;
      this.#followers.delete(follower);
      this.#letGo();
      if (this.#state === 'closed') controller.close();
      else controller.error(this.#state.error);
      return;
    }
    controller.enqueue(this.#chunks[follower.next - this.#dropped] as Uint8Array<ArrayBuffer>);
    follower.next++;
    this.#letGo();
  }

  /** Once nothing is recorded any more, chunks that every follower has read are dropped. */
  #letGo(): void {
    if (!this.#landed) return;
    let slowest = Number.POSITIVE_INFINITY;
    for (const { next } of this.#followers) {
      if (next === this.#dropped) return;
      slowest = Math.min(slowest, next);
    }
    const count = Math.min(slowest - this.#dropped, this.#chunks.length);
    if (count <= 0) return;
    for (const chunk of this.#chunks.splice(0, count)) this.#plan.held.count -= chunk.byteLength;
    this.#dropped += count;
    this.#makeRoom();
  }

  /** Unrecorded, the slowest follower sets the pace: nothing is buffered without limit. */
  async #room(): Promise<void> {
    while (this.#followers.size > 0 && this.#chunks.length > readAhead)
      await new Promise<void>((resolve) => {
        this.#makeRoom = resolve;
      });
    this.#letGo();
  }

  #recorded(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.byteLength;
    }
    return whole;
  }

  #wakeAll(): void {
    for (const follower of this.#followers) follower.wake();
  }
}
