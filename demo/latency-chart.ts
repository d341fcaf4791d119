import { tierNames } from './answer-source.ts';
import { element } from './element.ts';
import { formatDuration } from './figures.ts';
import { type LatencyLog, type Sample, tiers } from './latency-log.ts';

const laneHeight = 46;
const axisHeight = 24;
const labelWidth = 74;
const edge = 14;
const ticks = [1, 10, 100, 1000, 10_000];
/** Closer together their labels touch, so that every other one is left out. */
const narrowestTick = 46;
const shortest = 0.3;
const longest = 30_000;

/** One lane a tier, one pair of dots an answer, time on a logarithmic axis. The table beside it says the same in words. */
export function showLatency(log: LatencyLog): void {
  const holder = element('latency-chart', HTMLElement);
  const draw = () => holder.replaceChildren(chart(log, holder.clientWidth));
  if (!observed) {
    observed = new ResizeObserver(() => redraw());
    observed.observe(holder);
  }
  redraw = draw;
  draw();
  fillTable(log);
}

let observed: ResizeObserver | undefined;
let redraw = () => {};

function chart(log: LatencyLog, width: number): SVGElement {
  const height = laneHeight * tiers.length + axisHeight;
  const x = (milliseconds: number) => {
    const bounded = Math.min(longest, Math.max(shortest, milliseconds));
    const share = Math.log(bounded / shortest) / Math.log(longest / shortest);
    return labelWidth + share * (width - labelWidth - edge);
  };
  const svg = shape('svg', {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': inWords(log),
  });
  const every = x(10) - x(1) < narrowestTick ? 2 : 1;
  for (const [index, tick] of ticks.entries()) {
    svg.append(shape('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: 0, y2: height - axisHeight }));
    if (index % every === 0)
      svg.append(label(tick < 1000 ? `${tick} ms` : `${tick / 1000} s`, x(tick), height - 7, 'tick'));
  }
  const newest = log.samples.at(-1);
  tiers.forEach((tier, lane) => {
    const middle = laneHeight * (lane + 0.5);
    const group = shape('g', { class: `lane tier-${tier}` });
    group.append(shape('line', { class: 'lane-line', x1: labelWidth, x2: width - edge, y1: middle, y2: middle }));
    group.append(label(tierNames[tier], 0, middle + 4, 'lane-name'));
    const ofTier = log.samples.filter((sample) => sample.tier === tier);
    ofTier.forEach((sample, index) => {
      group.append(dumbbell(sample, x, middle + spread(index), sample === newest));
    });
    const { whole } = log.summary(tier);
    if (whole !== undefined) group.append(...medianMark(x(whole), middle, formatDuration(whole), width));
    svg.append(group);
  });
  return svg;
}

function dumbbell(sample: Sample, x: (milliseconds: number) => number, y: number, newest: boolean): SVGElement {
  const group = shape('g', { class: newest ? 'sample newest' : 'sample' });
  group.append(
    shape('line', { class: 'span', x1: x(sample.firstByte), x2: x(sample.whole), y1: y, y2: y }),
    shape('circle', { class: 'ring', cx: x(sample.firstByte), cy: y, r: 3.5 }),
    shape('circle', { class: 'disc', cx: x(sample.whole), cy: y, r: 4.5 }),
  );
  return group;
}

function medianMark(at: number, middle: number, text: string, width: number): SVGElement[] {
  const halfText = 24;
  const textAt = Math.min(width - halfText, Math.max(labelWidth + halfText, at));
  return [
    shape('line', { class: 'median', x1: at, x2: at, y1: middle - 12, y2: middle + 12 }),
    label(text, textAt, middle - 15, 'median-label'),
  ];
}

/** A few pixels up or down, the same each time, so that equal times stay countable. */
function spread(index: number): number {
  return [0, 5, -5, 9, -9, 3, -3, 7, -7][index % 9] ?? 0;
}

function inWords(log: LatencyLog): string {
  const parts = tiers.map((tier) => {
    const { count, whole } = log.summary(tier);
    return `${tierNames[tier]}: ${whole === undefined ? 'no answers yet' : `${count}, median ${formatDuration(whole)}`}`;
  });
  return `Time of each answer by tier, logarithmic. ${parts.join('; ')}.`;
}

function fillTable(log: LatencyLog): void {
  const body = element('latency-table', HTMLTableElement).tBodies[0];
  if (!body) return;
  body.replaceChildren(
    ...tiers.map((tier) => {
      const { count, firstByte, whole } = log.summary(tier);
      const row = document.createElement('tr');
      const name = document.createElement('th');
      name.scope = 'row';
      name.className = `tier-${tier}`;
      name.textContent = tierNames[tier];
      row.append(name);
      for (const text of [String(count), maybe(firstByte), maybe(whole)]) row.insertCell().textContent = text;
      return row;
    }),
  );
}

function maybe(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '–' : formatDuration(milliseconds);
}

function shape(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const created = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [attribute, value] of Object.entries(attributes)) created.setAttribute(attribute, String(value));
  return created;
}

function label(text: string, x: number, y: number, kind: string): SVGElement {
  const created = shape('text', { x, y, class: kind });
  created.textContent = text;
  return created;
}
