import { posix } from 'node:path';
import type { HtmlTagDescriptor } from 'vite';
import { attributeName } from '../core/settings/attributes.ts';
import { textsOf } from '../core/settings/option-texts.ts';
import type { RefrainOptions } from '../core/settings/refrain-options.ts';
import type { PwaWorker } from './pwa-worker.ts';

/**
 * The tag as the first thing in the head: calls of scripts before it would not be taken. Vite escapes its attributes.
 * @param base as `baseOf` gives it
 */
export function scriptTag(base: string, options: RefrainOptions): HtmlTagDescriptor {
  const attributes: Record<string, string> = { src: `${base}refrain.js` };
  for (const [name, text] of Object.entries(textsOf(options)))
    if (text !== undefined) attributes[attributeName(name)] = text;
  return { tag: 'script', injectTo: 'head-prepend', attrs: attributes };
}

/**
 * How a tag names the worker of a PWA, which has Refrain inside. Nothing for Refrain's own.
 * @param scope the app's word; else the PWA's counts, where it is no relative one
 */
export function optionsFor(
  pwa: PwaWorker | undefined,
  base: string,
  scope = pwa?.scope.startsWith('/') ? pwa.scope : undefined,
): RefrainOptions {
  if (!pwa) return {};
  return {
    worker: base + pwa.file,
    ...(scope !== undefined && { scope }),
    ...(pwa.type === 'module' && { workerType: 'module' }),
  };
}

/**
 * The site's base as a page names it: relative to that page where Vite's `base` is.
 * @param page path of the HTML file under the site's base, with a leading slash
 */
export function baseOf(base: string, page: string): string {
  if (base !== '' && base !== './') return base;
  return `${posix.relative(posix.dirname(page), '/') || '.'}/`;
}

/** @throws Error where a worker beside the page script could not be registered: it is another origin's */
export function checkBase(base: string, options: RefrainOptions): void {
  if (/^([a-z][a-z0-9+.-]*:)?\/\//i.test(base) && options.worker === undefined)
    throw new Error(
      `Cannot use refrain-sw.js under the base ${base}: a worker has to come from the origin of its pages, the option worker with such a URL is needed`,
    );
}
