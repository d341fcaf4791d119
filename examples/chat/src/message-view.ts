import type { ModelMessage } from 'ai';
import { toolCallText } from './answer.ts';

type Author = 'user' | 'assistant' | 'tool';

const names: Readonly<Record<Author, string>> = { user: 'You', assistant: 'Answer', tool: 'Looked up' };

/** A message as an article of the log. */
export function articleOf(author: Author, text: string): HTMLElement {
  const article = document.createElement('article');
  article.dataset.author = author;
  article.setAttribute('aria-label', names[author]);
  article.textContent = text;
  return article;
}

/** All that a person should see of a message that was sent to the model, or came from it. */
export function articlesOf(messages: readonly ModelMessage[]): HTMLElement[] {
  const inputs = new Map<string, unknown>();
  return messages.flatMap(({ role, content }) => {
    if (role === 'user' || typeof content === 'string')
      return [articleOf(role === 'user' ? 'user' : 'assistant', String(content))];
    return content.flatMap((part) => {
      if (part.type === 'text') return [articleOf('assistant', part.text)];
      if (part.type === 'tool-call') inputs.set(part.toolCallId, part.input);
      if (part.type !== 'tool-result') return [];
      const output = 'value' in part.output ? part.output.value : '';
      return [articleOf('tool', toolCallText(part.toolName, inputs.get(part.toolCallId) ?? {}, output))];
    });
  });
}
