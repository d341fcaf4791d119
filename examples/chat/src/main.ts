import { answer } from './answer.ts';
import { Conversations, titleOf, withoutLastAnswer } from './conversations.ts';
import { articleOf, articlesOf } from './message-view.ts';

const conversations = new Conversations();
let running: AbortController | undefined;

const list = element('conversations', HTMLUListElement);
const log = element('messages', HTMLElement);
const error = element('error', HTMLElement);
const again = element('again', HTMLButtonElement);
const stop = element('stop', HTMLButtonElement);
const composer = element('composer', HTMLFormElement);
const question = element('question', HTMLTextAreaElement);

composer.addEventListener('submit', (event) => {
  event.preventDefault();
  const content = question.value.trim();
  if (running || content === '') return;
  conversations.current.messages.push({ role: 'user', content });
  question.value = '';
  void ask();
});

question.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});

element('new', HTMLButtonElement).addEventListener('click', () => {
  conversations.start();
  show();
  question.focus();
});

again.addEventListener('click', () => {
  conversations.current.messages = withoutLastAnswer(conversations.current.messages);
  void ask();
});

stop.addEventListener('click', () => running?.abort());

/** Answers the last question of the current conversation. What fails is told, and can be tried again. */
async function ask(): Promise<void> {
  const conversation = conversations.current;
  running = new AbortController();
  show();
  let text: HTMLElement | undefined;
  try {
    const listener = {
      onText(piece: string) {
        text ??= add(articleOf('assistant', ''));
        text.append(piece);
      },
      onToolCall: (line: string) => void add(articleOf('tool', line)),
    };
    conversation.messages.push(...(await answer([...conversation.messages], listener, running.signal)));
  } catch (reason) {
    if (!running.signal.aborted) error.textContent = reason instanceof Error ? reason.message : String(reason);
  }
  running = undefined;
  conversations.save();
  show();
  question.focus();
}

function show(): void {
  const { current, all } = conversations;
  const isRunning = running !== undefined;
  if (isRunning) error.textContent = '';
  log.replaceChildren(...articlesOf(current.messages));
  log.scrollTop = log.scrollHeight;
  log.setAttribute('aria-busy', String(isRunning));
  list.replaceChildren(...all.map(itemOf));
  error.hidden = error.textContent === '';
  stop.hidden = !isRunning;
  again.hidden = isRunning || current.messages.length === 0;
  again.textContent = current.messages.at(-1)?.role === 'user' ? 'Try again' : 'Regenerate';
  for (const button of document.querySelectorAll<HTMLButtonElement>('#new, nav button, [type=submit]'))
    button.disabled = isRunning;
}

function itemOf(conversation: (typeof conversations.all)[number]): HTMLLIElement {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = titleOf(conversation);
  if (conversation === conversations.current) button.setAttribute('aria-current', 'true');
  button.addEventListener('click', () => {
    conversations.open(conversation.id);
    error.textContent = '';
    show();
  });
  item.append(button);
  return item;
}

function add(article: HTMLElement): HTMLElement {
  log.append(article);
  article.scrollIntoView({ block: 'end' });
  return article;
}

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`Cannot start: the page has no "${id}"`);
  return found;
}

show();
question.focus();
