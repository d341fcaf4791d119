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

/**
 * Server-sent events. A field SSE does not know (`error: {…}`, a bare JSON line) is an error some servers send so. Whatever
 * follows the last blank line, comments apart, was begun and not ended.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function eventStream(note: Note): Framing {
  let data: string[] = [];
  let name: string | undefined;
  let begun = false;
  const lines = byLine((line) => {
    if (line === '') {
      if (data.length > 0) note.event(data.join('\n'), name);
      data = [];
      name = undefined;
      begun = false;
    } else if (line[0] !== ':') {
      begun = true;
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
      if (field === 'data') data.push(value);
      else if (field === 'event') name = value || undefined;
      else if (field !== 'id' && field !== 'retry') note.fault(`field ${field.slice(0, 20)}`);
    }
  });
  const atBoundary = () => !begun && /^:?$/.test(lines.first());
  return {
    feed: lines.feed,
    atBoundary,
    close() {
      lines.close();
      if (!atBoundary()) note.cut();
    },
  };
}

/** Newline-delimited JSON. The last line may go without its line end if it parses. */
export function jsonLines(note: Note): Framing {
  const take = (line: string) => {
    if (line.trim() !== '') note.event(line, undefined);
  };
  const lines = byLine(take);
  return {
    feed: lines.feed,
    atBoundary: () => lines.first() === '',
    close() {
      lines.close();
      const rest = lines.rest();
      if (isJson(rest)) take(rest);
      else note.cut();
    },
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

/** Decodes text and gives each line once, when its end has come: LF, CRLF or CR. */
function byLine(take: (line: string) => void) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let first = '';
  let afterReturn = false;
  let pairs = false;
  const add = (text: string) => {
    if (text === '') return;
    // A line feed that completes a CRLF ends no second line.
    const completes = afterReturn && text[0] === '\n';
    const more = completes ? text.slice(1) : text;
    pairs ||= completes || text.includes('\r\n');
    afterReturn = text.endsWith('\r');
    const hasReturn = more.includes('\r');
    rest += more;
    // One long line in many pieces is read once, at its end: looking into it costs its length.
    if (!hasReturn && !more.includes('\n')) {
      first ||= more[0] ?? '';
      return;
    }
    const ended = rest.split(hasReturn ? /\r\n|\n|\r/ : '\n');
    rest = ended.pop() as string;
    first = rest[0] ?? '';
    ended.forEach(take);
  };
  return {
    feed: (bytes: Uint8Array) => add(decoder.decode(bytes, { stream: true })),
    close: () => add(decoder.decode()),
    // Where lines end with CRLF, one that ends with CR alone is cut.
    rest: () => (pairs && afterReturn ? '\r' : rest),
    /** First character of the rest, or none. */
    first: () => (pairs && afterReturn ? '\r' : first),
  };
}
