import { ask, underWay } from './asking.ts';
import { readiness } from './refrain-in-page.ts';
import { askOf, expect, test, withHeaders } from './site.ts';

test('A page whose policy allows its own scripts, its own worker and the upstream is all Refrain needs', async ({
  site,
  upstream,
  visitor,
}) => {
  site.headers.set('/', {
    'content-security-policy': `default-src 'none'; script-src 'self'; worker-src 'self'; connect-src ${upstream.origin}; img-src data:`,
  });
  const page = await visitor.open();
  for (const via of ['fetch', 'xhr'] as const) {
    const question = { ...askOf(upstream, { prompt: `Hello ${via}`, stream: true }), via };
    const first = await ask(page, question);
    const second = await ask(page, question);
    expect(first).toBeMiss();
    expect(second).toBeHitFrom('memory');
    expect(second.bytes).toBe(first.bytes);
  }
  expect(upstream.calls).toHaveLength(2);
  expect(visitor.consoleOf(page)).toEqual([]);
});

test('A page whose policy allows no worker goes without one', async ({ site, upstream, visitor }) => {
  site.headers.set('/', {
    'content-security-policy': `default-src 'none'; script-src 'self'; worker-src 'none'; connect-src ${upstream.origin}; img-src data:`,
  });
  const page = await visitor.openUncontrolled();
  const got = await ask(page, askOf(upstream, 'Hello'));
  expect(got).toBeUntouched();
  expect(got.elapsed).toBeLessThan(1500);
  expect(await readiness(page)).toMatchObject({ name: 'RefrainError', code: 'registration-failed' });
});

test('A worker whose own policy forbids an upstream steps aside for that origin, and the console says so once', async ({
  site,
  upstream,
  visitor,
}) => {
  site.headers.set('/refrain-sw.js', {
    'content-security-policy': `default-src 'self'; connect-src 'self' ${upstream.remoteOrigin}`,
  });
  const page = await visitor.open();
  for (const via of ['fetch', 'xhr'] as const) {
    for (const stream of [false, true]) {
      const question = { ...askOf(upstream, { prompt: 'Hello', stream }), via };
      for (const got of [await ask(page, question), await ask(page, question)]) {
        expect(got).toBeUntouched();
        expect(got.status).toBe(200);
      }
    }
  }
  expect(upstream.calls).toHaveLength(8);

  const allowed = askOf({ origin: upstream.remoteOrigin }, 'Hello');
  expect(await ask(page, allowed)).toBeMiss();
  expect(await ask(page, allowed)).toBeHitFrom('memory');
  expect(upstream.calls).toHaveLength(9);

  await visitor.stopWorkers(page);
  expect(await ask(page, askOf(upstream, 'After a stop'))).toBeUntouched();
  const said = visitor.consoleOf(page).filter((line) => /refrain/i.test(line) && /polic|CSP/i.test(line));
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(upstream.origin);
});

test('A worker whose own policy forbids the upstream lets even the first call of the first visit through', async ({
  site,
  upstream,
  visitor,
}) => {
  site.headers.set('/refrain-sw.js', { 'content-security-policy': "default-src 'self'" });
  const questions = (['fetch', 'xhr'] as const).map((via) => ({ ...askOf(upstream, `Hello ${via}`), via }));
  site.inline = questions.map((question) => `asking.start('${question.via}', ${JSON.stringify(question)});`).join('\n');
  const page = await visitor.openUncontrolled();
  for (const { via } of questions) {
    const got = await underWay(page, via).done();
    expect(got).toBeUntouched();
    expect(got.status).toBe(200);
  }
  expect(upstream.calls).toHaveLength(2);
});

test('A call the worker steps aside from reaches the upstream with the headers it has without Refrain', async ({
  site,
  upstream,
  visitor,
}) => {
  site.headers.set('/refrain-sw.js', { 'content-security-policy': "default-src 'self'" });
  const page = await visitor.open();
  for (const via of ['fetch', 'xhr'] as const) {
    const question = withHeaders({ ...askOf(upstream, 'Hello'), via }, { 'x-refrain': 'tag=greeting' });
    expect(await ask(page, question)).toBeUntouched();
  }
  expect(upstream.calls.map(({ headers }) => headers.accept)).toEqual(['*/*', '*/*']);
  for (const { headers } of upstream.calls) expect(headers).not.toHaveProperty('x-refrain');
});
