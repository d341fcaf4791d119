import type { Counters, Stats } from '../src/core/report/stats.ts';
import { create, element } from './element.ts';
import { formatBytes, formatCount, formatDuration } from './figures.ts';

let asked = 0;
let upstreamAtStart: number | undefined;

export function countAsked(): void {
  asked++;
  element('asked-count', HTMLElement).textContent = formatCount(asked);
}

/**
 * Shows how many questions arrived at the simulated provider since this page was opened. Its own count, not Refrain's.
 * `false`: there is no simulated provider, or it cannot be reached.
 */
export async function showUpstreamCount(): Promise<boolean> {
  const calls = await upstreamCalls();
  if (calls === undefined) return false;
  upstreamAtStart ??= calls;
  element('upstream-count', HTMLElement).textContent = formatCount(calls - upstreamAtStart);
  return true;
}

/** Absent while the server cannot be reached. */
async function upstreamCalls(): Promise<number | undefined> {
  try {
    const response = await fetch('/upstream-calls', { cache: 'no-store' });
    return ((await response.json()) as { calls: number }).calls;
  } catch {
    return undefined;
  }
}

export function showStats(stats: Stats): void {
  const { timeSaved, tokens } = stats.sinceInstall;
  element('time-saved', HTMLElement).textContent = timeSaved ? formatDuration(timeSaved) : '0 s';
  element('tokens-saved', HTMLElement).textContent = formatCount(tokens.saved.input + tokens.saved.output);
  element('all-figures', HTMLElement).replaceChildren(figuresTable(stats), ...storageLines(stats));
}

function figuresTable({ sinceBoot, sinceInstall }: Stats): HTMLElement {
  const head = create('tr', {}, ...['', 'Since boot', 'Ever'].map((name) => create('th', { scope: 'col' }, name)));
  const rows = figures(sinceInstall).map(([name, ever], index) => {
    const boot = figures(sinceBoot)[index]?.[1] ?? '–';
    return create('tr', {}, create('th', { scope: 'row' }, name), create('td', {}, boot), create('td', {}, ever));
  });
  return create('table', {}, create('thead', {}, head), create('tbody', {}, ...rows));
}

function figures(counters: Counters): readonly (readonly [name: string, value: string])[] {
  const { hits, misses, collapsed, stored, tokens, timeSaved } = counters;
  return [
    ['Hits in memory', formatCount(hits.memory)],
    ['Hits in OPFS', formatCount(hits.opfs)],
    ['Misses', formatCount(misses)],
    ['Joined', formatCount(collapsed)],
    ['Stored', formatCount(stored)],
    ['Not kept', byReason(counters.refusals)],
    ['Let pass', byReason(counters.bypasses)],
    ['Removed', byReason(counters.removed)],
    ['Tokens saved', formatCount(tokens.saved.input + tokens.saved.output)],
    ['Tokens spent', formatCount(tokens.live.input + tokens.live.output)],
    ['Time saved', formatDuration(timeSaved)],
  ];
}

function byReason(counts: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(counts).map(([reason, count]) => `${reason} ${formatCount(count)}`);
  return reasons.join(', ') || '0';
}

function storageLines({ memory, opfs, storage, storageReason, version }: Stats): HTMLElement[] {
  const onDisk =
    storage === 'opfs'
      ? `OPFS: ${formatBytes(opfs.bytes)} of ${formatBytes(opfs.budget)}.`
      : `Nothing is written to disk here: ${storageReason ?? 'no storage'}.`;
  const inMemory = `Memory: ${formatBytes(memory.bytes)} of ${formatBytes(memory.budget)}.`;
  return [create('p', { class: 'summary' }, `${inMemory} ${onDisk} Refrain ${version}.`)];
}
