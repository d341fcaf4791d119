// Which files are pages of the site, under which address, and in which order they are listed.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const beside = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

/**
 * Markdown of every page by its path in the repository: those at its root, and all of docs/ but this folder.
 *
 * @param {string} root the repository's folder
 * @returns {Promise<Map<string, string>>}
 */
export async function readPages(root) {
  const below = await readdir(path.join(root, 'docs'), { recursive: true });
  const names = below.map((name) => `docs/${name.split(path.sep).join('/')}`);
  const pages = names.filter((name) => name.endsWith('.md') && !name.startsWith('docs/site/')).sort();
  const read = async (name) => [name, await readFile(path.join(root, name), 'utf8')];
  return new Map(await Promise.all([...beside, ...pages].map(read)));
}

/** Address of a page: as in the repository, so that a link between two of them differs by its ending alone. */
export function addressOf(page) {
  return page.replace(/(^|\/)README\.md$/, '$1index.html').replace(/\.md$/, '.html');
}

/** @returns {[heading: string, pages: string[]][]} what every page links to, in order */
export function listing(pages) {
  const all = [...pages.keys()];
  const inFolder = (folder) => all.filter((page) => path.posix.dirname(page) === folder);
  return [
    ['Start', ['README.md']],
    ['Guides', inFolder('docs/guides')],
    ['API reference', inFolder('api')],
    ['Background', [...inFolder('docs'), ...all.filter((page) => /^docs\/(?!guides)[^/]+\/README\.md$/.test(page))]],
    ['Project', beside.slice(1)],
  ];
}
