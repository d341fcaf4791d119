import type { Tokens } from '../store/entry.ts';
import { type Cassette, cassetteVersion, type Fault, type RecordedAnswer, type Recording } from './recording.ts';

/**
 * Reads a cassette's text (docs/cassette.md). What is damaged is a fault with its line and its block, and the block is left
 * out; so is one of whose answers `prove` says why it cannot be served. A file that is no cassette of this version is one fault and no recordings. Never throws.
 * Costs about 10 ms a megabyte.
 */
export function readCassette(text: string, prove?: Prove): Cassette {
  // Version control may have changed line ends; a body's own are told by its field.
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const [first = ''] = lines;
  const version = /^\ufeff?refrain cassette (\S+)$/.exec(first)?.[1];
  if (version !== String(cassetteVersion)) return { recordings: [], faults: [notCassette(version, first)] };
  const faults: Fault[] = [];
  const recordings = new Map<string, Recording>();
  for (const block of blocksOf(lines)) {
    try {
      const recording = readBlock(block, prove);
      if (recordings.has(recording.key))
        throw new Unusable(block.from, 'a block with this key stands above, one of them is needed');
      recordings.set(recording.key, recording);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      faults.push({ line: error.line, block: block.head, message: error.message });
    }
  }
  return { recordings: [...recordings.values()], faults };
}

/** Why an answer cannot be served, or `undefined`. */
export type Prove = (recording: Pick<Recording, 'format' | 'url'>, answer: RecordedAnswer) => string | undefined;

/** A fault as one sentence. */
export function faultText({ line, block, message }: Fault): string {
  return `line ${line}, in ${block}: ${message}`;
}

class Unusable extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/** A block's lines, and where they stand in the file. */
interface Block {
  readonly head: string;
  /** Line of the head, counted from 1. */
  readonly from: number;
  readonly lines: readonly string[];
}

function notCassette(version: string | undefined, first: string): Fault {
  const is = version === undefined ? `it begins with "${first.slice(0, 40)}"` : `it is of version ${version}`;
  return { line: 1, block: 'the file', message: `${is}, "refrain cassette ${cassetteVersion}" is needed` };
}

/** A block begins with a line that is neither empty nor indented, and ends before the next. */
function blocksOf(lines: readonly string[]): Block[] {
  const starts = lines.flatMap((line, at) => (at > 0 && /^\S/.test(line) && line[0] !== '#' ? [at] : []));
  return starts.map((at, index) => ({
    head: lines[at] as string,
    from: at + 1,
    lines: lines.slice(at, starts[index + 1] ?? lines.length),
  }));
}

/** One `name: value`, with the `|` lines below it. */
interface Field {
  readonly name: string;
  readonly value: string;
  readonly line: number;
  readonly piped: string[];
}

function readBlock(block: Block, prove: Prove | undefined): Recording {
  const [, method, url] = /^([A-Z]+) (\S+)$/.exec(block.head) ?? [];
  if (!method || !url || !URL.canParse(url)) throw new Unusable(block.from, 'a method and a URL are needed');
  const fields = fieldsOf(block);
  const starts = fields.flatMap(({ name }, at) => (name === 'answer' ? [at] : []));
  const [first] = starts;
  if (first === undefined) throw new Unusable(block.from, 'it has no answer, a line "answer: 200" is needed');
  const head = new Fields(fields.slice(0, first), block.from);
  const key = head.text('key') ?? '';
  if (!/^[0-9a-f]{64}$/.test(key)) throw new Unusable(head.line('key'), 'a key of 64 hexadecimal digits is needed');
  const format = head.need('format');
  const answers = starts.map((at, index) => {
    const answer = answerOf(new Fields(fields.slice(at, starts[index + 1]), block.from));
    const reason = prove?.({ format, url }, answer);
    if (reason) throw new Unusable(fields[at]?.line ?? block.from, reason);
    return answer;
  });
  return {
    key,
    format,
    method,
    url,
    ...head.texts({ model: 'model', modelVersion: 'model-version', tag: 'tag' }),
    ...requestOf(head, url),
    answers,
  };
}

function fieldsOf({ lines, from }: Block): Field[] {
  const fields: Field[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '' || line[0] === '#') continue;
    const pipe = /^ *\|(.*)$/s.exec(line);
    const [, name, value = ''] = /^ +([a-z-]+):(?: (.*))?$/s.exec(line) ?? [];
    if (pipe && fields.length > 0) fields.at(-1)?.piped.push(pipe[1] as string);
    else if (name) fields.push({ name, value, line: from + index, piped: [] });
    else
      throw new Unusable(
        from + index,
        `"${line.trim().slice(0, 40)}" is no field, "name: value" or a line after "|" is needed`,
      );
  }
  return fields;
}

