import { type Block, blocksOf, type Field, fieldsOf, strayLines, Unusable } from './blocks.ts';
import { Fields, isArrivals, isTokens } from './fields.ts';
import { type Cassette, cassetteVersion, type Fault, type RecordedAnswer, type Recording } from './recording.ts';

/**
 * Reads a cassette's text (docs/cassette.md). What is damaged is a fault with its line and its block, and the block is left
 * out; so is one of whose answers `prove` says why it cannot be served. A file that is no cassette of this version is one
 * fault and no recordings. Never throws. Costs about 10 ms a megabyte.
 */
export function readCassette(text: string, prove?: Prove): Cassette {
  // Version control may have changed line ends; a body's own are told by its field.
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const [first = ''] = lines;
  const version = /^\ufeff?refrain cassette (\S+)$/.exec(first)?.[1];
  if (version !== String(cassetteVersion)) return { recordings: [], faults: [notCassette(version, first)] };
  const blocks = blocksOf(lines);
  const faults = strayLines(lines.slice(0, (blocks[0]?.from ?? lines.length + 1) - 1));
  const recordings = new Map<string, Recording>();
  for (const block of blocks) {
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

function notCassette(version: string | undefined, first: string): Fault {
  const is = version === undefined ? `it begins with "${first.slice(0, 40)}"` : `it is of version ${version}`;
  return { line: 1, block: 'the file', message: `${is}, "refrain cassette ${cassetteVersion}" is needed` };
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
  const [status, statusText = ''] = /^200(?: (.*))?$/s.exec(value) ?? [];
  if (!status) throw new Unusable(line, `the status is "${value}", 200 is needed`);
  const tokens = fields.json('tokens', isTokens, 'JSON such as {"input":5,"output":2}');
  const arrivals = fields.json('arrivals', isArrivals, 'JSON such as [[12,300]], milliseconds and bytes,');
  return {
    storedAt: fields.number('stored', Date.parse),
    elapsed: fields.number('elapsed', (text) => Number(text || Number.NaN)),
    statusText,
    headers: fields.headers('header'),
    ...fields.texts({ servedBy: 'served-by' }),
    ...(tokens ? { tokens } : {}),
    ...(arrivals ? { arrivals } : {}),
    body: bodyOf(fields),
  };
}

function bodyOf(fields: Fields): Uint8Array<ArrayBuffer> {
  const field = fields.get('body');
  if (!field)
    throw new Unusable(fields.line('answer'), 'the answer has no body, "body: text" or "body: base64" is needed');
  const [kind, crlf, open, base64, length] = /^(?:text( crlf)?( open)?|(base64)(?: (\d+))?)$/.exec(field.value) ?? [];
  if (base64) return bytesOf(field, length);
  if (!kind)
    throw new Unusable(field.line, `the body is "${field.value}", "text", "text crlf", "… open" or "base64" is needed`);
  const ending = crlf ? '\r\n' : '\n';
  return new TextEncoder().encode(field.piped.join(ending) + (open ? '' : ending));
}

/** @param length how many bytes there should be: what is cut could be Base64 all the same */
function bytesOf({ piped, line }: Field, length: string | undefined): Uint8Array<ArrayBuffer> {
  let binary: string;
  try {
    binary = atob(piped.join(''));
  } catch {
    throw new Unusable(line, 'the body is no Base64');
  }
  if (length !== undefined && Number(length) !== binary.length)
    throw new Unusable(line, `the body has ${binary.length} bytes, ${length} are needed`);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
