import { test as base, expect } from './site.ts';
import { Suite } from './playwright-suite.ts';

/** An app that asks `upstream` and shows what it says; its page has no script tag. */
function app(upstream: string): string {
  return `window.ask = async (prompt, more = {}) => {
    const response = await fetch('${upstream}/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-mine' },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: prompt }], ...more }),
    });
    const answer = await response.json();
    return answer.choices?.[0].message.content ?? 'no answer';
  };`;
}

const test = base.extend<{ suite: Suite }>({
  suite: async ({ site, upstream }, use) => {
    site.attributes = null;
    site.worker = () => null;
    site.inline = app(upstream.origin);
    const suite = await Suite.create(site.origin);
    await use(suite);
    await suite.remove();
  },
});

const head = "import { test, expect } from 'refrain/playwright';\n";

test('a recorded suite has the same answers in replay, and the upstream is asked no more', async ({ suite, upstream }) => {
  await suite.write(
    'chat.spec.js',
    `${head}test.use({ cassette: 'chat.refrain' });
    for (const name of ['one', 'two'])
      test(name, async ({ page, refrain }, testInfo) => {
        await page.goto('/');
        const answer = await page.evaluate((prompt) => ask(prompt), name);
        await testInfo.attach('answer', { body: name + ' ' + answer });
      });`,
  );

  const recorded = await suite.run([], { REFRAIN_MODE: 'record' });
  expect(recorded.code, recorded.output).toBe(0);
  expect(upstream.calls).toHaveLength(2);
  const file = await suite.read('chat.refrain');
  console.log(file, recorded.output);

  const replayed = await suite.run([], { REFRAIN_MODE: 'replay' });
  console.log(replayed.output, replayed.attachments('refrain.md'), replayed.attachments('refrain-trace.json'));
  expect(replayed.code, replayed.output).toBe(0);
  expect(upstream.calls).toHaveLength(2);
  expect(replayed.attachments('answer').sort()).toEqual(recorded.attachments('answer').sort());
});
