/** What is asked of a provider, and where. */
export interface Question {
  readonly prompt: string;
  readonly model: string;
  readonly stream: boolean;
  /** As the provider's SDK takes it, without a slash at the end. */
  readonly baseUrl: string;
  /** May be empty. */
  readonly key: string;
}

/** Asks through an official SDK and yields the answer's text in pieces; an unstreamed answer is one piece. */
type SdkClient = (question: Question, fetch: typeof globalThis.fetch) => AsyncIterable<string>;

/** One provider's shape of request and answer. */
export interface Provider {
  /** The first is preselected. */
  readonly models: readonly [string, ...string[]];
  /** Base URL of the simulated upstream, as a path on this page's origin. */
  readonly simulatedBase: string;
  /** Base URL of the real thing, shown as an example. */
  readonly exampleBase: string;
  /** The request without an SDK, body as an object. */
  request(question: Question): { url: string; headers: Record<string, string>; body: object };
  /** How the events of a stream are told apart. */
  readonly framing: 'server-sent events' | 'lines';
  /** The text inside one event of a stream; empty when it carries none. */
  textOfEvent(event: unknown): string;
  /** The text of an answer that came in one piece. */
  textOfAnswer(answer: unknown): string;
  /** Fetches the SDK's code, so that loading it is no part of the first answer's time. */
  loadSdk(): Promise<SdkClient>;
}
