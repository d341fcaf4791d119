// From samples to figures, and from figures to tables.

/** The value below which a share of the samples lies, between the two nearest where it falls between them. */
export function quantile(samples, share) {
  const sorted = Float64Array.from(samples).sort();
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

export function figuresOf(samples) {
  const [p25, p50, p75, p95] = [0.25, 0.5, 0.75, 0.95].map((share) => quantile(samples, share));
  return { p25, p50, p75, p95 };
}

/**
 * The ratio of two contenders' quantiles, with the interval it falls into 95 times of 100 when whole rounds are drawn
 * again at random (bootstrap): samples of one round were taken side by side and stay together.
 */
export function ratioOf(samples, base, share, draws = 500) {
  const random = mulberry(samples.length);
  const ratios = [];
  for (let draw = 0; draw < draws; draw++) {
    const rounds = samples.map(() => Math.floor(random() * samples.length));
    const [ours, theirs] = [samples, base].map((all) => rounds.map((round) => all[round]));
    ratios.push(quantile(ours, share) / quantile(theirs, share));
  }
  return {
    ratio: quantile(samples, share) / quantile(base, share),
    low: quantile(ratios, 0.025),
    high: quantile(ratios, 0.975),
  };
}

/** A copy in another order, the same for the same `random`. */
export function shuffled(values, random) {
  const copy = [...values];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other], copy[last]];
  }
  return copy;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32, public domain). */
export function mulberry(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Prints rows of cells, the first row being the head, the first column being names. */
export function printTable(title, rows) {
  const widths = rows[0].map((_cell, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ');
  const [head, ...body] = rows;
  console.log(`\n${title}\n\n${[line(head), '-'.repeat(line(head).length), ...body.map(line)].join('\n')}`);
}
