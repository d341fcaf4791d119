import type { Fault } from './recording.ts';

/** Why a block is left out, and the line that is to blame. */
export class Unusable extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/** A block's lines, and where they stand in the file. */
export interface Block {
  readonly head: string;
  /** Line of the head, counted from 1. */
  readonly from: number;
  readonly lines: readonly string[];
}

/** Version control leaves such lines where two sides changed the same place. */
const conflict = /^(<{7}|={7}|>{7}|\|{7})( |$)/;

/** A block begins with a line that is neither empty nor indented, and ends before the next. */
export function blocksOf(lines: readonly string[]): Block[] {
  const starts = lines.flatMap((line, at) => (at > 0 && /^[^\s#]/.test(line) && !conflict.test(line) ? [at] : []));
  return starts.map((at, index) => ({
    head: lines[at] as string,
    from: at + 1,
    lines: lines.slice(at, starts[index + 1] ?? lines.length),
  }));
}

/** What stands between the first line and the first block belongs to nothing. */
export function strayLines(lines: readonly string[]): Fault[] {
  return lines.flatMap((line, at) =>
    at === 0 || line.trim() === '' || line[0] === '#'
      ? []
      : [{ line: at + 1, block: 'the file', message: notField(line, 'a line with a method and a URL') }],
  );
}

function notField(line: string, needed: string): string {
  return conflict.test(line)
    ? `"${line.slice(0, 40)}" marks a merge conflict, one of its sides is needed`
    : `"${line.trim().slice(0, 40)}" is no field, ${needed} is needed`;
}

/** One `name: value`, with the `|` lines below it. */
export interface Field {
  readonly name: string;
  readonly value: string;
  readonly line: number;
  readonly piped: string[];
}

/** Every field there is: of a question, and of each of its answers. */
const ofQuestion = /^(key|format|model|model-version|tag|shape|request-header|request-withheld|request)$/;
const ofAnswer = /^(answer|stored|elapsed|served-by|tokens|header|arrivals|body)$/;
const hasLines = /^(request|body)$/;
const mayRepeat = /header$/;

/** @throws Unusable at a line that is no field, or one that stands where it says nothing, or says it again */
export function fieldsOf({ lines, from }: Block): Field[] {
  const fields: Field[] = [];
  let seen = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '' || line[0] === '#') continue;
    const pipe = /^ +\|(.*)$/s.exec(line);
    const last = fields.at(-1);
    if (pipe && last && hasLines.test(last.name)) {
      last.piped.push(pipe[1] as string);
      continue;
    }
    const field = fieldOf(line, from + index, pipe !== null);
    if (field.name === 'answer') seen = new Set(['answer']);
    const fault = misplaced(field.name, seen);
    if (fault) throw new Unusable(field.line, fault);
    seen.add(field.name);
    fields.push(field);
  }
  return fields;
}

function fieldOf(text: string, line: number, isPiped: boolean): Field {
  const [, name = '', value = ''] = /^ +([a-z-]+):(?: (.*))?$/s.exec(text) ?? [];
  if (ofQuestion.test(name) || ofAnswer.test(name)) return { name, value, line, piped: [] };
  const needed = isPiped ? '"request:" or "body: …" above it' : 'one that docs/cassette.md names';
  throw new Unusable(line, notField(text, needed));
}

/** @param seen fields above it, of the same question or answer */
function misplaced(name: string, seen: ReadonlySet<string>): string | undefined {
  const isInAnswer = seen.has('answer');
  if (name === 'answer') return undefined;
  if (isInAnswer !== ofAnswer.test(name))
    return `"${name}" stands ${isInAnswer ? 'below' : 'above'} "answer: …", a place ${isInAnswer ? 'above' : 'below'} it is needed`;
  return seen.has(name) && !mayRepeat.test(name) ? `"${name}" stands above already, one of them is needed` : undefined;
}
