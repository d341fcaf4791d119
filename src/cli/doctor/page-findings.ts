import type { BrowserContext } from 'playwright';
import { type Finding, fails, note, works } from './finding.ts';
import type { PageWindow, Visit } from './visit.ts';

/** The page itself: is it there, is it secure, has it the script? */
export function pageFindings(visited: Visit, url: string): Finding[] {
  const { response, failure, isSecure } = visited;
  if (!response) return [fails('page', `${failure}; a URL that answers is needed`)];
  const page = response.ok() ? works('page', `${response.status()}`) : fails('page', `it answers ${response.status()}`);
  const secure = isSecure
    ? works('secure context', new URL(url).origin)
    : fails(
        'secure context',
        `${new URL(url).origin} is insecure, and has no service workers: HTTPS or localhost is needed`,
      );
  return [page, secure, scriptFinding(visited)];
}

function scriptFinding({ tags, readiness, violations, console }: Visit): Finding {
  const what = 'page script';
  const forbidden = violations.find(({ directive }) => directive.startsWith('script-src'));
  if (readiness) {
    const twice = tags.length > 1 || console.some((line) => line.includes('Cannot start a second time'));
    return twice
      ? note(what, `it is there ${Math.max(2, tags.length)} times: ${tags.join(', ')}; one tag is needed`)
      : works(what, tags[0] ?? 'started by register()');
  }
  if (forbidden)
    return fails(
      what,
      `the page's Content-Security-Policy forbids ${forbidden.blocked}: script-src 'self' is needed in it`,
    );
  return tags[0]
    ? fails(what, `${tags[0]} is in the page and did not start: "npx refrain init" copies it to where the tag looks`)
    : fails(what, 'the page has no tag: <script src="/refrain.js"></script> is needed before its own scripts');
}

/** The worker: does it control the page, and is its file served as it should be? */
export async function workerFindings(context: BrowserContext, visited: Visit): Promise<Finding[]> {
  const { readiness, page, violations } = visited;
  if (!readiness) return [];
  if (readiness !== 'ready') {
    const forbidden = violations.some(({ directive }) => /^(worker|child)-src/.test(directive));
    const why = forbidden
      ? "the page's Content-Security-Policy forbids it: worker-src 'self' is needed in it"
      : readiness.message;
    return [fails('worker', why)];
  }
  const { script, scope } = await page.evaluate(async () => {
    const { controller } = navigator.serviceWorker;
    return { script: controller?.scriptURL ?? '', scope: (await navigator.serviceWorker.ready).scope };
  });
  return [
    works('worker', `${script}, in charge of ${scope}`),
    ...(await fileFindings(context, script)),
    versionFinding(visited),
    await storageFinding(visited),
  ];
}

async function fileFindings(context: BrowserContext, script: string): Promise<Finding[]> {
  const headers = (await context.request.get(script)).headers();
  const found: Finding[] = [];
  const [, age = '0'] = /max-age=(\d+)/.exec(headers['cache-control'] ?? '') ?? [];
  if (/immutable/.test(headers['cache-control'] ?? '') || Number(age) > 3600)
    found.push(
      note('worker file', `cache-control is "${headers['cache-control']}": "no-cache" lets updates through at once`),
    );
  const policy = headers['content-security-policy'] ?? '';
  if (/(connect|default)-src/i.test(policy))
    found.push(
      note(
        'worker policy',
        `its file comes with a Content-Security-Policy: its connect-src must list every LLM API ("${policy}")`,
      ),
    );
  return found.length > 0 ? found : [works('worker file', headers['content-type'] ?? '')];
}

function versionFinding({ console }: Visit): Finding {
  const told = console.find((line) => line.includes('Cannot use a page script of version'));
  return told
    ? fails('versions', told.replace(/^Refrain: /, ''))
    : works('versions', 'page script and worker are of one version');
}

async function storageFinding({ page }: Visit): Promise<Finding> {
  const { storage, storageReason = '' } = await page.evaluate(async () => {
    const { refrain } = globalThis as unknown as Required<PageWindow>;
    return refrain.stats();
  });
  return storage === 'opfs'
    ? works('storage', 'memory and OPFS')
    : note('storage', `memory alone, until the worker stops: ${storageReason}`);
}
