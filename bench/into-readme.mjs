// Writes the figures of the last run into the README, between its two marks: node bench/into-readme.mjs
// (`npm run bench` does it after the run). Figures typed by hand grow old unnoticed.
import { readFile, writeFile } from 'node:fs/promises';

const rows = [
  ['running', 'constant', 'a worker that answers a constant'],
  ['running', 'memory', '**from memory**'],
  ['running', 'opfs', '**from disk (OPFS)**, its bytes checked'],
  ['running', 'pass-through', 'a worker that only passes on, instant upstream'],
  ['running', 'miss', '**a miss**, instant upstream, recorded and stored'],
  ['starting', 'start-constant', 'first call after a worker stop: a constant'],
  ['starting', 'start-full', '**first call after a worker stop**: from disk, 500 answers'],
];

const results = JSON.parse(await readFile(new URL('results/first-figures.json', import.meta.url), 'utf8'));
const lines = rows.map(([table, name, title]) => {
  const found = results[table].find((row) => row.name === name);
  if (!found) throw new Error(`Cannot write the figures of "${name}": the last run has none, another run is needed`);
  const { p50, p95, ratioOfP50 } = found.toEnd;
  return `| ${title} | ${p50.toFixed(1)} ms | ${p95.toFixed(1)} ms | ${ratioOfP50.ratio.toFixed(2)} |`;
});
const table = ['| a whole answer of 120 kB | p50 | p95 | p50 to the constant |', '| --- | --- | --- | --- |', ...lines];
const readme = new URL('../README.md', import.meta.url);
const marked = /<!-- figures -->[\s\S]*<!-- \/figures -->/;
const text = await readFile(readme, 'utf8');
await writeFile(readme, text.replace(marked, `<!-- figures -->\n\n${table.join('\n')}\n\n<!-- /figures -->`));
