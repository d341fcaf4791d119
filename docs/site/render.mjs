// Markdown to the site's HTML, with every link between pages followed.

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import Slugger from 'github-slugger';
import hljs from 'highlight.js/lib/common';
import { Marked } from 'marked';
import { markedHighlight } from 'marked-highlight';
import { pageTemplate } from './page-template.mjs';
import { addressOf, listing } from './pages.mjs';

/**
 * Renders all pages and checks what they link to.
 *
 * @param {Map<string, string>} pages Markdown by path in the repository
 * @param {string} root the repository's folder, for files that pages link to
 * @returns {{ files: Map<string, string>, copies: Map<string, string>, problems: string[] }} HTML by address; files of
 *   the repository that pages link to, and their addresses; one sentence for each dead link or unusable page
 */
export function renderPages(pages, root) {
  const site = { pages, root, copies: new Map(), links: [], problems: [] };
  const rendered = new Map([...pages].map(([page, markdown]) => [page, renderPage(page, markdown, site)]));
  const titles = new Map([...rendered].map(([page, { title }]) => [page, title]));
  const files = new Map();
  for (const [page, content] of rendered)
    files.set(addressOf(page), pageTemplate(page, { ...content, titles, groups: listing(pages) }));
  return { files, copies: site.copies, problems: [...site.problems, ...deadAnchors(site.links, rendered)] };
}

function renderPage(page, markdown, site) {
  const slugger = new Slugger();
  const headings = [];
  const marked = new Marked(highlighting, { renderer: rendererOf(slugger, headings) });
  marked.use({ walkTokens: (token) => followLink(token, page, site) });
  const html = marked.parse(nameHeadings(markdown));
  const titles = headings.filter(({ depth }) => depth === 1);
  if (titles.length !== 1)
    site.problems.push(`Cannot make a page of ${page}: it has ${titles.length} headings "# …", exactly one is needed`);
  return {
    html,
    title: titles[0]?.text ?? page,
    sections: headings.filter(({ depth }) => depth === sectionDepth(page)),
  };
}

/** TypeDoc sets an anchor before a heading that has a name of its own: the heading takes it. */
function nameHeadings(markdown) {
  return markdown.replace(/<a id="([^"]*)"><\/a>\n\n(#+ .*)/g, '$2 {#$1}');
}

/** What is called by name has the third level in the API reference, below its kind. */
const sectionDepth = (page) => (page.startsWith('api/') ? 3 : 2);

const highlighting = markedHighlight({
  langPrefix: 'language-',
  highlight: (code, language) =>
    hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : escapeHtml(code),
});

const escapeHtml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Headings are links to themselves; what is wider than the screen scrolls by itself, by keyboard too. */
function rendererOf(slugger, headings) {
  return {
    heading({ tokens, depth }) {
      const [, html, named] = /^(.*?)(?: \{#(.*)\})?$/s.exec(this.parser.parseInline(tokens));
      const text = html.replace(/<[^>]*>/g, '');
      // The one h1 is the page itself, and takes no name away from the sections.
      const id = depth === 1 ? undefined : (named ?? slugger.slug(plain(text)));
      headings.push({ depth, id, text });
      if (depth === 1) return `<h1>${html}</h1>\n`;
      const content = html.includes('<a') ? html : `<a href="#${id}">${html}</a>`;
      return `<h${depth} id="${id}">${content}</h${depth}>\n`;
    },
    code({ text, lang, escaped }) {
      const code = escaped ? text : escapeHtml(text);
      return `<pre tabindex="0"><code${lang ? ` class="language-${lang}"` : ''}>${code}\n</code></pre>\n`;
    },
    table({ header, rows }) {
      const named = header.some(({ text }) => text);
      const row = (cells) => `<tr>${cells.map((cell) => this.tablecell(cell)).join('')}</tr>\n`;
      const head = named ? `<thead>${row(header)}</thead>\n` : '';
      const body = rows.map((cells) => row(cells)).join('');
      return `<div class="scroll" tabindex="0" role="group" aria-label="Table">\n<table>\n${head}<tbody>${body}</tbody>\n</table>\n</div>\n`;
    },
    tablecell({ tokens, header, text }) {
      const tag = header && text ? 'th scope="col"' : 'td';
      return `<${tag}>${this.parser.parseInline(tokens)}</${tag.slice(0, 2)}>`;
    },
    link({ href, tokens }) {
      const content = this.parser.parseInline(tokens);
      return href ? `<a href="${href}">${content}</a>` : content;
    },
  };
}

const characters = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };

const plain = (html) => html.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => characters[entity]);

/** Turns a link to a file of the repository into one to its address on the site. A folder has none. */
function followLink(token, page, site) {
  if ((token.type !== 'link' && token.type !== 'image') || /^[a-z][\w+.-]*:/i.test(token.href)) return;
  const [file, anchor] = decodeURI(token.href).split('#');
  const target = file ? path.posix.join(path.posix.dirname(page), file).replace(/\/$/, '') : page;
  const linked = [target, path.posix.join(target, 'README.md')].find((each) => site.pages.has(each));
  const address = linked ? addressOf(linked) : copyOf(target, site);
  if (address === undefined)
    site.problems.push(`Cannot follow the link "${token.href}" in ${page}: there is no such file`);
  site.links.push({ page, href: token.href, address, anchor });
  if (!address) token.href = '';
  else if (file)
    token.href =
      path.posix.relative(path.posix.dirname(addressOf(page)), address) + (anchor === undefined ? '' : `#${anchor}`);
}

/** The address a file is copied to, its text readable in browsers; empty for a folder, `undefined` for nothing. */
function copyOf(target, { root, copies }) {
  const file = path.join(root, target);
  if (target.startsWith('..') || !existsSync(file)) return undefined;
  if (statSync(file).isDirectory()) return '';
  const address = /\.(svg|png|json)$/.test(target) ? target : `${target}.txt`;
  copies.set(target, address);
  return address;
}

function deadAnchors(links, rendered) {
  const anchors = new Map([...rendered].map(([page, { html }]) => [addressOf(page), idsIn(html)]));
  return links
    .filter(({ address, anchor }) => anchor && anchors.has(address) && !anchors.get(address).has(anchor))
    .map(({ page, href }) => `Cannot follow the link "${href}" in ${page}: that page has no such heading`);
}

const idsIn = (html) => new Set(Array.from(html.matchAll(/\sid="([^"]+)"/g), ([, id]) => id));
