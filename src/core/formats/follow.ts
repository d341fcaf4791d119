import { amazonEventStream } from './amazon-event-stream.ts';
import { type Evidence, emptyEvidence, fail, noteCommon, type Verdict, verdictOf } from './evidence.ts';
import { type Format, isObject, type JsonObject } from './format.ts';
import { eventStream, type Framing, lines, type Note } from './framing.ts';

/**
 * Follows one answer to a verdict while its bytes pass, wherever they are cut. Memory: the unfinished line or event
 * beside the evidence; a JSON body is parsed once, at its end, from the recording. Never throws: bytes that cannot be
 * read are `malformed`, and a format that fails at what it reads is `failed`.
 */
export interface Follower {
  push(chunk: Uint8Array): void;
  /** What the bytes so far prove, as if the stream ended here. Costs nothing but the look at the evidence. */
  soFar(): Verdict;
  /** The stream ended. `body` gives all of it, for answers that are only readable whole. */
  end(body: () => Uint8Array): Verdict;
  readonly evidence: Evidence;
}

/**
 * A follower for an answer, by the framing its `content-type` tells; `undefined` when nothing could ever prove it whole.
 * @param length a readable `content-length`: the only proof for bytes without an end marker, where the format has such
 */
export function follow(format: Format, url: URL, contentType: string, length: string | null): Follower | undefined {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const needsDone = format.needsDone?.(url) ?? false;
  const frame = framings.get(type);
  if (frame) return followStream(format, needsDone, frame);
  if (type === 'application/json' || type.endsWith('+json')) return followJson(format, needsDone);
  return format.answersWithFiles && fileTypes.test(type) ? followLength(length) : undefined;
}

const framings = new Map<string, (note: Note) => Framing>([
  ['text/event-stream', eventStream],
  ['application/x-ndjson', lines],
  ['application/stream+json', lines],
  ['application/jsonl', lines],
  ['application/vnd.amazon.eventstream', amazonEventStream],
]);

const fileTypes = /^(audio\/.+|image\/.+|application\/octet-stream|text\/(plain|vtt)|application\/x-subrip)$/;

/** Counts bytes. A length that counts compressed bytes differs, and the answer is not kept. */
function followLength(length: string | null): Follower {
  let received = 0;
  return {
    evidence: emptyEvidence(),
    push(chunk) {
      received += chunk.byteLength;
    },
    soFar: () => openVerdict,
    end: () =>
      length !== null && Number(length) === received ? { complete: true } : { complete: false, reason: 'unproven' },
  };
}

const openVerdict: Verdict = { complete: false, reason: 'truncated' };

function followStream(format: Format, needsDone: boolean, frame: (note: Note) => Framing): Follower {
  const evidence = emptyEvidence();
  const framing = frame(noteIn(evidence, format));
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      fail(evidence, 'malformed', String(error));
    }
  };
  return {
    evidence,
    push: (chunk) => guarded(() => framing.feed(chunk)),
    soFar: () => (framing.atBoundary() ? verdictOf(evidence, needsDone) : openVerdict),
    end() {
      guarded(() => framing.close());
      return verdictOf(evidence, needsDone);
    },
  };
}

function noteIn(evidence: Evidence, format: Format): Note {
  return {
    event(text, name) {
      if (name === 'error') fail(evidence, 'error', 'event: error');
      if (text === '[DONE]') {
        evidence.done = true;
        read(evidence, () => format.onDone?.(evidence));
        return;
      }
      const data: unknown = JSON.parse(text);
      if (!isObject(data)) return;
      read(evidence, () => {
        noteCommon(evidence, data);
        format.onEvent(evidence, data, name);
      });
    },
    fault: (detail) => fail(evidence, 'error', detail),
    cut: () => fail(evidence, 'truncated', 'ended inside an event'),
  };
}

/** A mistake in a format must cost no more than one answer that is not kept. */
function read(evidence: Evidence, work: () => void): void {
  try {
    work();
  } catch (error) {
    fail(evidence, 'failed', String(error));
  }
}

function followJson(format: Format, needsDone: boolean): Follower {
  const evidence = emptyEvidence();
  return {
    evidence,
    push() {},
    soFar: () => openVerdict,
    end(body) {
      let json: unknown;
      try {
        json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body()));
      } catch (error) {
        return { complete: false, reason: 'truncated', detail: String(error) };
      }
      read(evidence, () => {
        for (const part of Array.isArray(json) ? json : [json]) if (isObject(part)) noteCommon(evidence, part);
        if (isObject(json) || Array.isArray(json)) format.onBody(evidence, json as JsonObject | readonly unknown[]);
        else fail(evidence, 'malformed', 'neither object nor array');
      });
      return verdictOf(evidence, needsDone);
    },
  };
}
