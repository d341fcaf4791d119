// What was measured as tables: head and rows of text, the same for the terminal and for the page.

import { contenders } from '../contenders/index.mjs';
import { kinds, titleOfWork } from './calls.mjs';

const titles = new Map(contenders.map(({ name, title }) => [name, title]));

/** A contender's title, and how many answers it has stored where that is part of its name. */
export function titleOf(name) {
  const [, own, count] = /^(.*?)(?:-(\d+))?$/.exec(name);
  if (count === undefined) return titles.get(name) ?? name;
  if (own === 'refrain') return 'Refrain, nothing stored: a miss';
  return `${titles.get(own)}, ${Number(count).toLocaleString('en')} stored`;
}

export function tablesOf({ calls, starts, paced, parts, heap }) {
  const groups = [];
  for (const cell of calls ?? []) {
    const title = `${sentence(kinds[cell.kind])}${cell.atOnce > 1 ? ', many at once' : ''}`;
    const group = groups.find((one) => one.title === title);
    if (group) group.cells.push(cell);
    else groups.push({ title, cells: [cell] });
  }
  return [
    ...groups.map(({ title, cells }) => ({ ...matrix(title, cells), cells })),
    starts && { ...list(`First call after a worker start, ${titleOfWork(starts)}`, starts), cells: [starts] },
    paced && { ...list('Never asked before, upstream of 200 ms and 50 tokens a second', paced), cells: [paced] },
    parts && partsTable(parts),
    heap && heapTable(heap),
  ].filter(Boolean);
}

/** A column a work: the ratios of p50 and p95 to the fastest constant worker, whose p50 stands in the last row. */
function matrix(title, cells) {
  const names = contenders
    .map(({ name }) => name)
    .filter((name) => cells.some(({ rows, leftOut }) => leftOut[name] || rows.some((row) => row.name === name)));
  const entry = (name, { rows, leftOut }) => {
    if (leftOut[name]) return leftOut[name].replace(/:.*/, '');
    const row = rows.find((one) => one.name === name);
    return row ? `${digits(row.toEnd.ratioOfP50.ratio)} / ${digits(row.toEnd.ratioOfP95.ratio)}` : '';
  };
  return {
    title: `${title}: p50 / p95, whole answer, ratios to the fastest constant worker`,
    head: [
      '',
      ...cells.map(({ title: work }) =>
        work.replace(' for ', ' → ').replace(', 8 at once', ' ×8').replace(', 64 at once', ' ×64'),
      ),
    ],
    rows: [
      ...names.map((name) => [titleOf(name), ...cells.map((cell) => entry(name, cell))]),
      ['constant, ms', ...cells.map(({ rows, constant }) => ms(rows.find(({ name }) => name === constant).toEnd))],
    ],
  };
}

function list(title, { rows, constant }) {
  return {
    title: `${title}: ratios to ${titleOf(constant)}`,
    head: ['', 'p50', 'p95', 'p50 ratio', 'p95 ratio', 'first byte, p50 ratio'],
    rows: rows.map(({ name, toEnd, toFirst }) => [
      titleOf(name),
      `${digits(toEnd.p50)} ms`,
      `${digits(toEnd.p95)} ms`,
      ratio(toEnd.ratioOfP50),
      ratio(toEnd.ratioOfP95),
      ratio(toFirst.ratioOfP50),
    ]),
  };
}

function partsTable({ count, started, rounds, page, open }) {
  const row = (title, { without, refrain, ratioOfP50, ratioOfP95 }, starts) => [
    title,
    ms(without),
    ms(refrain),
    ratio(ratioOfP50),
    ratio(ratioOfP95),
    `${starts} of ${rounds}`,
  ];
  return {
    title: `${count} pictures and scripts that are none of its business`,
    head: ['', 'no worker, ms', 'Refrain, ms', 'p50 ratio', 'p95 ratio', 'rounds in which the worker started'],
    rows: [
      row('added to an open page, the worker stopped', open, started.open),
      row('loading a page with the tag, the worker stopped', page, started.page),
    ],
  };
}

function heapTable({ readings, purged, budget }) {
  return {
    title: `The worker's heap after misses of 4 kB, with ${budget} of memory for answers`,
    head: ['misses', 'heap and arrays, kB', 'of a pass-through worker, kB', 'answers in memory', 'on disk'],
    rows: [...readings, purged].map((reading) => [
      `${reading.misses.toLocaleString('en')}${reading === purged ? ', then purged' : ''}`,
      (reading.bytes / 1000).toFixed(0),
      (reading.passing / 1000).toFixed(0),
      String(reading.inMemory),
      String(reading.onDisk),
    ]),
  };
}

export function goalsTable(goals) {
  return {
    title: 'Goals',
    head: ['', 'at most', 'p50', 'p95', '', ''],
    rows: goals.map(({ name, most, p50, p95, met, note = '' }) => [
      name,
      String(most),
      ratio(p50),
      p95 ? ratio(p95) : '',
      met ? 'met' : 'MISSED',
      note,
    ]),
  };
}

function ms({ p50, p95 }) {
  return `${digits(p50)} / ${digits(p95)}`;
}

export function ratio({ ratio: one, low, high }) {
  return low === high ? digits(one) : `${digits(one)} (${digits(low)}-${digits(high)})`;
}

/** Three digits that mean something, no more than two behind the point. */
export function digits(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function sentence(text) {
  return text[0].toUpperCase() + text.slice(1);
}
