const told = new Set<string>();

/** Says one thing in the page's console, once a page load: a user reads one clear sentence, not a flood. */
export function tellOnce(code: string, message: string): void {
  if (told.has(code)) return;
  told.add(code);
  // biome-ignore lint/suspicious/noConsole: the one place that speaks to the app's developer
  console.warn(`Refrain: ${message}`);
}
