import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserType } from 'playwright';
import { CommandError } from '../command.ts';
import { findChromium, launchArguments } from '../installed-chromium.mjs';

const packages = ['playwright', '@playwright/test', 'playwright-core'];

/**
 * A headless Chromium: Playwright's, driven by the Playwright of the app's folder or else of this package's, or one that is
 * installed.
 * @throws CommandError where there is no Playwright, or no browser
 */
export async function startBrowser(): Promise<Browser> {
  const chromium = await loadChromium();
  const found = installedFor(chromium);
  if (!found)
    throw new CommandError(
      'Cannot open the page: no Chromium is installed, "npx playwright install chromium" gets one',
    );
  return chromium.launch({ executablePath: found.executablePath, args: launchArguments() }).catch(cannotStart);
}

function installedFor(chromium: BrowserType): ReturnType<typeof findChromium> {
  try {
    return findChromium(chromium.executablePath());
  } catch (error) {
    return cannotStart(error as Error);
  }
}

/** The first line says what is the matter; the rest are logs. */
function cannotStart(error: Error): never {
  throw new CommandError(error.message.split('\n')[0] ?? '');
}

async function loadChromium(): Promise<BrowserType> {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    const require = createRequire(from);
    for (const name of packages) {
      const path = resolved(require, name);
      if (path)
        return ((await import(pathToFileURL(path).href)) as { default: { chromium: BrowserType } }).default.chromium;
    }
  }
  throw new CommandError(
    'Cannot open the page: Playwright is not installed, "npm install --save-dev playwright" is needed',
  );
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}
