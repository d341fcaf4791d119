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

/** Every field there is; the last two have lines below them. */
const known =
  /^(key|format|model|model-version|tag|shape|request-header|request-withheld|answer|stored|elapsed|served-by|tokens|header|arrivals|request|body)$/;
const hasLines = /^(request|body)$/;

export function fieldsOf({ lines, from }: Block): Field[] {
  const fields: Field[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '' || line[0] === '#') continue;
    const pipe = /^ +\|(.*)$/s.exec(line);
    const [, name = '', value = ''] = /^ +([a-z-]+):(?: (.*))?$/s.exec(line) ?? [];
    const last = fields.at(-1);
    if (pipe && last && hasLines.test(last.name)) last.piped.push(pipe[1] as string);
    else if (known.test(name)) fields.push({ name, value, line: from + index, piped: [] });
    else
      throw new Unusable(
        from + index,
        notField(line, pipe ? '"request:" or "body: …" above it' : 'one that docs/cassette.md names'),
      );
  }
  return fields;
}
