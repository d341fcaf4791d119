import type { SkipReason } from '../report/events.ts';
import { framingOf, mediaType } from './content-type.ts';
import { type Evidence, emptyEvidence, fail, noteCommon, type Verdict, verdictOf } from './evidence.ts';
import type { Format } from './format.ts';
import type { Framing, Note } from './framing.ts';
import { isObject, type JsonObject } from './json.ts';

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
  const needsDone = format.needsDone?.(url) ?? false;
  const frame = framingOf(contentType);
  if (frame) return followStream(format, needsDone, frame);
  const type = mediaType(contentType);
  if (type === 'application/json' || type.endsWith('+json')) return followJson(format, needsDone);
  return format.answersWithFiles && fileTypes.test(type) ? followLength(length) : undefined;
}

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
  return {
    evidence,
    push(chunk) {
      // Nothing later can mend what was found.
      if (!evidence.fault) attempt(evidence, 'malformed', () => framing.feed(chunk));
    },
    // Asked after every piece: first what is cheapest to know.
    soFar: () => (evidence.terminated && framing.atBoundary() ? verdictOf(evidence, needsDone) : openVerdict),
    end() {
      attempt(evidence, 'malformed', () => framing.close());
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
        attempt(evidence, 'failed', () => format.onDone?.(evidence));
        return;
      }
      const data: unknown = JSON.parse(text);
      if (!isObject(data)) return;
      attempt(evidence, 'failed', () => {
        noteCommon(evidence, data, text);
        format.onEvent(evidence, data, name);
      });
    },
    fault: (detail) => fail(evidence, 'error', detail),
    cut: () => fail(evidence, 'truncated', 'ended inside an event'),
  };
}

/** What throws costs no more than one answer that is not kept: `failed` says that the mistake is the format's. */
function attempt(evidence: Evidence, reason: SkipReason, work: () => void): void {
  try {
    work();
  } catch (error) {
    fail(evidence, reason, String(error));
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
      attempt(evidence, 'failed', () => {
        for (const part of Array.isArray(json) ? json : [json]) if (isObject(part)) noteCommon(evidence, part);
        if (isObject(json) || Array.isArray(json)) format.onBody(evidence, json as JsonObject | readonly unknown[]);
        else fail(evidence, 'malformed', 'neither object nor array');
      });
      return verdictOf(evidence, needsDone);
    },
  };
}
