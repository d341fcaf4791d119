import type { Refrain } from '../src/page/refrain.ts';
import { element } from './element.ts';
import { formatCount } from './figures.ts';

const fileName = 'demo.refrain';

/** Lets the visitor save what is kept as a cassette, and load one. */
export function enableCassettes(refrain: Refrain, onLoad: () => void): void {
  const save = element('save-cassette', HTMLButtonElement);
  const load = element('load-cassette', HTMLInputElement);
  save.disabled = load.disabled = false;
  save.addEventListener('click', async () => {
    offer(await refrain.exportCassette());
    tell(`Saved as ${fileName}.`);
  });
  load.addEventListener('change', async () => {
    const [file] = load.files ?? [];
    if (!file) return;
    tell(await refrain.importCassette(file).then(loaded, (error: Error) => error.message));
    load.value = '';
    onLoad();
  });
}

function loaded({ answers }: { answers: number }): string {
  return `${formatCount(answers)} ${answers === 1 ? 'answer' : 'answers'} loaded: this page is answered from it until it is reloaded.`;
}

/** Hands a file to the browser's downloads. */
function offer(file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}

function tell(text: string): void {
  element('cassette-report', HTMLElement).textContent = text;
}
