import manifest from '../package.json' with { type: 'json' };
import { ask } from './asking.ts';
import { readiness } from './refrain-in-page.ts';
import { askOf, expect, test } from './site.ts';

/** The built worker as another version would be. */
function asVersion(version: string, protocol?: number): (built: string) => string {
  return (built) => {
    const other = built
      .replaceAll(`"${manifest.version}"`, JSON.stringify(version))
      .replaceAll(`\`${manifest.version}\``, JSON.stringify(version));
    const spoken = protocol === undefined ? other : other.replace(/protocol:\s*2\b/, `protocol:${protocol}`);
    if (spoken === built) throw new Error('Cannot make another version: the built worker names none');
    return spoken;
  };
}

test('A page script and a worker of two versions go on, and the console says once which files differ', async ({
  site,
  upstream,
  visitor,
}) => {
  site.worker = asVersion('9.9.9');
  const page = await visitor.open();
  await ask(page, askOf(upstream, 'Hello'));
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeHitFrom('memory');
  const told = () => visitor.consoleOf(page).filter((line) => line.includes('9.9.9'));
  await expect
    .poll(told)
    .toEqual([
      `warning: Refrain: Cannot use a page script of version ${manifest.version} with ${site.origin}/refrain-sw.js of version 9.9.9: both files of one version are needed, "npx refrain init" copies them`,
    ]);
});

test('A worker left over from an older deployment is replaced, and nothing is said', async ({
  site,
  upstream,
  visitor,
}) => {
  site.worker = asVersion('0.0.1');
  const page = await visitor.open();
  await ask(page, askOf(upstream, 'Hello'));
  site.worker = (built) => built;
  await page.reload();
  const before = visitor.consoleOf(page).length;
  await expect.poll(() => page.evaluate(async () => (await window.refrain.stats()).version)).toBe(manifest.version);
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeHit();
  expect(visitor.consoleOf(page).slice(before)).toEqual([]);
});

test('Where page script and worker do not understand each other, calls go through and ready says why', async ({
  site,
  upstream,
  visitor,
}) => {
  site.worker = asVersion('9.9.9', 9);
  const page = await visitor.openUncontrolled();
  expect(await readiness(page)).toMatchObject({ name: 'RefrainError', code: 'version-mismatch' });
  const got = await ask(page, askOf(upstream, 'Hello'));
  expect(got.status).toBe(200);
  expect(upstream.last.headers.accept).not.toContain('refrain');
});

test('A second tag changes nothing, and the console says so once', async ({ site, upstream, visitor }) => {
  site.body = '<script src="/refrain.js" data-mode="off"></script>';
  const page = await visitor.open();
  await ask(page, askOf(upstream, 'Hello'));
  expect(await ask(page, askOf(upstream, 'Hello'))).toBeHitFrom('memory');
  expect(visitor.consoleOf(page)).toEqual([
    'warning: Refrain: Cannot start a second time on this page: it runs already, one tag or register() is needed',
  ]);
});
