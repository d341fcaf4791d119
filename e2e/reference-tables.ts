import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const text = readFileSync(fileURLToPath(new URL('../docs/reference.md', import.meta.url)), 'utf8');

const sections = text.split('\n## ');

/** First cells of a section's tables in docs/reference.md, without their backticks, in order. */
export function rowsOf(section: string): string[] {
  const body = sections.find((one) => plain(one).startsWith(`${section}\n`));
  if (!body) throw new RangeError(`Cannot read the section "${section}": docs/reference.md has none of that name`);
  const cells = body.split('\n').flatMap((line) => /^\| (.*?)\s*\|/.exec(line)?.[1] ?? []);
  return cells.filter((cell, index) => !/^-+$/.test(cell) && !/^-+$/.test(cells[index + 1] ?? '')).map(plain);
}

function plain(cell: string): string {
  return cell.replaceAll('`', '');
}
