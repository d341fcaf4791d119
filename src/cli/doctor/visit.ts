import type { BrowserContext, Page, Response } from 'playwright';

/** What Refrain says of itself on a page, as far as this command needs it. */
interface RefrainInPage {
  readonly ready: Promise<void>;
  stats(): Promise<{ version: string; storage: string; storageReason?: string }>;
  flush(): Promise<void>;
  forgetMemory(): Promise<void>;
  purge(filter: { tag: string }): Promise<number>;
}

/** The page's window, as functions that run in it see it. */
export interface PageWindow {
  readonly refrain?: RefrainInPage;
  readonly violations?: readonly { readonly directive: string; readonly blocked: string }[];
}

/** A page that was opened, and what was seen and heard meanwhile. */
export interface Visit {
  readonly page: Page;
  /** `undefined` where nobody answered. */
  readonly response: Response | undefined;
  readonly failure: string | undefined;
  readonly console: readonly string[];
  /** What the page's Content-Security-Policy forbade. */
  readonly violations: readonly { readonly directive: string; readonly blocked: string }[];
  readonly isSecure: boolean;
  /** URLs of the tags whose file is the page script. */
  readonly tags: readonly string[];
  /** `ready`, or why it is not; `undefined` where Refrain did not start. */
  readonly readiness: 'ready' | { readonly code: string; readonly message: string } | undefined;
}

/** How long the page has to load, and Refrain to be ready, in milliseconds. */
const patience = 15_000;

/** Opens a page and looks at it. Never rejects for what the page does. */
export async function visit(context: BrowserContext, url: string): Promise<Visit> {
  const page = await context.newPage();
  const console: string[] = [];
  page.on('console', (message) => console.push(message.text()));
  await page.addInitScript(() => {
    const violations: { directive: string; blocked: string }[] = [];
    Object.assign(globalThis, { violations });
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
      violations.push({ directive: effectiveDirective, blocked: blockedURI }),
    );
  });
  let failure: string | undefined;
  const response = await page.goto(url, { timeout: patience }).catch((error: Error) => {
    failure = error.message.split('\n')[0];
    return null;
  });
  const seen = await page.evaluate(look).catch(() => ({ isSecure: false, tags: [], hasRefrain: false }));
  const readiness = seen.hasRefrain ? await readinessOf(page) : undefined;
  const violations = await page.evaluate(() => (globalThis as unknown as PageWindow).violations ?? []).catch(() => []);
  const { isSecure, tags } = seen;
  return { page, response: response ?? undefined, failure, console, violations, isSecure, tags, readiness };
}

/** Runs in the page. */
function look() {
  const scripts = [...document.scripts].map(({ src }) => src);
  return {
    isSecure: isSecureContext,
    tags: scripts.filter((src) => /\/refrain[^/]*\.js(\?|$)/.test(src)),
    hasRefrain: (globalThis as unknown as PageWindow).refrain !== undefined,
  };
}

function readinessOf(page: Page): Promise<Visit['readiness']> {
  const asked = page.evaluate(
    (milliseconds) =>
      Promise.race([
        (globalThis as unknown as PageWindow).refrain?.ready.then(
          () => 'ready' as const,
          (error: Error & { code?: string }) => ({ code: error.code ?? error.name, message: error.message }),
        ),
        new Promise<{ code: string; message: string }>((resolve) =>
          setTimeout(
            () => resolve({ code: 'waiting', message: `nothing happened in ${milliseconds} ms` }),
            milliseconds,
          ),
        ),
      ]),
    patience,
  );
  return asked.catch((error: Error) => ({ code: 'failed', message: error.message }));
}
