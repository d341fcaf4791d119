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

const blankLine = /(\r\n|\n|\r)(\r\n|\n|\r)$/;

/** Server-sent events. A field SSE does not know (`error: {…}`, a bare JSON line) is an error some servers send so. */
export function eventStream(note: Note): Framing {
  let closing = false;
  let tail = '';
  const parser = createParser({
    onEvent: (event) => (closing ? note.cut() : note.event(event.data, event.event)),
    onError: (error) => (closing ? note.cut() : note.fault(error.message)),
  });
  return decoded({
    feed(text) {
      parser.feed(text);
      tail = (tail + text).slice(-4);
    },
    atBoundary: () => blankLine.test(tail),
    close() {
      // An event that these line ends complete was not complete.
      closing = true;
      parser.feed('\n\n');
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
      const parts = (rest + text).split('\n');
      rest = parts.pop() as string;
      parts.forEach(line);
    },
    atBoundary: () => rest.trim() === '',
    close: () => line(rest),
  });
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
