// The packages of other contenders: installed when the bench is first run, so that nobody else has to wait for them.

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../', import.meta.url);

/** Installs what the lock file names, where it is not there or older. */
export function installPackages() {
  const changed = (path) => statSync(new URL(path, FOLDER), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changed('node_modules/.package-lock.json') >= changed('package-lock.json')) return;
  console.error('Installing what is measured beside: npm ci in bench/');
  // Without scripts: none of these packages needs one, and the gateway's would want a developer's tools.
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: fileURLToPath(FOLDER),
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('Cannot install what is measured beside: npm ci in bench/ failed');
}
