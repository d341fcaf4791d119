// What every page has: `ask(…)` times calls and then looks at what came back.

import { expected, headers, question } from './works.mjs';

export const asking = `<script>
  const question = ${question};
  const expected = ${JSON.stringify(expected)};
  const headers = ${JSON.stringify(headers)};
  let seen = [];
  let noted = () => {};
  new PerformanceObserver((list) => {
    seen.push(...list.getEntries().filter(({ name }) => name.endsWith('/chat/completions')));
    noted();
  }).observe({ type: 'resource' });

  /**
   * Asks these questions at once. 'isRead' chooses how an answer is read: piece by piece, which tells of the first byte, or
   * whole. 'inPage' says that what answers is a part of the page, of which the browser notes nothing.
   */
  async function ask({ answer, bytes, numbers, isRead, inPage }) {
    const { isStream, digest } = expected[answer];
    const bodies = numbers.map((number) => question(number, bytes, isStream));
    const url = '/' + answer + '/v1/chat/completions';
    seen = [];
    const start = performance.now();
    const replies = await Promise.all(bodies.map(async (body) => {
      const response = await fetch(url, { method: 'POST', headers, body });
      let first = performance.now();
      let parts;
      if (isRead) {
        const reader = response.body.getReader();
        parts = [];
        for (let next = await reader.read(); !next.done; next = await reader.read()) {
          if (parts.push(next.value) === 1) first = performance.now();
        }
      } else parts = [await response.arrayBuffer()];
      return { response, parts, toFirst: first - start, toEnd: performance.now() - start };
    }));
    const workerStarts = inPage ? [] : await timingsOf(numbers.length);
    return {
      toFirst: Math.min(...replies.map(({ toFirst }) => toFirst)),
      toEnd: Math.max(...replies.map(({ toEnd }) => toEnd)),
      byWorker: workerStarts.length > 0 && workerStarts.every((at) => at > 0),
      replies: await Promise.all(replies.map(async ({ response, parts }) => ({
        status: response.status,
        isWhole: await digestOf(parts) === digest,
        cacheStatus: response.headers.get('cache-status'),
        start: response.headers.get('x-start'),
        answeredBy: response.headers.get('x-answered-by'),
      }))),
    };
  }

  /** When the worker was handed each of these calls; 0 where it was not. */
  async function timingsOf(count) {
    while (seen.length < count) await new Promise((resolve) => { noted = resolve; });
    return seen.map(({ workerStart }) => workerStart);
  }

  async function digestOf(parts) {
    const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer()));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  function loadScript(src) {
    return new Promise((resolve, reject) => {
      document.head.append(Object.assign(document.createElement('script'), { src, onload: resolve, onerror: reject }));
    });
  }
</script>`;
