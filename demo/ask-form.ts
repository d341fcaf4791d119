import type { ClientKind } from './ask.ts';
import { create, element } from './element.ts';
import { onOwnProviderChange, ownProvider, showExampleOf } from './own-provider.ts';
import { providerNamed } from './providers/index.ts';
import type { Provider, Question } from './providers/provider.ts';
import { onSuggestion } from './suggestions.ts';

const form = element('ask-form', HTMLFormElement);
const model = element('model', HTMLSelectElement);
const stream = element('stream', HTMLInputElement);
const prompt = element('prompt', HTMLTextAreaElement);
const button = element('ask', HTMLButtonElement);

/** Everything the form says, as one question. */
export interface Asking {
  readonly provider: Provider;
  readonly client: ClientKind;
  readonly question: Question;
}

/** The simulated provider takes any. */
const simulatedKey = 'demo-key';

export function readForm(): Asking {
  const choices = new FormData(form);
  const provider = providerNamed(String(choices.get('provider')));
  const own = ownProvider();
  return {
    provider,
    client: choices.get('client') === 'fetch' ? 'fetch' : 'sdk',
    question: {
      prompt: prompt.value.trim(),
      model: own?.model || model.value,
      stream: stream.checked,
      baseUrl: own?.baseUrl ?? location.origin + provider.simulatedBase,
      key: own ? own.key : simulatedKey,
    },
  };
}

/** Fills the form and calls back when a question is to be asked, when a running one is to be stopped, and on any change. */
export function startForm(on: { ask(): void; stop(): void; change(): void }): void {
  showModels();
  onSuggestion((question) => {
    prompt.value = question;
    if (!button.dataset.asking) on.ask();
  });
  form.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === 'provider') showModels();
    on.change();
  });
  onOwnProviderChange(() => {
    showModels();
    on.change();
  });
  prompt.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (button.dataset.asking) on.stop();
    else on.ask();
  });
}

export function showBusy(busy: boolean): void {
  button.textContent = busy ? 'Stop' : 'Ask';
  if (busy) button.dataset.asking = 'true';
  else delete button.dataset.asking;
}

/** The provider's models, or the one the reader named. */
function showModels(): void {
  const { provider } = readForm();
  const own = ownProvider()?.model;
  const names = own ? [own] : provider.models;
  const chosen = model.value;
  model.replaceChildren(...names.map((name) => create('option', { selected: name === chosen }, name)));
  model.disabled = Boolean(own);
  showExampleOf(provider);
}
