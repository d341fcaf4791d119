// Plain JavaScript because `node` runs it before anything that understands TypeScript does: it finds the browser for the
// test runner's configuration, too. Its documentation is in installed-chromium.d.mts.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES_ON_PATH = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const VERSION_DEADLINE_MS = 20_000;

export function findChromium(playwrights) {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) {
    const found = tryBrowser(asked, 'CHROMIUM_PATH');
    if (found) return found;
    throw new RangeError(
      `Cannot use CHROMIUM_PATH: "${asked}" does not run, the path of a Chromium or Chrome executable is needed`,
    );
  }
  const own = tryBrowser(playwrights, 'playwright');
  if (own) return own;
  for (const path of installedPaths()) {
    const found = tryBrowser(path, 'installed');
    if (found) return found;
  }
  return undefined;
}

// Everything a browser asks the network on its own account would show up in tests that count requests.
export function launchArguments() {
  const args = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
  ];
  if (isRootOnLinux()) args.push('--no-sandbox');
  return args;
}

/** Chromium's sandbox refuses to start as root. */
function isRootOnLinux() {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

// Existing is not enough: a download may lack its shared libraries, and Ubuntu's `chromium-browser` can be a stub that
// asks for a snap.
function tryBrowser(executablePath, how) {
  if (!executablePath || !existsSync(executablePath)) return undefined;
  if (process.platform === 'win32') return { executablePath, version: undefined, how };
  const asked = spawnSync(executablePath, ['--version'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: VERSION_DEADLINE_MS,
  });
  const version = /^\S.* \d+(\.\d+)+/m.exec(asked.stdout ?? '')?.[0];
  return asked.status === 0 && version ? { executablePath, version, how } : undefined;
}

function* installedPaths() {
  if (process.platform === 'darwin') {
    for (const applications of ['/Applications', join(homedir(), 'Applications')]) {
      yield `${applications}/Google Chrome.app/Contents/MacOS/Google Chrome`;
      yield `${applications}/Chromium.app/Contents/MacOS/Chromium`;
    }
  }
  if (process.platform === 'win32') {
    const { ProgramFiles, LOCALAPPDATA, 'ProgramFiles(x86)': programFilesX86 } = process.env;
    for (const folder of [ProgramFiles, programFilesX86, LOCALAPPDATA].filter(Boolean)) {
      yield join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe');
      yield join(folder, 'Chromium', 'Application', 'chrome.exe');
    }
    return;
  }
  for (const name of NAMES_ON_PATH) {
    for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) yield join(folder, name);
  }
  yield '/opt/google/chrome/chrome';
}
