import { test as base, expect } from 'refrain/playwright';
import { ChatPage } from './chat-page.ts';
import { withoutDateAndPort } from './normalize.ts';

const test = base.extend<{ chat: ChatPage }>({
  chat: async ({ page }, use) => {
    const chat = new ChatPage(page);
    await chat.open();
    await use(chat);
  },
});

test.use({ cassette: 'chat.refrain', refrainOptions: { normalize: withoutDateAndPort } });

test('a question is answered', async ({ chat }) => {
  await chat.ask('Why do tides come twice a day?');
  await expect(chat.answers).toHaveText(/^The Moon pulls the near side .* than the day before\.$/);
});

test('a second question is answered with the first in mind', async ({ chat }) => {
  await chat.ask('Why do tides come twice a day?');
  await chat.ask('What is a spring tide, then?');
  await expect(chat.answers).toHaveText([/^The Moon pulls/, /^The same two bulges at their largest\./]);
});

test('"Regenerate" gives another answer in the place of the last', async ({ chat }) => {
  await chat.ask('Suggest a name for a small blue dinghy');
  await expect(chat.answers).toHaveText(/^Forget-me-not\./);
  await chat.regenerate();
  await expect(chat.answers).toHaveText(/^Halfpenny\./);
});

test('two conversations know nothing of each other', async ({ chat }) => {
  await chat.ask('What does a harbour pilot do?');
  await chat.ask('Say that in five words.');
  await chat.startConversation();
  await expect(chat.answers).toHaveCount(0);
  await chat.ask('What does a lighthouse keeper do?');
  await chat.ask('Say that in five words.');
  await expect(chat.answers.last()).toHaveText('Keeps the light, watches sea.');
  await chat.conversation('What does a harbour pilot do?').click();
  await expect(chat.answers.last()).toHaveText('Guides ships safely into port.');
});

test('the model looks at the weather before it answers', async ({ chat }) => {
  await chat.ask('Do I need a coat in Bergen today?');
  await expect(chat.lookedUp()).toHaveText('weather(Bergen) → rain, 9 °C, wind from the west');
  await expect(chat.answers).toHaveText(/^Yes: it rains in Bergen, at 9 °C/);
});

test('the model looks at the weather of two towns at once', async ({ chat }) => {
  await chat.ask('Which is warmer today, Lisbon or Tallinn?');
  await expect(chat.lookedUp()).toHaveText([/^weather\(Lisbon\) → clear, 21 °C/, /^weather\(Tallinn\) → fog, 4 °C/]);
  await expect(chat.answers).toHaveText(/^Lisbon, by 17 degrees/);
});

test('a reload keeps the conversation, which goes on', async ({ chat, page }) => {
  await chat.ask('How do I tie a bowline?');
  await page.reload();
  await expect(chat.answers).toHaveText(/^1\. Make a small loop/);
  await chat.ask('What is a knot, in km/h?');
  await expect(chat.answers.last()).toHaveText(/^One knot is one nautical mile an hour/);
});

test('Enter asks, and Shift+Enter starts a new line', async ({ chat, page }) => {
  await expect(chat.question).toBeFocused();
  await page.keyboard.type('Write a notice for the jetty');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('in capitals where it matters');
  await page.keyboard.press('Enter');
  await chat.answered();
  await expect(chat.answers).toHaveText(/^PLEASE NOTE\s+The eastern jetty is closed to visitors/);
  await expect(chat.question).toBeFocused();
});

test.describe('a provider that refuses', () => {
  // No answer to record: the test's own route is asked.
  test.use({ refrainOptions: { exclude: '/v1/*' } });

  test('an error of the provider is shown, and the question can be asked again', async ({ chat, page }) => {
    await page.route('/v1/**', (route) =>
      route.fulfill({
        status: 401,
        json: { error: { message: 'Incorrect API key provided', type: 'invalid_request_error' } },
      }),
    );
    await chat.ask('Is anybody there?');
    await expect(chat.error).toHaveText('Incorrect API key provided');
    await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  });
});
