/** Between two columns. */
const gap = 2;
/** A column is not made narrower than this, in characters. */
const narrowest = 8;

/**
 * Rows as a table: the first is the head, underlined. Where it would be wider than the terminal, the widest columns are
 * wrapped. Widths are counted in UTF-16 units.
 * @param width characters a line may have
 */
export function table(rows: readonly (readonly string[])[], width: number): string {
  const widths = fitted(naturalWidths(rows), width);
  const [head = [], ...others] = rows;
  const rule = widths.map((characters) => '─'.repeat(characters));
  return [head, rule, ...others].flatMap((row) => linesOf(row, widths)).join('\n');
}

/** Columns of this process's terminal; where its output goes elsewhere, enough for anything. */
export function terminalWidth(): number {
  return process.stdout.columns ?? 200;
}

function naturalWidths(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => longestLine(row[at] ?? ''))));
}

function longestLine(cell: string): number {
  return Math.max(...cell.split('\n').map((line) => line.length));
}

function fitted(widths: readonly number[], width: number): number[] {
  const narrowed = [...widths];
  const total = () => narrowed.reduce((sum, one) => sum + one + gap, -gap);
  while (total() > width) {
    const widest = Math.max(...narrowed);
    if (widest <= narrowest) break;
    narrowed[narrowed.indexOf(widest)] = widest - 1;
  }
  return narrowed;
}

function linesOf(row: readonly string[], widths: readonly number[]): string[] {
  const cells = widths.map((characters, at) => wrapped(row[at] ?? '', characters));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, at) => (lines[line] ?? '').padEnd((widths[at] as number) + gap))
      .join('')
      .trimEnd(),
  );
}

/** At spaces where there are some, else anywhere. */
function wrapped(cell: string, width: number): string[] {
  return cell.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let rest = line;
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width);
      const at = space > 0 ? space : width;
      lines.push(rest.slice(0, at));
      rest = rest.slice(at).trimStart();
    }
    return [...lines, rest];
  });
}
