import type { Refrain } from '../src/page/refrain.ts';
import { element } from './element.ts';
import { installedAttribute } from './installed-tag.ts';

/** Model → version, as the script tag has it and as this page goes on from there. */
export class ModelCatalog {
  #versions: Record<string, string> = JSON.parse(installedAttribute('models') ?? '{}');
  #model = '';

  /** Says which version the chosen model has. */
  show(model: string): void {
    this.#model = model;
    const version = this.#versions[model];
    element('model-version', HTMLElement).textContent = version
      ? `${model} has version ${version}.`
      : `${model} has no version yet.`;
  }

  enable(refrain: Refrain, onBump: () => void): void {
    const button = element('bump-version', HTMLButtonElement);
    button.disabled = false;
    button.addEventListener('click', async () => {
      const version = String(Number(this.#versions[this.#model] ?? 0) + 1);
      this.#versions = { ...this.#versions, [this.#model]: version };
      await refrain.configure({ models: this.#versions });
      this.show(this.#model);
      onBump();
    });
  }
}
