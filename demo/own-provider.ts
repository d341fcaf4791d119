import type { Refrain } from '../src/page/refrain.ts';
import { element } from './element.ts';
import { installedAttribute } from './installed-tag.ts';
import type { Provider, Question } from './providers/provider.ts';

const form = element('own-provider', HTMLFormElement);
const base = element('own-base', HTMLInputElement);
const key = element('own-key', HTMLInputElement);
const model = element('own-model', HTMLInputElement);
const hint = element('own-hint', HTMLElement);

/** What the reader filled in; `undefined` while there is no base URL. Lives in these fields alone. */
export function ownProvider(): (Pick<Question, 'baseUrl' | 'key'> & { model: string }) | undefined {
  const baseUrl = base.value.trim().replace(/\/+$/, '');
  if (!baseUrl || !base.validity.valid) return undefined;
  return { baseUrl, key: key.value.trim(), model: model.value.trim() };
}

export function showExampleOf(provider: Provider): void {
  base.placeholder = provider.exampleBase;
}

/** Says that this copy of the demo is files alone: without its server there is no simulated provider. */
export function showNoSimulation(): void {
  element('own-lead', HTMLElement).textContent =
    'This copy of the demo has no server, so no simulated provider: give the base URL of a real one and a key, or of ' +
    'an Ollama on this machine that allows this origin (OLLAMA_ORIGINS). Nothing typed here is stored anywhere.';
}

export function onOwnProviderChange(listener: () => void): void {
  form.addEventListener('change', listener);
  form.addEventListener('submit', (event) => event.preventDefault());
}

/** Says whether the worker takes calls to that address, and else what to add to the tag. */
export async function showHint(refrain: Refrain | undefined, request: ReturnType<Provider['request']>): Promise<void> {
  if (base.value && !base.validity.valid) {
    hint.textContent = 'A base URL looks like https://llm.example/v1.';
    return;
  }
  if (!ownProvider()) {
    hint.replaceChildren(
      'Known providers and paths are cached as they are; other addresses are named in the tag’s ',
      code('data-endpoints'),
      '.',
    );
    return;
  }
  const { url, headers, body } = request;
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const explained = await refrain?.explain(url, init).catch(() => undefined);
  if (!explained) hint.textContent = '';
  else if (explained.matched) hint.textContent = `Refrain takes calls to ${url}.`;
  else
    hint.replaceChildren(
      'Refrain does not know this address and lets it pass. Add it to the tag: ',
      code(endpointsWith(url)),
    );
}

function endpointsWith(url: string): string {
  const { origin, pathname } = new URL(url);
  return `data-endpoints="${[installedAttribute('endpoints'), origin + pathname].filter(Boolean).join(' ')}"`;
}

function code(text: string): HTMLElement {
  const created = document.createElement('code');
  created.textContent = text;
  return created;
}
