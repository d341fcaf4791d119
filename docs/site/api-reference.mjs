// The API reference, as Markdown: made by TypeDoc from the declarations the package ships, so that it says what an
// editor says.

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Application, Converter, ReflectionFlag, ReflectionKind } from 'typedoc';

/**
 * One page for each entry of the package that has declarations, by its file: `api/refrain.md`, `api/vite.md`.
 * Needs `npm run build`; takes some seconds.
 *
 * @param {string} root the repository's folder
 * @returns {Promise<Map<string, string>>} Markdown by path
 * @throws where declarations are missing
 */
export async function apiReference(root) {
  const entries = await declaredEntries(root);
  const folder = await mkdtemp(path.join(tmpdir(), 'refrain-api-'));
  try {
    const aliases = await writeMarkdown(root, entries, folder);
    const pages = new Map();
    for (const { specifier, page } of entries) {
      const text = await readFile(path.join(folder, `${moduleName(page)}.md`), 'utf8');
      pages.set(page, `# ${specifier}\n\n${asDeclared(text, aliases)}`);
    }
    return pages;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Entries of `exports` in package.json that have types: what is imported, its declarations, its page. */
async function declaredEntries(root) {
  const { name, exports } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, { types }]) => types)
    .map(([key, { types }]) => ({
      specifier: key === '.' ? name : name + key.slice(1),
      declarations: path.join(root, types),
      page: `api/${key === '.' ? name : key.slice(2)}.md`,
    }));
}

/** @returns the text of every type alias, by name */
async function writeMarkdown(root, entries, folder) {
  const app = await Application.bootstrapWithPlugins({
    ...options,
    entryPoints: entries.map(({ declarations }) => declarations),
    tsconfig: path.join(import.meta.dirname, 'tsconfig.json'),
    basePath: root,
    out: folder,
  });
  const modules = app.getEntryPoints();
  if (!modules) throw new Error('Cannot read the declarations in dist/types: npm run build is needed');
  for (const module of modules) module.displayName = moduleName(pageOf(module.sourceFile.fileName, entries));
  const declared = new Map();
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (reflection.kind === ReflectionKind.TypeAlias) declared.set(reflection.name, declarationOf(context, reflection));
  });
  const project = app.converter.convert(modules);
  for (const reflection of Object.values(project.reflections)) forgetDetails(reflection);
  await app.generateOutputs(project);
  return declared;
}

/** A declaration's own text, without the docstring before it. */
function declarationOf(context, reflection) {
  const [declaration] = context.getSymbolFromReflection(reflection).declarations;
  return declaration.getText().replace(/^export (declare )?/, '');
}

const pageOf = (file, entries) => entries.find(({ declarations }) => path.relative(declarations, file) === '').page;

/** Where something comes from says nothing to who calls it. */
function forgetDetails(reflection) {
  for (const detail of ['inheritedFrom', 'overwrites', 'extendedTypes', 'typeHierarchy']) delete reflection[detail];
  reflection.flags.setFlag(ReflectionFlag.Readonly, false);
}

const moduleName = (page) => path.basename(page, '.md');

const options = {
  plugin: ['typedoc-plugin-markdown'],
  readme: 'none',
  router: 'module',
  alwaysCreateEntryPointModule: true,
  logLevel: 'Error',
  // What declarations import may be a world of its own (a worker's, Vite's); the compiler has checked it already.
  skipErrorChecking: true,
  disableSources: true,
  excludeExternals: true,
  excludePrivate: true,
  groupOrder: ['Functions', 'Variables', 'Classes', 'Interfaces', 'Type Aliases'],
  hideBreadcrumbs: true,
  hidePageHeader: true,
  hidePageTitle: true,
  useHTMLAnchors: true,
  useCodeBlocks: true,
  expandObjects: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
};

/** Type aliases as they are written: their members carry docstrings, which TypeDoc leaves out. */
function asDeclared(text, aliases) {
  const withoutLists = text.replace(/#+ Union Members\n[\s\S]*?(?=\n\*\*\*\n\n<a id|\n## |$)/g, '');
  return withoutLists.replace(/(```ts\n)type (\w+)[^`]*(```)/g, (all, open, name, close) =>
    aliases.has(name) ? `${open}${aliases.get(name)}\n${close}` : all,
  );
}

/**
 * What `npx refrain help` prints, as a page.
 *
 * @param {string} root the repository's folder, built
 * @returns {Map<string, string>}
 */
export function commandLine(root) {
  const usage = execFileSync(process.execPath, [path.join(root, 'dist/cli.js'), 'help'], { encoding: 'utf8' });
  return new Map([['api/command-line.md', `# npx refrain\n\n\`\`\`text\n${usage.trim()}\n\`\`\`\n`]]);
}
