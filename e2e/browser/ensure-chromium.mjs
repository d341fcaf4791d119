// Finds the browser the tests run in, or gets one: `node e2e/browser/ensure-chromium.mjs`. Says which on one line; what
// the installers print is shown only when all of them failed.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findChromium } from './find-chromium.mjs';

const INSTALL_DEADLINE_MS = 10 * 60_000;
const BY_HAND = 'npx playwright install --with-deps chromium';

const failures = [];

try {
  const found = findChromium() ?? installedBy(playwrightInstall) ?? installedBy(aptInstall);
  if (found) console.log(`Browser: ${found.version ?? 'Chromium'} (${found.how}) ${found.executablePath}`);
  else giveUp();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function installedBy(install) {
  return install() ? findChromium() : undefined;
}

// Playwright's own command line rather than `npx`, which may ask before it runs. `--no-shell` leaves out the second,
// reduced browser: the tests run the full one, with its service workers, headless.
function playwrightInstall() {
  const playwright = dirname(createRequire(import.meta.url).resolve('playwright/package.json'));
  const install = [join(playwright, 'cli.js'), 'install', '--no-shell', 'chromium'];
  return run('npx playwright install --no-shell chromium', process.execPath, install);
}

function aptInstall() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false;
  return (
    run('apt-get update', 'apt-get', ['update']) &&
    run('apt-get install -y chromium', 'apt-get', ['install', '-y', '--no-install-recommends', 'chromium'])
  );
}

function run(title, command, args) {
  const ran = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    // Nobody may be there to answer: with CI there is no terminal.
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: INSTALL_DEADLINE_MS,
  });
  if (ran.status === 0) return true;
  const output = `${ran.stdout ?? ''}${ran.stderr ?? ''}`.trim().split('\n').slice(-15).join('\n');
  failures.push(`${title}: ${ran.error?.message ?? `exit code ${ran.status}`}\n${output}`);
  return false;
}

function giveUp() {
  for (const failure of failures) console.error(`${failure}\n`);
  console.error(
    `Cannot run the browser tests: no Chromium or Chrome runs on this system, one is needed (or set CHROMIUM_PATH to it). Run:\n\n  ${BY_HAND}\n`,
  );
  process.exitCode = 1;
}
