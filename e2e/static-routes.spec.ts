import { ask } from './asking.ts';
import { flush } from './refrain-in-page.ts';
import { askOf, expect, test } from './site.ts';

test('Requests that are none of its business do not start a stopped worker, an LLM call does', async ({
  site,
  upstream,
  visitor,
}) => {
  site.files.set('/picture.svg', { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' });
  site.files.set('/extra.js', { type: 'text/javascript', body: 'window.extra = true;' });
  site.files.set('/extra.css', { type: 'text/css', body: 'body { color: teal }' });
  site.files.set('/data.json', { type: 'application/json', body: '{}' });
  const page = await visitor.open();
  await ask(page, askOf(upstream, 'Hello'));
  await flush(page);
  await visitor.stopWorkers(page);

  const watch = await visitor.watchWorkers(page);
  await expect.poll(() => watch.versions().length).toBe(1);
  watch.history.length = 0;
  await page.evaluate(async () => {
    const loaded = (element: HTMLElement) =>
      new Promise((resolve, reject) => {
        element.onload = resolve;
        element.onerror = reject;
        document.head.append(element);
      });
    await loaded(Object.assign(document.createElement('img'), { src: '/picture.svg' }));
    await loaded(Object.assign(document.createElement('script'), { src: '/extra.js' }));
    await loaded(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '/extra.css' }));
    await (await fetch('/data.json')).json();
  });
  await ask(page, { method: 'GET', url: `${upstream.origin}/v1/models` });
  expect(site.count('/picture.svg')).toBe(1);
  expect(site.count('/data.json')).toBe(1);
  expect(watch.history).toEqual([]);

  expect(await ask(page, askOf(upstream, 'Hello'))).toBeHitFrom('opfs');
  await expect.poll(() => watch.history).toContain('running');
  await watch.session.detach();
});
