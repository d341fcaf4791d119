import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { readScript, type ScriptName, scriptNames, versionOf } from './built-scripts.ts';
import { type Command, CommandError } from './command.ts';
import { type Manifest, readManifest, rememberFolders } from './manifest.ts';

export const init: Command = {
  usage: 'init [<public-dir>]',
  summary:
    'Copies both scripts into the folder your site serves, and remembers it: without a folder, into those remembered.',
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const manifest = await readManifest(process.cwd());
    const named = positionals.map(asRemembered);
    const folders = named.length > 0 ? named : rememberedIn(manifest);
    for (const folder of folders) await checkFolder(folder);
    for (const folder of folders) await copyInto(folder);
    if (named.length > 0) console.log(await rememberFolders(manifest, named));
    console.log(nextSteps);
    return 0;
  },
};

const nextSteps = `
Put this before your own scripts:

  <script src="/refrain.js"></script>

Then see what works, with your site running:

  npx refrain doctor http://localhost:3000

After an update of the package, "npx refrain init" copies the scripts again.`;

/** One folder is written in one way, on every system: `./public/` is `public`. */
function asRemembered(folder: string): string {
  return relative('', folder).replaceAll(sep, '/') || '.';
}

/** @throws CommandError where no folder was remembered */
function rememberedIn(manifest: Manifest): readonly string[] {
  if (manifest.folders.length > 0) return manifest.folders;
  throw new CommandError(
    'Cannot copy the scripts: no folder is named or remembered in package.json, the folder your site serves is needed, as in "npx refrain init public"',
  );
}

/** @throws CommandError where the folder is none, or holds something of these names that is not Refrain's */
async function checkFolder(folder: string): Promise<void> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new CommandError(
      `Cannot copy the scripts into ${folder}: there is no such folder, the one your site serves is needed`,
    );
  for (const name of scriptNames) {
    if (!(await isFree(join(folder, name))))
      throw new CommandError(
        `Cannot copy ${name} into ${folder}: a file of that name is there and is not Refrain's, another folder or its removal is needed`,
      );
  }
}

/** Nothing is there, or an earlier copy. A folder, and what cannot be read, is not free. */
function isFree(path: string): Promise<boolean> {
  return readFile(path, 'utf8').then(
    (present) => versionOf(present) !== undefined,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

/** @throws CommandError where the folder cannot be written into */
async function copyInto(folder: string): Promise<void> {
  for (const name of scriptNames) {
    const path = join(folder, name);
    await replaceFile(path, name).catch((error: NodeJS.ErrnoException) => {
      throw new CommandError(
        `Cannot copy ${name} into ${folder}: ${error.code ?? error.message}, a folder that can be written into is needed`,
      );
    });
    console.log(`Copied ${path}`);
  }
}

/** Puts a script in place as a whole: a server may be reading it. */
async function replaceFile(path: string, name: ScriptName): Promise<void> {
  const script = await readScript(name);
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeFile(unfinished, script);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}
