import { randomUUID } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isRefrains, readScript, scriptNames } from './built-scripts.ts';
import { type Command, CommandError } from './command.ts';
import { type Manifest, readManifest, rememberFolder } from './manifest.ts';

export const init: Command = {
  usage: 'init [<public-dir>]',
  summary:
    'Copies both scripts into the folder your site serves, and remembers it: without a folder, into those remembered.',
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const manifest = await readManifest(process.cwd());
    const folders = positionals.length > 0 ? positionals : rememberedIn(manifest);
    for (const folder of folders) await checkFolder(folder);
    for (const folder of folders) await copyInto(folder);
    if (positionals.length > 0) console.log(await rememberFolder(manifest, positionals));
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

/** @throws CommandError where no folder was remembered */
function rememberedIn(manifest: Manifest): readonly string[] {
  if (manifest.folders.length > 0) return manifest.folders;
  throw new CommandError(
    'Cannot copy the scripts: no folder is named or remembered in package.json, the folder your site serves is needed, as in "npx refrain init public"',
  );
}

/** @throws CommandError where the folder is none, or holds a file of these names that is not Refrain's */
async function checkFolder(folder: string): Promise<void> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new CommandError(
      `Cannot copy the scripts into ${folder}: there is no such folder, the one your site serves is needed`,
    );
  for (const name of scriptNames) {
    const present = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (present !== undefined && !isRefrains(present))
      throw new CommandError(
        `Cannot copy ${name} into ${folder}: a file of that name is there and is not Refrain's, another folder or its removal is needed`,
      );
  }
}

/** Each file is put in place as a whole: a server may be reading it. */
async function copyInto(folder: string): Promise<void> {
  for (const name of scriptNames) {
    const path = join(folder, name);
    const unfinished = `${path}.${randomUUID()}`;
    await writeFile(unfinished, await readScript(name));
    await rename(unfinished, path);
    console.log(`Copied ${path}`);
  }
}
