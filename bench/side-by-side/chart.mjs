// Bars of ratios as SVG: pure, from rows to text. Its colours follow the reader's light or dark scheme by themselves, so that
// one file serves the README and the page.

/** In pixels: the whole, the labels before the bars, the figures behind them, a row, and how far below its top a bar's middle is. */
const wide = { width: 760, labels: 280, figures: 64, row: 22, middle: 11 };
/** Each label stands above its bar: to be read on narrow screens. */
const narrow = { width: 400, labels: 0, figures: 56, row: 36, middle: 26 };
const BAR = 12;
const PANEL = 46;
const GAP = 14;

const STYLE = `
  .ground { fill: #fff }
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .head { font-weight: 600 }
  .note { fill: #59636e; font-size: 12px }
  .bar { fill: #8c959f }
  .ours { fill: #0969da }
  .whisker { stroke: #1f2328; stroke-width: 1.5 }
  .one { stroke: #59636e; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 }
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .bar { fill: #656c76 }
    .ours { fill: #4493f8 }
    .whisker { stroke: #f0f6fc }
    .one { stroke: #9198a1 }
  }`;

/**
 * A chart of panels, each `{ title, note, rows }` with rows of `{ label, p50, p95, isOurs }`: a bar to the ratio of the
 * medians and a line on to that of the 95th percentiles. What is longer than `longest` is cut and says so by its figure alone.
 */
export function chart({ title, description, panels, longest = 6, isNarrow = false }) {
  const shape = isNarrow ? narrow : wide;
  const height = panels.reduce((sum, { rows }) => sum + PANEL + rows.length * shape.row + GAP, 0);
  let top = 0;
  const drawn = panels.map((panel) => {
    const text = drawPanel(panel, top, longest, shape);
    top += PANEL + panel.rows.length * shape.row + GAP;
    return text;
  });
  // Names of ids are shared by all charts of a page.
  const id = idOf(title);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${shape.width} ${height}" width="${shape.width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${escaped(title)}</title><desc id="${id}-desc">${escaped(description)}</desc><style>${STYLE}</style><rect class="ground" width="${shape.width}" height="${height}"/>${drawn.join('')}</svg>\n`;
}

function drawPanel({ title, note, rows }, top, longest, { width, labels, figures, row, middle: below }) {
  const most = Math.min(longest, Math.max(1.2, ...rows.flatMap(({ p50, p95 }) => [p50, p95])));
  const at = (ratio) => round(labels + (Math.min(ratio, most) / most) * (width - labels - figures));
  const end = top + PANEL + rows.length * row;
  const bars = rows.map(({ label, p50, p95, isOurs }, i) => {
    const middle = top + PANEL + i * row + below;
    const figure = Math.max(at(p50), at(p95)) + 6;
    return [
      `<text ${labels ? `x="${labels - 8}" y="${middle + 4}" text-anchor="end"` : `x="0" y="${middle - 10}"`}${isOurs ? ' class="head"' : ''}>${escaped(label)}</text>`,
      `<rect class="${isOurs ? 'ours' : 'bar'}" x="${labels}" y="${middle - BAR / 2}" width="${round(at(p50) - labels)}" height="${BAR}" rx="2"/>`,
      `<line class="whisker" x1="${at(p50)}" y1="${middle}" x2="${at(p95)}" y2="${middle}"/>`,
      `<text x="${figure}" y="${middle + 4}"${isOurs ? ' class="head"' : ''}>${p50.toFixed(2)}${p50 > most ? ' ›' : ''}</text>`,
    ].join('');
  });
  return [
    `<text class="head" x="0" y="${top + 18}">${escaped(title)}</text>`,
    `<text class="note" x="0" y="${top + 36}">${escaped(note)}</text>`,
    ...bars,
    `<line class="one" x1="${at(1)}" y1="${top + PANEL}" x2="${at(1)}" y2="${end}"/>`,
  ].join('');
}

function idOf(title) {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

function round(value) {
  return Math.round(value * 10) / 10;
}

export function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
