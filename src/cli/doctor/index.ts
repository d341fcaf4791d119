import { parseArgs } from 'node:util';
import { type Command, CommandError } from '../command.ts';
import { table } from '../table.ts';
import { startBrowser } from './browser.ts';
import type { Finding } from './finding.ts';
import { pageFindings, workerFindings } from './page-findings.ts';
import { probeFindings } from './probe.ts';
import { visit } from './visit.ts';

export const doctor: Command = {
  usage: 'doctor <url> [--json]',
  summary: 'Opens a page in a headless browser and says what works, and what is needed where something does not.',
  async run(args) {
    const options = { json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const findings = await examine(urlNeeded(positionals));
    console.log(values.json ? JSON.stringify(findings, null, 2) : inWords(findings));
    return findings.some(({ result }) => result === 'fails') ? 1 : 0;
  },
};

/** @throws CommandError where no page is named */
function urlNeeded([url, ...others]: readonly string[]): string {
  if (!url || others.length > 0 || !/^https?:/.test(url) || !URL.canParse(url))
    throw new CommandError(
      `Cannot examine "${url ?? ''}": the URL of one page is needed, as in "npx refrain doctor http://localhost:3000"`,
    );
  return url;
}

/** Looks at the page in a profile of its own, which goes with the browser. */
async function examine(url: string): Promise<Finding[]> {
  const browser = await startBrowser();
  try {
    const context = await browser.newContext();
    const visited = await visit(context, url);
    return [
      ...pageFindings(visited, url),
      ...(await workerFindings(context, visited)),
      ...(visited.readiness === 'ready' ? await probeFindings(context, visited.page) : []),
    ];
  } finally {
    await browser.close();
  }
}

const marks = { works: '✓ works', note: '! note', fails: '✗ fails' };

function inWords(findings: readonly Finding[]): string {
  const failed = findings.filter(({ result }) => result === 'fails').length;
  const rows = findings.map(({ what, result, detail }) => [what, marks[result], detail]);
  const verdict = failed === 0 ? 'All is well.' : `${failed} of ${findings.length} fail.`;
  return `${table(['what', 'result', 'what is there'], rows)}\n\n${verdict}`;
}
