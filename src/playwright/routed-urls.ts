import type { BrowserContext, Page } from '@playwright/test';

type Matcher = Parameters<Page['route']>[0];

/** A route that a test has made itself. */
export interface TestsRoute {
  /** `page.route("…")`. */
  readonly name: string;
  matches(url: string): boolean;
}

/** Notes the routes that the test makes from now on, on the context and on its pages. `placed` runs after each of the context's. */
export function watchRoutes(
  context: BrowserContext,
  baseURL: string | undefined,
  placed: () => Promise<void>,
): TestsRoute[] {
  const routes: TestsRoute[] = [];
  const note = (owner: string, matcher: Matcher) =>
    routes.push({ name: `${owner}.route(${nameOf(matcher)})`, matches: (url) => isMatch(matcher, url, baseURL) });
  const route = context.route.bind(context);
  context.route = async (matcher, ...rest) => {
    note('context', matcher);
    const made = await route(matcher, ...rest);
    await placed();
    return made;
  };
  const watchPage = (page: Page) => {
    const routePage = page.route.bind(page);
    page.route = (matcher, ...rest) => {
      note('page', matcher);
      return routePage(matcher, ...rest);
    };
  };
  context.pages().forEach(watchPage);
  context.on('page', watchPage);
  return routes;
}

function nameOf(matcher: Matcher): string {
  if (typeof matcher === 'string') return JSON.stringify(matcher);
  return matcher instanceof RegExp ? String(matcher) : 'a function';
}

function isMatch(matcher: Matcher, url: string, baseURL: string | undefined): boolean {
  if (typeof matcher === 'string') return globPattern(matcher, baseURL).test(url);
  // A pattern with flag `g` remembers where it was.
  if (matcher instanceof RegExp) return new RegExp(matcher.source, matcher.flags.replace('g', '')).test(url);
  return typeof matcher === 'function' ? matcher(new URL(url)) : matcher.test(url);
}

/** Playwright's globs: `*` within a path's part, `**` over parts, `{a,b}` (https://playwright.dev/docs/network#glob-url-patterns). */
function globPattern(glob: string, baseURL: string | undefined): RegExp {
  const whole = glob.startsWith('/') && baseURL ? new URL(baseURL).origin + glob : glob;
  let depth = 0;
  const source = whole.replace(/\*\*\/|\*\*|\*|[{},]|[\\^$.|?+()[\]/]/g, (found) => {
    if (found === '**/') return '(?:.*/)?';
    if (found === '**') return '.*';
    if (found === '*') return '[^/]*';
    if (found === '{') depth++;
    if (found === '}') depth--;
    if (found === '{') return '(?:';
    if (found === '}') return ')';
    if (found === ',') return depth > 0 ? '|' : ',';
    return `\\${found}`;
  });
  return new RegExp(`^${source}$`);
}
