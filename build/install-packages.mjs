// Packages of a folder that has its own package.json: installed when they are first needed, so that nobody else has to
// wait for them.

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Installs what the folder's lock file names, where it is not there or older.
 *
 * @param {URL} folder with a slash at its end
 * @throws where npm failed; npm has said why
 */
export function installPackages(folder) {
  const changed = (path) => statSync(new URL(path, folder), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changed('node_modules/.package-lock.json') >= changed('package-lock.json')) return;
  const path = fileURLToPath(folder);
  process.stderr.write(`Installing what is needed here alone: npm ci in ${path}\n`);
  // Without scripts: none of these packages needs one, and some would want a developer's tools.
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: path,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`Cannot install the packages of ${path}: npm ci failed`);
}
