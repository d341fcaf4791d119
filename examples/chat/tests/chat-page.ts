import type { Locator, Page } from '@playwright/test';

/** The app's page, as its users see it. */
export class ChatPage {
  readonly question: Locator;
  readonly answers: Locator;
  readonly error: Locator;
  private readonly log: Locator;

  constructor(private readonly page: Page) {
    this.question = page.getByLabel('Your question');
    this.answers = page.getByRole('article', { name: 'Answer' });
    this.error = page.getByRole('alert');
    this.log = page.getByRole('log');
  }

  async open(): Promise<void> {
    await this.page.goto('/');
  }

  /** Asks, and waits until the answer is there. */
  async ask(question: string): Promise<void> {
    await this.question.fill(question);
    await this.question.press('Enter');
    await this.answered();
  }

  async regenerate(): Promise<void> {
    await this.page.getByRole('button', { name: 'Regenerate' }).click();
    await this.answered();
  }

  /** Resolves when no answer is under way. */
  async answered(): Promise<void> {
    await this.log.and(this.page.locator('[aria-busy="false"]')).waitFor();
  }

  async startConversation(): Promise<void> {
    await this.page.getByRole('button', { name: 'New conversation' }).first().click();
  }

  /** The button in the list of conversations. */
  conversation(title: string): Locator {
    return this.page.getByRole('navigation', { name: 'Conversations' }).getByRole('button', { name: title });
  }

  /** What the model was told by a tool. */
  lookedUp(): Locator {
    return this.page.getByRole('article', { name: 'Looked up' });
  }
}
