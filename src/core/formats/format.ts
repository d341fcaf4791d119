import type { Conversion } from './conversions/conversion.ts';
import type { Evidence } from './evidence.ts';
import type { JsonObject } from './json.ts';

/** What a request asks for, as far as Refrain must know. */
export interface Ask {
  /** Model by the name the request uses. */
  readonly model?: string;
  /** A stream is asked for. */
  readonly stream: boolean;
  /** The answer depends on more than the request: it is neither read nor written. */
  readonly depends?: 'stateful' | 'live';
  /** The app wants another answer than the one it has. */
  readonly reload?: true;
}

/**
 * One provider's wire format: what in a request is the question, and what proves an answer whole.
 * All functions are pure over their arguments; `onEvent` and `onBody` note what they see in the evidence.
 */
export interface Format {
  /** Family, such as `openai`. */
  readonly provider: string;
  /**
   * JSON Pointers (`*` for any element) of the objects whose member order does not count and whose `left out` members
   * (see envelope.ts) are no part of the question. Everything else keeps its source order, because order under tools
   * and schemas changes the answer.
   */
  readonly envelope: readonly string[];
  /** JSON Pointers of members outside the envelope that are no part of the question either. */
  readonly leftOut?: readonly string[];
  /** What the request asks, or `undefined` when the body is not this format's. `body` is the parsed JSON or form. */
  describe(url: URL, body: JsonObject): Ask | undefined;
  /**
   * One event, line or frame of an answer, parsed. `name` is the event's own. What means the same in every format is noted
   * already (`noteCommon`).
   */
  onEvent(evidence: Evidence, data: JsonObject, name: string | undefined): void;
  /** A whole JSON answer, parsed. An array only where the format streams one. */
  onBody(evidence: Evidence, body: JsonObject | readonly unknown[]): void;
  /** Some answers are files or plain text, without an end marker. */
  readonly answersWithFiles?: boolean;
  /** `data: [DONE]` was seen. Absent: it is noted, and proves nothing by itself. */
  onDone?(evidence: Evidence): void;
  /** Makes a stream of a body and a body of a stream. Absent: an answer serves only those who ask for it as it is. */
  readonly conversion?: Conversion | undefined;
  /** `[DONE]` is part of the proof. Absent: the format has a terminator of its own. */
  needsDone?(url: URL): boolean;
}
