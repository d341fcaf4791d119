// `npm run docs`: every page of the documentation, the API reference and the demo as one static site.
// An argument names another folder than dist-docs.

import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build as buildWithVite } from 'vite';
import { installPackages } from '../../build/install-packages.mjs';

const root = path.join(import.meta.dirname, '../..');
const out = path.resolve(process.argv[2] ?? path.join(root, 'dist-docs'));

installPackages(new URL('./', import.meta.url));
// Not before: what these import has just been installed.
const { apiReference, commandLine } = await import('./api-reference.mjs');
const { readPages } = await import('./pages.mjs');
const { renderPages } = await import('./render.mjs');

const pages = new Map([...(await readPages(root)), ...(await apiReference(root)), ...commandLine(root)]);
const { files, copies, problems } = renderPages(pages, root);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

await rm(out, { recursive: true, force: true });
for (const [file, html] of files) await write(file, html);
for (const [from, to] of copies) await cp(path.join(root, from), path.join(out, to));
await write('style.css', await stylesheet());
await buildDemo();
console.log(`${files.size} pages in ${out}
Look at them: npx vite preview --outDir ${path.relative(process.cwd(), out) || '.'}`);

async function write(file, text) {
  const target = path.join(out, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
}

/** The demo's palette, so that both look as one, and the site's own rules. */
async function stylesheet() {
  const parts = [path.join(root, 'demo/style/colours.css'), path.join(import.meta.dirname, 'site.css')];
  return (await Promise.all(parts.map((part) => readFile(part, 'utf8')))).join('\n');
}

/** Without its server: whoever visits it names a provider of their own. */
function buildDemo() {
  return buildWithVite({
    configFile: path.join(root, 'demo/vite.config.ts'),
    base: './',
    logLevel: 'error',
    build: { outDir: path.join(out, 'demo'), emptyOutDir: true },
  });
}
