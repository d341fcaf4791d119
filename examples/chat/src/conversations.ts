import type { ModelMessage } from 'ai';

/** One chat. Its messages are what the model is sent. */
export interface Conversation {
  readonly id: string;
  messages: ModelMessage[];
}

const place = 'conversations';

/** All conversations, the newest first, kept in this browser. There is always one. */
export class Conversations {
  readonly all: Conversation[] = JSON.parse(localStorage.getItem(place) ?? '[]');
  current: Conversation = this.all[0] ?? this.start();

  /** Starts an empty conversation, or shows the one that is still empty. */
  start(): Conversation {
    const empty = this.all.find(({ messages }) => messages.length === 0);
    this.current = empty ?? { id: crypto.randomUUID(), messages: [] };
    if (!empty) this.all.unshift(this.current);
    return this.current;
  }

  open(id: string): void {
    this.current = this.all.find((conversation) => conversation.id === id) ?? this.current;
  }

  save(): void {
    localStorage.setItem(place, JSON.stringify(this.all));
  }
}

/** The first question names a conversation. */
export function titleOf({ messages: [first] }: Conversation): string {
  return typeof first?.content === 'string' ? first.content : 'New conversation';
}

/** Takes the last answer off, so that its question can be asked again. */
export function withoutLastAnswer(messages: readonly ModelMessage[]): ModelMessage[] {
  const question = messages.findLastIndex(({ role }) => role === 'user');
  return messages.slice(0, question + 1);
}
