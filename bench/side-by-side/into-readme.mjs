// The README's figures: those of the last whole run, never typed by hand.

import { readFile, writeFile } from 'node:fs/promises';
import { aboutRun, summaryChart } from './page.mjs';
import { ratio } from './tables.mjs';

const MARKED = /<!-- figures -->[\s\S]*<!-- \/figures -->/;
const README = new URL('../../README.md', import.meta.url);
const CHART = new URL('../../docs/figures.svg', import.meta.url);

/** Writes chart and table of goals between the README's two marks. */
export async function writeIntoReadme(results) {
  await writeFile(CHART, summaryChart(results));
  const lines = results.goals.map(
    ({ name, most, p50, p95, met }) =>
      `| ${name} | ≤ ${most} | ${ratio(p50)} | ${p95 ? ratio(p95) : ''} | ${met ? 'met' : 'missed'} |`,
  );
  const section = [
    '<!-- figures -->',
    '![Bars: how much longer a call takes than one that a worker answers with a constant; the goals are in the table](docs/figures.svg)',
    ['| goal, each a ratio of one run | at most | p50 | p95 | |', '| --- | --- | --- | --- | --- |', ...lines].join(
      '\n',
    ),
    `${aboutRun(results.run)} In brackets the interval of 95 %. \`npm run bench\` measures anew and writes this.`,
    '<!-- /figures -->',
  ].join('\n\n');
  const text = await readFile(README, 'utf8');
  if (!MARKED.test(text)) throw new Error('Cannot write into the README: its two marks are missing');
  // By a function: in a text, `$` would mean something.
  await writeFile(
    README,
    text.replace(MARKED, () => section),
  );
}
