import type { MissedCall, Outcome } from './outcome.ts';

/** A miss in some lines: what was asked, how often, and where the closest recorded request differs. */
export function missText({ url, model, count, why, differences }: MissedCall): string {
  const head = [`POST ${url}`, model && `model ${model}`, count > 1 && `asked ${count} times`]
    .filter(Boolean)
    .join(', ');
  if (!differences) return `${head}\n    nothing like it is recorded: ${why}`;
  if (differences.length === 0) return `${head}\n    a request is recorded that is the same in all that is kept of it`;
  return [`${head}\n    the closest recorded request differs:`, ...differences.map((text) => `      ${text}`)].join(
    '\n',
  );
}

/** What Refrain did, as Markdown for the test's report. */
export function outcomeMarkdown(outcome: Outcome, past: readonly string[], cassette: string | undefined): string {
  const { served, missed, asked, unrecorded, problems } = outcome;
  const sections: [string, readonly string[]][] = [
    ['Served', counted(served.map(({ url, model, tier }) => `POST ${url}${model ? ` (${model})` : ''} from ${tier}`))],
    ['Missed', missed.map((miss) => missText(miss).replaceAll('\n', '\n  '))],
    ['Asked the network', counted(asked)],
    ['Past the worker', past],
    ['Not recorded', counted(unrecorded)],
    ['Problems', problems],
  ];
  const shown = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [`## ${title}`, '', ...lines.map((line) => `- ${line}`)].join('\n'));
  return [`# Refrain${cassette === undefined ? '' : `: ${cassette}`}`, ...shown, ''].join('\n\n');
}

function counted(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, count]) => (count > 1 ? `${line} (${count} times)` : line));
}
