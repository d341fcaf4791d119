import { createParser } from 'eventsource-parser';
import { type Evidence, emptyEvidence, fail, type Verdict, verdictOf } from './evidence.ts';
import { type Format, isObject, type JsonObject } from './format.ts';

/**
 * Follows one answer to a verdict while its bytes pass, wherever they are cut. Memory: the unfinished line or event
 * beside the evidence; a JSON body is parsed once, at its end, from the recording. Never throws: what a format cannot
 * read is `malformed`.
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
  if (type === 'text/event-stream') return followStream(format, needsDone, eventStream);
  if (type === 'application/x-ndjson' || type === 'application/stream+json' || type === 'application/jsonl')
    return followStream(format, needsDone, lines);
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

interface Framing {
  feed(text: string): void;
  /** Nothing is begun and not ended. */
  atBoundary(): boolean;
  /** The bytes stop here: is anything left that was begun and not ended? */
  close(): void;
}

function followStream(format: Format, needsDone: boolean, frame: (note: Note) => Framing): Follower {
  const evidence = emptyEvidence();
  const decoder = new TextDecoder('utf-8', { fatal: true });
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
    push: (chunk) => guarded(() => framing.feed(decoder.decode(chunk, { stream: true }))),
    soFar: () => (framing.atBoundary() ? verdictOf(evidence, needsDone) : openVerdict),
    end() {
      guarded(() => {
        framing.feed(decoder.decode());
        framing.close();
      });
      return verdictOf(evidence, needsDone);
    },
  };
}

/** Receives what a framing found. */
interface Note {
  event(data: string, name: string | undefined): void;
  fault(detail: string): void;
  /** The bytes ended inside an event or line. */
  cut(): void;
}

function noteIn(evidence: Evidence, format: Format): Note {
  return {
    event(text, name) {
      if (name === 'error') fail(evidence, 'error', 'event: error');
      if (text === '[DONE]') {
        evidence.done = true;
        format.onDone?.(evidence);
        return;
      }
      const data: unknown = JSON.parse(text);
      if (!isObject(data)) return;
      noteErrorMarker(evidence, data);
      format.onEvent(evidence, data, name);
    },
    fault: (detail) => fail(evidence, 'error', detail),
    cut: () => fail(evidence, 'truncated', 'ended inside an event'),
  };
}

/** The error markers that providers put into an answer of status 200, whichever the format. */
function noteErrorMarker(evidence: Evidence, data: JsonObject): void {
  if (data.error) fail(evidence, 'error', 'error');
  else if (data.object === 'error' || data.type === 'error') fail(evidence, 'error', 'type: error');
}

/**
 * Server-sent events. A field SSE does not know (`error: {…}`, a bare JSON line) is an error some servers send so. Whatever
 * follows the last blank line, comments apart, was begun and not ended.
 */
function eventStream(note: Note): Framing {
  const parser = createParser({
    onEvent: (event) => note.event(event.data, event.event),
    onError: (error) => note.fault(error.message),
  });
  /** What the line that is being read has so far. */
  let line: 'nothing' | 'comment' | 'field' = 'nothing';
  let blank = false;
  let afterReturn = false;
  const atBoundary = () => blank && line === 'nothing';
  return {
    feed(text) {
      parser.feed(text);
      // A line feed that completes a CRLF ends no second line.
      const lines = (afterReturn && text.startsWith('\n') ? text.slice(1) : text).split(/\r\n|\n|\r/);
      afterReturn = text.endsWith('\r');
      lines.forEach((part, at) => {
        if (at > 0) {
          if (line !== 'comment') blank = line === 'nothing';
          line = 'nothing';
        }
        if (line === 'nothing' && part !== '') line = part.startsWith(':') ? 'comment' : 'field';
      });
    },
    atBoundary,
    close() {
      if (!atBoundary()) note.cut();
    },
  };
}

/** Newline-delimited JSON. The last line may go without its line end if it parses. */
function lines(note: Note): Framing {
  let rest = '';
  const line = (text: string) => {
    if (text.trim() !== '') note.event(text, undefined);
  };
  return {
    feed(text) {
      // One long line in many pieces is read once, at its end.
      if (!text.includes('\n')) {
        rest += text;
        return;
      }
      const parts = (rest + text).split('\n');
      rest = parts.pop() as string;
      parts.forEach(line);
    },
    atBoundary: () => rest.trim() === '',
    close: () => (isJson(rest) ? line(rest) : note.cut()),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text || 'null');
    return true;
  } catch {
    return false;
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
      try {
        if (isObject(json)) noteErrorMarker(evidence, json);
        if (isObject(json) || Array.isArray(json)) format.onBody(evidence, json);
        else fail(evidence, 'malformed', 'neither object nor array');
      } catch (error) {
        fail(evidence, 'malformed', String(error));
      }
      return verdictOf(evidence, needsDone);
    },
  };
}
