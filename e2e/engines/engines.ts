import { chromium } from './chromium.ts';
import type { Engine, EngineName } from './engine.ts';
import { firefox } from './firefox.ts';
import { webkitgtk } from './webkitgtk.ts';

export const engines: Readonly<Record<EngineName, Engine>> = {
  Chromium: chromium,
  Firefox: firefox,
  WebKitGTK: webkitgtk,
};

/** Those that are installed here. */
export const installed: readonly Engine[] = Object.values(engines).filter((engine) => !engine.missing());
