import { readFileSync } from 'node:fs';
import { Suite } from './playwright-suite.ts';
import { pathOf } from './prepare.ts';
import { test as base, expect } from './site.ts';
import type { StaticOrigin } from './static-origin.ts';

/** An app that asks `upstream` and says what it answers; its page has no script tag. */
function app(upstream: string): string {
  return `window.ask = async (prompt) => {
    const response = await fetch('${upstream}/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-mine' },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: prompt }] }),
    });
    const answer = await response.json();
    return answer.choices?.[0].message.content ?? 'no answer';
  };`;
}

/** An app in a folder of its own that has Refrain already, with an endpoint that only its tag names. */
function addAppWithTag(site: StaticOrigin): void {
  const script = (name: 'refrain.js' | 'refrain-sw.js') => ({
    type: 'text/javascript',
    body: readFileSync(pathOf(name)),
  });
  site.files.set('/own/refrain.js', script('refrain.js'));
  site.files.set('/own/refrain-sw.js', script('refrain-sw.js'));
  const body = '<!doctype html><script src="/own/refrain.js" data-endpoints="/own/api"></script>';
  site.files.set('/own/', { type: 'text/html', body });
  site.api = ({ url }) => {
    if (url !== '/own/api') return undefined;
    const text = JSON.stringify({ text: `own answer ${site.requests.length}` });
    return { headers: { 'content-type': 'application/json', 'content-length': String(text.length) }, body: text };
  };
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

// Each run starts Playwright and a browser of its own, on a machine that may do other work too.
test.describe.configure({ timeout: 120_000 });

const head = "import { test, expect } from 'refrain/playwright';\n";

/** Every way to a call, each with what it was answered as an attachment. */
const everyWay = `${head}
test.use({
  cassette: 'recorded/chat.refrain',
  refrainOptions: {
    normalize(request) {
      const text = JSON.stringify(request.body).replace(/at \\d+/g, 'at some time');
      return { ...request, body: JSON.parse(text) };
    },
  },
});
const ask = (page, prompt) => page.evaluate((text) => window.ask(text), prompt);
const ways = {
  async 'from its first page'({ page }) {
    await page.goto('/');
    return [await ask(page, 'one')];
  },
  async 'after a navigation'({ page }) {
    await page.goto('/');
    const first = await ask(page, 'two');
    await page.goto('/other.html');
    return [first, await ask(page, 'three')];
  },
  async 'twice the same'({ page }) {
    await page.goto('/');
    const answers = [await ask(page, 'again'), await ask(page, 'again')];
    expect(new Set(answers).size).toBe(2);
    return answers;
  },
  async 'while the page is parsed'({ page }) {
    await page.goto('/early.html');
    return [await page.evaluate(() => window.early)];
  },
  async 'by XMLHttpRequest'({ page }) {
    await page.goto('/xhr.html');
    return [await page.evaluate(() => window.early)];
  },
  async 'in a popup'({ page }) {
    await page.goto('/');
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => void open('/popup.html'))]);
    await popup.waitForLoadState();
    return [await ask(popup, 'popup')];
  },
  async 'in a context of its own'({ browser, baseURL }) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(baseURL);
    const answer = await ask(page, 'context');
    await context.close();
    return [answer];
  },
  async 'with the time in it'({ page }) {
    await page.goto('/');
    return [await ask(page, 'at ' + Date.now())];
  },
  async 'of an app that has Refrain'({ page, refrain }) {
    await page.goto('/own/');
    await refrain.ready(page);
    const answer = await page.evaluate(async () => {
      const response = await fetch('/own/api', { method: 'POST', body: JSON.stringify({ prompt: 'own' }) });
      return [await response.text(), navigator.serviceWorker.controller.scriptURL.replace(location.origin, '')];
    });
    return answer;
  },
};
for (const [name, way] of Object.entries(ways))
  test(name, async ({ page, browser, baseURL, refrain }, testInfo) => {
    const answers = await way({ page, browser, baseURL, refrain });
    const served = await refrain.served();
    if (refrain.mode === 'replay') expect(served.length).toBeGreaterThan(0);
    await testInfo.attach('answers', { body: JSON.stringify([name, answers]) });
  });
`;

test('a recorded suite has the same answers in replay, and asks nobody', async ({ suite, site, upstream }) => {
  addAppWithTag(site);
  const early = `<!doctype html><script>${site.inline}</script>`;
  site.files.set('/early.html', { type: 'text/html', body: `${early}<script>early = ask('early')</script>` });
  const xhr = `window.early = new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', '${upstream.origin}/v1/chat/completions');
    xhr.onloadend = () => resolve(xhr.responseText);
    xhr.send('{"model":"gpt-4o-mini","messages":[{"role":"user","content":"xhr"}]}');
  })`;
  site.files.set('/xhr.html', { type: 'text/html', body: `<!doctype html><script>${xhr}</script>` });
  await suite.write('chat.spec.js', everyWay);

  const recorded = await suite.run([], { REFRAIN_MODE: 'record' });
  expect(recorded.code, recorded.output).toBe(0);
  const file = await suite.read('recorded/chat.refrain');
  expect(file.match(/^POST /gm), recorded.attachments('refrain.md').join('\n')).toHaveLength(10);
  expect(file).not.toContain('sk-mine');
  expect(file).toContain('at some time');
  const asked = upstream.calls.length;
  upstream.answer = () => 'gone';
  site.api = ({ url }) => (url === '/own/api' ? { status: 500, body: 'asked again' } : undefined);

  const replayed = await suite.run([], { CI: '1' });
  expect(replayed.code, replayed.output).toBe(0);
  expect(upstream.calls).toHaveLength(asked);
  expect(replayed.attachments('answers').sort()).toEqual(recorded.attachments('answers').sort());
  expect(replayed.output).toContain('Refrain: recorded/chat.refrain: 11 served, 0 missed, 0 unused in 9 tests');
  expect(replayed.attachments('answers').join()).toContain('/own/refrain-sw.js');
  expect(await suite.read('recorded/chat.refrain')).toBe(file);
});

/** A suite whose cassette holds the answer to "one". */
async function recordOne(suite: Suite): Promise<void> {
  await suite.write(
    'seed.spec.js',
    `${head}test.use({ cassette: 'one.refrain' });
    test('asks one', async ({ page }) => {
      await page.goto('/');
      await page.evaluate(() => window.ask('one'));
    });`,
  );
  const recorded = await suite.run();
  expect(recorded.code, recorded.output).toBe(0);
  expect(recorded.output).toContain('Refrain: one.refrain: 0 served, 1 recorded in 1 test');
}

test('a call without a recorded answer fails the test that makes it, with the closest request', async ({
  suite,
  site,
  upstream,
}) => {
  await recordOne(suite);
  const foreign =
    'self.onactivate = (event) => event.waitUntil(clients.claim()); self.oninstall = () => skipWaiting();';
  site.files.set('/foreign-sw.js', { type: 'text/javascript', body: foreign });
  site.files.set('/foreign.html', {
    type: 'text/html',
    body: `<!doctype html><script>${site.inline} navigator.serviceWorker.register('/foreign-sw.js');</script>`,
  });
  await suite.write(
    'replay.spec.js',
    `${head}test.use({ cassette: 'one.refrain' });
    const ask = (page, prompt) => page.evaluate((text) => window.ask(text).catch(() => 'swallowed'), prompt);
    test('asks something else', async ({ page, refrain }) => {
      await page.goto('/');
      for (const _retry of [1, 2, 3]) await ask(page, 'one!');
      expect(await refrain.missed()).toMatchObject([{ count: 3, model: 'gpt-4o-mini' }]);
    });
    test('has a worker of its own', async ({ page }) => {
      await page.goto('/foreign.html');
      await ask(page, 'one');
    });
    test('routes what is recorded', async ({ page }) => {
      await page.route('**/v1/chat/completions', (route) => route.fulfill({ json: {} }));
      await page.route('**/*', (route) => route.fallback());
      await page.goto('/');
      expect(await ask(page, 'one')).toContain('answer');
    });
    test('asks nothing', async ({ page }) => page.goto('/'));
    test.describe(() => {
      test.use({ serviceWorkers: 'block' });
      test('blocks workers', async ({ page }) => page.goto('/'));
    });`,
  );

  const run = await suite.run([], { REFRAIN_MODE: 'replay' });
  expect(run.code).toBe(1);
  expect(run.output).toContain('3 failed');
  expect(run.output).toContain('3 passed');
  expect(run.output).toContain('Cannot replay from one.refrain: 1 call has no recorded answer');
  expect(run.output).toContain('model gpt-4o-mini, asked 3 times');
  expect(run.output).toContain('/messages/0/content: recorded "one", asked "one!"');
  expect(run.attachments('refrain.md').join()).toContain('/messages/0/content: recorded "one", asked "one!"');
  expect(run.attachments('refrain-trace.json').join()).toContain('"type": "not-stored"');
  expect(run.output).toMatch(/\/foreign-sw\.js.* importScripts\("\/refrain-sw\.js"\) in it or its removal is needed/);
  expect(run.output).toContain(
    `Refrain: page.route("**/v1/chat/completions") is not called for ${upstream.origin}/v1/chat/completions: Refrain answers it from one.refrain`,
  );
  expect(run.output).not.toContain('page.route("**/*")');
  expect(run.output).toContain('Cannot use Refrain in this test: serviceWorkers is "block"');
  expect(upstream.calls).toHaveLength(1);
});

test('a green run that served nothing is an error, a part of one is not', async ({ suite }) => {
  await suite.write(
    'silent.spec.js',
    `${head}test.use({ cassette: 'none.refrain', refrainMode: 'replay' });
    test('asks nothing', async ({ page }) => page.goto('/'));`,
  );
  const [whole, part] = await Promise.all([suite.run(), suite.run(['silent'])]);
  expect(whole.output).toContain('1 passed');
  expect(whole.output).toContain('Cannot call this run green: it replayed 1 test and served no answer');
  expect(whole.code).toBe(1);
  expect(part.code, part.output).toBe(0);
});
