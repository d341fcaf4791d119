import { type AnswerSource, readSource } from './answer-source.ts';
import { askByFetch } from './plain-fetch.ts';
import type { Provider, Question } from './providers/provider.ts';

export type ClientKind = 'sdk' | 'fetch';

export interface Listener {
  /** The response's headers are here. */
  onSource(source: AnswerSource): void;
  /** Milliseconds since the question. */
  onFirstByte(elapsed: number): void;
  onText(piece: string): void;
}

/** One answered question. Times are milliseconds from the call to the first and to the last piece of the answer. */
export interface Answered {
  readonly source: AnswerSource;
  readonly firstByte: number;
  readonly whole: number;
  /** The request as it was sent, to be explained afterwards. */
  readonly sent: { readonly input: RequestInfo | URL; readonly init: RequestInit | undefined };
}

/** Asks once, through the SDK or by fetch. Errors are the client's own. */
export async function ask(
  provider: Provider,
  question: Question,
  client: ClientKind,
  signal: AbortSignal,
  listener: Listener,
): Promise<Answered> {
  const viaSdk = client === 'sdk' ? await provider.loadSdk() : undefined;
  const observed: { source?: AnswerSource; firstByte?: number; sent?: Answered['sent'] } = {};
  const begun = performance.now();
  const noteFirstByte = () => {
    if (observed.firstByte !== undefined) return;
    observed.firstByte = performance.now() - begun;
    listener.onFirstByte(observed.firstByte);
  };

  const observingFetch: typeof fetch = async (input, init) => {
    observed.sent = { input, init };
    const signals = init?.signal ? [init.signal, signal] : [signal];
    const response = await fetch(input, { ...init, signal: AbortSignal.any(signals) });
    observed.source = readSource(response.headers);
    if (response.ok) listener.onSource(observed.source);
    // A stream's headers come long before its first token; an answer in one piece has nothing else to show.
    if (response.ok && !question.stream) noteFirstByte();
    return response;
  };

  const pieces = viaSdk ? viaSdk(question, observingFetch) : askByFetch(provider, question, observingFetch);
  for await (const piece of pieces) {
    noteFirstByte();
    if (piece) listener.onText(piece);
  }
  const whole = performance.now() - begun;

  signal.throwIfAborted();
  const { source, firstByte = whole, sent } = observed;
  if (!source || !sent) throw new Error('The client answered without asking anyone');
  return { source, firstByte, whole, sent };
}
