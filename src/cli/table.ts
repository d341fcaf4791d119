import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Columns a cell keeps at least; below that a table cannot be read. */
const narrowest = 8;
const gap = 2;

/** Characters a line may have: the terminal's, and any number where the output goes elsewhere. */
function lineWidth(stream: { readonly columns?: number } = process.stdout): number {
  return stream.columns ?? (Number(process.env.COLUMNS) || Number.POSITIVE_INFINITY);
}

/**
 * Rows as a table without frames: columns of numbers stand to the right, wide cells are wrapped, columns that are empty
 * everywhere are left out. Where even that is wider than the line, each row is a list of `name: value`. Nothing is cut.
 * @param width characters a line may have
 */
export function table(names: readonly string[], rows: readonly (readonly string[])[], width = lineWidth()): string {
  const used = names.flatMap((_name, at) => (rows.some((row) => row[at]) ? [at] : []));
  const head = used.map((at) => names[at] as string);
  const cells = rows.map((row) => used.map((at) => row[at] ?? ''));
  const widths = narrowed(
    head.map((name, at) => Math.max(...[name, ...cells.map((row) => row[at] as string)].map(longestLine))),
    width,
  );
  if (!widths) return cells.map((row) => list(head, row)).join('\n\n');
  const isNumber = head.map((_name, at) => cells.every((row) => /^[\d.,]*( [kM]?B)?$/.test(row[at] as string)));
  return [head, head.map((_name, at) => '─'.repeat(widths[at] as number)), ...cells]
    .map((row) => line(row, widths, isNumber))
    .join('\n');
}

function longestLine(text: string): number {
  return Math.max(...text.split('\n').map((line) => stringWidth(line)));
}

/** The widest columns give way first; `undefined` where all are as narrow as they can be. */
function narrowed(natural: readonly number[], width: number): number[] | undefined {
  const widths = [...natural];
  let over = widths.reduce((sum, one) => sum + one + gap, -gap) - width;
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] as number) <= narrowest) return undefined;
    widths[widest] = (widths[widest] as number) - 1;
    over--;
  }
  return widths;
}

function line(row: readonly string[], widths: readonly number[], isNumber: readonly boolean[]): string {
  const wrapped = row.map((cell, at) => wrapAnsi(cell, widths[at] as number, { hard: true }).split('\n'));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    wrapped
      .map((lines, column) => padded(lines[at] ?? '', widths[column] as number, isNumber[column] as boolean))
      .join(' '.repeat(gap))
      .trimEnd(),
  ).join('\n');
}

function padded(text: string, width: number, toTheRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return toTheRight ? space + text : text + space;
}

function list(names: readonly string[], row: readonly string[]): string {
  return names.flatMap((name, at) => (row[at] ? [`${name}: ${row[at]}`] : [])).join('\n');
}
