// The frame around every page: no script, no font and no request to anywhere else.

import path from 'node:path';
import { addressOf } from './pages.mjs';

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%233d4fb8'/%3E%3Cg fill='%23fff'%3E%3Crect x='21' y='7' width='4' height='18'/%3E%3Crect x='17' y='7' width='1.6' height='18'/%3E%3Ccircle cx='11.5' cy='12.5' r='2.2'/%3E%3Ccircle cx='11.5' cy='19.5' r='2.2'/%3E%3C/g%3E%3C/svg%3E";

/** A page this long lists its sections at its head. */
const manySections = 4;

/**
 * @param {string} page its path in the repository
 * @param {{ html: string, title: string, sections: { id: string, text: string }[], titles: Map<string, string>,
 *   groups: [string, string[]][] }} content what is in it, and what all pages are called
 * @returns {string} a whole HTML document
 */
export function pageTemplate(page, { html, title, sections, titles, groups }) {
  const here = path.posix.dirname(addressOf(page));
  const to = (address) => path.posix.relative(here, address);
  const [head, rest] = split(html);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page === 'README.md' ? title : `${title} · Refrain`}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${to('style.css')}">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="name" href="${to('index.html')}">Refrain</a>
<nav aria-label="Site"><a href="${to('demo/index.html')}">Demo</a> <a href="#pages">All pages</a></nav>
</header>
<div class="columns">
<main id="content" tabindex="-1">
${head}${sections.length >= manySections ? sectionList(sections) : ''}${rest}</main>
<nav id="pages" class="pages" aria-label="Pages" tabindex="-1">
${groups.map(([heading, pages]) => group(heading, pages, { page, titles, to })).join('')}</nav>
</div>
</body>
</html>
`;
}

/** The title, and what follows it. */
function split(html) {
  const end = html.indexOf('</h1>') + '</h1>\n'.length;
  return [html.slice(0, end), html.slice(end)];
}

function sectionList(sections) {
  const items = sections.map(({ id, text }) => `<li><a href="#${id}">${text}</a></li>`);
  return `<details class="sections"><summary>On this page</summary><ul>${items.join('')}</ul></details>\n`;
}

function group(heading, pages, { page, titles, to }) {
  if (pages.length === 0) return '';
  const items = pages.map((each) => {
    const current = each === page ? ' aria-current="page"' : '';
    return `<li><a href="${to(addressOf(each))}"${current}>${titles.get(each)}</a></li>`;
  });
  return `<h2>${heading}</h2>\n<ul>${items.join('')}</ul>\n`;
}
