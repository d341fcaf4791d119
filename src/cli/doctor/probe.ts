import type { BrowserContext, Page } from 'playwright';
import { type Finding, fails, works } from './finding.ts';
import type { PageWindow } from './visit.ts';

const path = '/refrain-doctor/v1/chat/completions';
const answer = JSON.stringify({
  id: 'chatcmpl-doctor',
  object: 'chat.completion',
  created: 1760000000,
  model: 'refrain-doctor',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Well.', refusal: null }, finish_reason: 'stop' }],
});

/**
 * A call as an app makes it, three times: from upstream, from memory, from disk. It goes to the page's own origin, where
 * this command answers in the server's place. What is stored of it is removed again.
 */
export async function probeFindings(context: BrowserContext, page: Page): Promise<Finding[]> {
  let calls = 0;
  await context.route(`**${path}`, (route) => {
    calls++;
    return route.fulfill({ status: 200, contentType: 'application/json', body: answer });
  });
  const steps = [
    ['call: miss', /refrain; fwd=miss$/, 1, false],
    ['call: memory hit', /refrain; hit;.*detail=memory/, 1, false],
    ['call: OPFS hit', /refrain; hit;.*detail=opfs/, 1, true],
  ] as const;
  const found: Finding[] = [];
  for (const [what, expected, upstream, forget] of steps) {
    if (forget) await forgetMemory(page);
    const { status, cacheStatus } = await ask(page);
    const detail = `status ${status}, Cache-Status ${cacheStatus}, ${calls} at the upstream`;
    found.push(expected.test(cacheStatus) && calls === upstream ? works(what, cacheStatus) : fails(what, detail));
  }
  await page.evaluate(() => (globalThis as unknown as Required<PageWindow>).refrain.purge({ tag: 'doctor' }));
  return found;
}

function forgetMemory(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const { refrain } = globalThis as unknown as Required<PageWindow>;
    await refrain.flush();
    await refrain.forgetMemory();
  });
}

function ask(page: Page): Promise<{ status: number | string; cacheStatus: string }> {
  return page.evaluate(async (url) => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer doctor', 'x-refrain': 'tag=doctor' };
    const body = JSON.stringify({ model: 'refrain-doctor', messages: [{ role: 'user', content: 'How are you?' }] });
    try {
      const response = await fetch(url, { method: 'POST', headers, body });
      await response.text();
      return { status: response.status, cacheStatus: response.headers.get('cache-status') ?? 'none' };
    } catch (error) {
      return { status: String(error), cacheStatus: 'none' };
    }
  }, path);
}
