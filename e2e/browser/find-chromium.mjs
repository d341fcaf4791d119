// Plain JavaScript because `node` runs it before anything that understands TypeScript does: it must find the browser
// for the test runner's configuration, and for ensure-chromium.mjs. Its documentation is in find-chromium.d.mts.

import { chromium } from 'playwright';
import { findChromium as findIn, launchArguments } from '../../src/cli/installed-chromium.mjs';

export function findChromium() {
  return findIn(chromium.executablePath());
}

export function launchOptions() {
  const found = findChromium();
  return { ...(found && { executablePath: found.executablePath }), args: launchArguments() };
}
