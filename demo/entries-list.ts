import type { EntryInfo } from '../src/core/protocol/messages.ts';
import type { Stats } from '../src/core/report/stats.ts';
import type { VerifyReport } from '../src/core/store/opfs/verify.ts';
import type { Refrain } from '../src/page/refrain.ts';
import { tierNames } from './answer-source.ts';
import { create, element } from './element.ts';
import { formatAge, formatBytes, formatCount } from './figures.ts';

const mostShown = 50;

/** Refrain keeps no questions, only their keys; what was asked on this page is known to this page alone. */
const askedHere = new Map<string, string>();

export function rememberQuestion(key: string, question: string): void {
  askedHere.set(key, question);
}

export async function showEntries(refrain: Refrain, stats: Stats): Promise<void> {
  const rows: HTMLElement[] = [];
  for await (const entry of refrain.entries()) {
    if (rows.push(entryRow(refrain, entry)) === mostShown) break;
  }
  if (!rows.length) rows.push(create('tr', {}, create('td', { colspan: '6', class: 'empty' }, 'Nothing yet.')));
  replaceRows(element('entries', HTMLTableElement), rows);
  element('entries-summary', HTMLElement).textContent = summary(stats);
}

/** The rows are new each time; the focus stays on the entry it was on. */
function replaceRows(table: HTMLTableElement, rows: readonly HTMLElement[]): void {
  const focused = table.contains(document.activeElement) ? document.activeElement : null;
  const key = focused instanceof HTMLElement ? focused.dataset.key : undefined;
  table.tBodies[0]?.replaceChildren(...rows);
  if (key) table.querySelector<HTMLElement>(`[data-key="${key}"]`)?.focus();
}

export function enableEntryButtons(refrain: Refrain, onPurge: () => void): void {
  const purgeAll = element('purge-all', HTMLButtonElement);
  const flush = element('flush', HTMLButtonElement);
  const verify = element('verify', HTMLButtonElement);
  purgeAll.disabled = flush.disabled = verify.disabled = false;
  purgeAll.addEventListener('click', async () => {
    announce(`${counted(await refrain.purge())} forgotten`);
    onPurge();
  });
  flush.addEventListener('click', async () => {
    await refrain.flush();
    announce('All answers are on disk');
  });
  verify.addEventListener('click', async () => {
    const report = element('verify-report', HTMLElement);
    report.textContent = 'Checking …';
    report.textContent = await refrain.verify().then(verified, (error: Error) => error.message);
  });
}

function verified(report: VerifyReport | null): string {
  if (!report) return 'Nothing is written to disk here.';
  const { checked, damaged, rebuilt, swept } = report;
  const mended = [
    [damaged, 'damaged and removed'],
    [rebuilt, 'indexes rebuilt'],
    [swept, 'files left over and deleted'],
  ] as const;
  const found = mended.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
  return `${counted(checked)} checked: ${found.join(', ') || 'all sound'}.`;
}

function entryRow(refrain: Refrain, entry: EntryInfo): HTMLElement {
  const question = askedHere.get(entry.key);
  const name = `Forget: ${question ?? entry.key.slice(0, 12)}`;
  const attributes = { type: 'button', class: 'quiet', 'aria-label': name, 'data-key': entry.key };
  const forget = create('button', attributes, 'Forget');
  forget.addEventListener('click', async () => {
    const next =
      forget.closest('tr')?.nextElementSibling?.querySelector('button') ?? element('purge-all', HTMLButtonElement);
    forget.disabled = true;
    await refrain.purge({ key: entry.key });
    announce('Answer forgotten');
    next.focus();
  });
  const version = entry.modelVersion ? ` v${entry.modelVersion}` : '';
  return create(
    'tr',
    {},
    create(
      'td',
      { 'data-name': 'Question' },
      question ?? create('span', { class: 'key' }, `key ${entry.key.slice(0, 12)}…`),
    ),
    create(
      'td',
      { 'data-name': 'Model' },
      `${entry.model ?? ''}${version} `,
      create('span', { class: 'format' }, entry.format),
    ),
    create('td', { 'data-name': 'Kept in' }, ...entry.tiers.map(tierBadge)),
    create('td', { 'data-name': 'Size' }, formatBytes(entry.bytes)),
    create('td', { 'data-name': 'Age' }, formatAge((Date.now() - entry.storedAt) / 1000)),
    create('td', {}, forget),
  );
}

function tierBadge(tier: 'memory' | 'opfs'): HTMLElement {
  return create('span', { class: `badge tier-${tier}` }, tierNames[tier]);
}

function summary({ entries, bytes }: Stats): string {
  return entries ? `${counted(entries)}, ${formatBytes(bytes)}` : '';
}

function counted(entries: number): string {
  return `${formatCount(entries)} ${entries === 1 ? 'answer' : 'answers'}`;
}

function announce(text: string): void {
  element('entries-announcement', HTMLElement).textContent = text;
}
