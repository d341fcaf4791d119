import { createParser } from 'eventsource-parser';

/** Receives what a framing found. */
export interface Note {
  event(data: string, name: string | undefined): void;
  fault(detail: string): void;
  /** The bytes ended inside an event or line. */
  cut(): void;
}

/** Takes the bytes of a stream apart, wherever they are cut. What it cannot read it throws. */
export interface Framing {
  feed(bytes: Uint8Array): void;
  /** Nothing is begun and not ended. */
  atBoundary(): boolean;
  /** The bytes stop here: is anything left that was begun and not ended? */
  close(): void;
}

interface TextFraming {
  feed(text: string): void;
  atBoundary(): boolean;
  close(): void;
}

const upToLastBlankLine = /^[\s\S]*(\n|\r(?!\n))(\r\n|\n|\r)/;
const lineOfAnEvent = /[\r\n][^:\r\n]/;

/** Server-sent events. A field SSE does not know (`error: {…}`, a bare JSON line) is an error some servers send so. */
export function eventStream(note: Note): Framing {
  let tail = '\n';
  /** Since the last blank line there was nothing but comments. */
  let quiet = true;
  const parser = createParser({
    onEvent: (event) => note.event(event.data, event.event),
    onError: (error) => note.fault(error.message),
  });
  return decoded({
    feed(text) {
      parser.feed(text);
      const seen = tail + text;
      const passed = upToLastBlankLine.exec(seen)?.[0];
      quiet = (quiet || passed !== undefined) && !lineOfAnEvent.test(passed ? `\n${seen.slice(passed.length)}` : seen);
      tail = seen.slice(-3);
    },
    atBoundary: () => quiet,
    close() {
      if (!quiet) note.cut();
    },
  });
}

/** Newline-delimited JSON. The last line may go without its line end if it parses. */
export function lines(note: Note): Framing {
  let rest = '';
  const line = (text: string) => {
    if (text.trim() !== '') note.event(text, undefined);
  };
  return decoded({
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
    close() {
      if (isJson(rest)) line(rest);
      else if (rest.trim() !== '') note.cut();
    },
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function decoded(framing: TextFraming): Framing {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return {
    ...framing,
    feed: (bytes) => framing.feed(decoder.decode(bytes, { stream: true })),
    close() {
      framing.feed(decoder.decode());
      framing.close();
    },
  };
}