/** The fields of a question or of an answer, by name. */
class Fields {
  constructor(
    readonly all: readonly Field[],
    readonly from: number,
  ) {}

  get(name: string): Field | undefined {
    return this.all.find((field) => field.name === name);
  }

  line(name: string): number {
    return this.get(name)?.line ?? this.from;
  }

  text(name: string): string | undefined {
    const field = this.get(name);
    return field && plain(field);
  }

  need(name: string): string {
    const text = this.text(name);
    if (text === undefined) throw new Unusable(this.all[0]?.line ?? this.from, `"${name}: …" is needed`);
    return text;
  }

  texts<T extends Record<string, string>>(names: T): { [K in keyof T]?: string } {
    const found = Object.entries(names).map(([property, name]) => [property, this.text(name)] as const);
    return Object.fromEntries(found.filter(([, text]) => text !== undefined)) as { [K in keyof T]?: string };
  }

  headers(name: string): [string, string][] {
    return this.all
      .filter((field) => field.name === name)
      .map((field) => {
        const text = plain(field);
        const colon = text.indexOf(': ');
        if (colon < 1) throw new Unusable(field.line, `"${name}: name: value" is needed`);
        return [text.slice(0, colon), text.slice(colon + 2)];
      });
  }

  number(name: string, read: (text: string) => number): number {
    const value = read(this.need(name));
    if (!Number.isFinite(value))
      throw new Unusable(this.line(name), `"${name}" is "${this.text(name)}", a number or a time is needed`);
    return value;
  }

  json(name: string): unknown {
    const text = this.text(name);
    try {
      return text === undefined ? undefined : JSON.parse(text);
    } catch {
      throw new Unusable(this.line(name), `"${name}" is no JSON`);
    }
  }
}

function plain({ value, line }: Field): string {
  if (value[0] !== '"') return value;
  try {
    return String(JSON.parse(value));
  } catch {
    throw new Unusable(line, 'the quoted text does not end, JSON is needed');
  }
}

function requestOf(head: Fields, url: string): Pick<Recording, 'request'> {
  const [body, withheld, shape] = [head.get('request'), head.text('request-withheld'), head.text('shape')];
  if (!body && withheld === undefined && shape === undefined) return {};
  return {
    request: {
      url,
      shape: shape ?? '',
      headers: head.headers('request-header'),
      ...(body ? { body: body.piped.join('\n') } : {}),
      ...(withheld === undefined ? {} : { withheld }),
    },
  };
}

function answerOf(fields: Fields): RecordedAnswer {
  const { value, line } = fields.all[0] as Field;
  const [, statusText] = /^200(?: (.*))?$/s.exec(value) ?? [];
  if (!/^200\b/.test(value)) throw new Unusable(line, `the status is "${value}", 200 is needed`);
  const [tokens, arrivals] = [fields.json('tokens'), fields.json('arrivals')];
  return {
    storedAt: fields.number('stored', Date.parse),
    elapsed: fields.number('elapsed', Number),
    statusText: statusText ?? '',
    headers: fields.headers('header'),
    ...fields.texts({ servedBy: 'served-by' }),
    ...(tokens ? { tokens: tokens as Tokens } : {}),
    ...(Array.isArray(arrivals) ? { arrivals } : {}),
    body: bodyOf(fields),
  };
}

function bodyOf(fields: Fields): Uint8Array<ArrayBuffer> {
  const field = fields.get('body');
  if (!field)
    throw new Unusable(fields.line('answer'), 'the answer has no body, "body: text" or "body: base64" is needed');
  const [kind, ...marks] = field.value.split(' ');
  if (kind === 'base64') return bytesOf(field);
  if (kind !== 'text') throw new Unusable(field.line, `the body is "${field.value}", "text" or "base64" is needed`);
  const ending = marks.includes('crlf') ? '\r\n' : '\n';
  return new TextEncoder().encode(field.piped.join(ending) + (marks.includes('open') ? '' : ending));
}

function bytesOf({ piped, line }: Field): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(piped.join('')), (character) => character.charCodeAt(0));
  } catch {
    throw new Unusable(line, 'the body is no Base64');
  }
}
