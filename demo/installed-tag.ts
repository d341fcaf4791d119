import { element } from './element.ts';

/** Shows the script tag as it stands in this page's head. */
export function showInstalledTag(): void {
  const tag = installedTag();
  const attributes = tag ? [...tag.attributes].map(({ name, value }) => `${name}=${quoted(value)}`) : [];
  element('installed-tag', HTMLElement).textContent = `<script ${attributes.join('\n  ')}></script>`;
}

/** The value of one of its attributes, such as `models` for `data-models`. */
export function installedAttribute(name: string): string | undefined {
  return installedTag()?.dataset[name];
}

function installedTag(): HTMLScriptElement | null {
  return document.querySelector<HTMLScriptElement>('script[src="refrain.js"]');
}

function quoted(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}
