// The page of charts: one file, no script, nothing loaded. Beside each chart its figures as a table.

import { isConstant } from '../contenders/index.mjs';
import { chart, escaped } from './chart.mjs';
import { digits, goalsTable, tablesOf, titleOf } from './tables.mjs';

const STYLE = `
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1rem; color: #1f2328; background: #fff }
  h1, h2, h3 { line-height: 1.25 }
  figure { margin: 1rem 0 }
  svg { width: 100%; max-width: 26rem; height: auto }
  .wide { overflow-x: auto }
  table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums }
  caption { text-align: start; font-weight: 600; padding: .5rem 0 }
  th, td { padding: .3rem .6rem; border-bottom: 1px solid #d1d9e0; text-align: end; white-space: nowrap }
  th:first-child, td:last-child { text-align: start }
  .cells { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1rem }
  @media (prefers-color-scheme: dark) {
    body { color: #f0f6fc; background: #0d1117 }
    th, td { border-color: #3d444d }
  }`;

/** The whole page as text. */
export function page(results) {
  const { run, goals, leftOut } = results;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Refrain side by side</title>
<style>${STYLE}</style>
<h1>Refrain side by side</h1>
<p>${escaped(aboutRun(run))}</p>
<p>Every figure is a ratio within this run. A bar ends at the ratio of the medians, the line on it at that of the 95th
percentiles; the dashed line is the one that all are compared with.</p>
${table(goalsTable(goals))}
<h2>Left out</h2>
<ul>${Object.entries(leftOut)
    .map(([name, why]) => `<li>${escaped(name)}: ${escaped(why)}</li>`)
    .join('')}</ul>
${tablesOf(results).map(section).join('\n')}
</html>
`;
}

/** What the README shows: the works that most calls are like. */
export function summaryChart({ calls, starts, run }) {
  const cell = (kind) =>
    calls.find((one) => one.kind === kind && one.request === '20kB' && one.answer === '120kB' && one.atOnce === 1);
  return chart({
    title: 'Refrain beside others',
    description: `${aboutRun(run)} The same figures are in the table below and in the page that the bench writes.`,
    panels: [
      panelOf(cell('repeated'), 'Asked before: 20 kB for a stream of 120 kB'),
      panelOf(cell('never-seen'), 'Never asked before, upstream at once'),
      panelOf(starts, 'First call after a start of the worker'),
    ],
  });
}

export function aboutRun({ at, browser, cores, processor, load }) {
  return `${at.slice(0, 10)}, ${browser}, ${cores} cores (${processor}), load ${load.map(digits).join(' to ')}.`;
}

function section({ cells = [], ...own }) {
  const charts = cells.map(
    (cell) =>
      `<figure>${chart({
        title: `${own.title.replace(/:.*/, '')}: ${cell.title}`,
        description: 'The figures are in the table of this section.',
        panels: [panelOf(cell, cell.title)],
        isNarrow: true,
      })}</figure>`,
  );
  return `<section><h2>${escaped(own.title.replace(/:.*/, ''))}</h2>${table(own)}<div class="cells">${charts.join('')}</div></section>`;
}

/** Of the forms of the constant worker only the fastest: what others are compared with. */
function panelOf({ rows, constant }, title) {
  const { p50 } = rows.find(({ name }) => name === constant).toEnd;
  return {
    title,
    note: `1 = ${titleOf(constant)}: ${digits(p50)} ms`,
    rows: rows
      .filter(({ name }) => name === constant || !isConstant({ name }))
      .sort((one, other) => one.toEnd.p50 - other.toEnd.p50)
      .map(({ name, toEnd }) => ({
        label: titleOf(name),
        p50: toEnd.ratioOfP50.ratio,
        p95: toEnd.ratioOfP95.ratio,
        isOurs: name.startsWith('refrain'),
      })),
  };
}

function table({ title, head, rows }) {
  const cells = ([first, ...rest], tag) =>
    `<tr><th scope="${tag === 'th' ? 'col' : 'row'}">${escaped(first)}</th>${rest
      .map((cell) => (tag === 'th' ? `<th scope="col">${escaped(cell)}</th>` : `<td>${escaped(cell)}</td>`))
      .join('')}</tr>`;
  return `<div class="wide" tabindex="0" role="region" aria-label="${escaped(title)}"><table><caption>${escaped(title)}</caption><thead>${cells(head, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('')}</tbody></table></div>`;
}
