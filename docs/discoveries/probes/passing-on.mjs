// What does it cost to pass an answer on, by what the worker does with the request and with the answer's bytes?
//
//   node docs/discoveries/probes/passing-on.mjs

import { createServer } from 'node:http';
import { startChromium } from '../../../bench/chromium.mjs';
import { registration, takeControl } from '../../../bench/contenders/registration.mjs';
import { mulberry, printTable, quantile, shuffled } from '../../../bench/figures.mjs';
import { answers, question } from '../../../bench/side-by-side/works.mjs';

const ROUNDS = 150;
const { body: answer } = answers['120kB'];
const STYLES = {
  'the event’s own request': '(request) => fetch(request)',
  'a new request, of the bytes read': '(request) => copied(request).then(fetch)',
  'a new response, of its body': 'async (request) => wrapped(await fetch(request), (body) => body)',
  'both, and a stream of its chunks':
    'async (request) => wrapped(await fetch(await copied(request)), (body) => relayed(body, () => {}))',
  'the same, each chunk parsed first':
    'async (request) => wrapped(await fetch(await copied(request)), (body) => relayed(body, parse))',
  'the same, parsed 20 ms later':
    'async (request) => wrapped(await fetch(await copied(request)), (body) => relayed(body, (chunk) => setTimeout(parse, 20, chunk)))',
};

const worker = `${takeControl}
  async function copied(request) {
    const body = await request.arrayBuffer();
    return new Request(request, { body, headers: new Headers(request.headers), signal: new AbortController().signal });
  }
  function wrapped({ body, status, statusText, headers }, change) {
    return new Response(change(body), { status, statusText, headers });
  }
  function relayed(body, take) {
    const reader = body.getReader();
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        take(value);
        controller.enqueue(value);
      },
    }, { highWaterMark: 2 });
  }
  let cut = '';
  function parse(chunk) {
    const lines = (cut + new TextDecoder().decode(chunk)).split('\\n');
    cut = lines.pop();
    for (const line of lines) if (line.startsWith('data: {')) JSON.parse(line.slice(6));
  }
  const styles = [${Object.values(STYLES).join(', ')}];
  addEventListener('fetch', (event) => {
    if (event.request.method === 'POST') event.respondWith(styles[new URL(event.request.url).pathname.slice(1)](event.request));
  });
`;
const document = `<!doctype html><link rel="icon" href="data:,">${registration}<script>
  async function time(style, body) {
    const start = performance.now();
    const response = await fetch('/' + style, { method: 'POST', body });
    const headers = performance.now() - start;
    const { byteLength } = await response.arrayBuffer();
    if (byteLength !== ${answer.byteLength}) throw new Error(style + ' gave ' + byteLength + ' bytes');
    return { headers, end: performance.now() - start };
  }
</script>`;

const server = createServer(async (request, response) => {
  for await (const _part of request);
  const [type, body] =
    request.method === 'POST'
      ? ['text/event-stream', answer]
      : request.url === '/worker.js'
        ? ['text/javascript', worker]
        : ['text/html', document];
  response.writeHead(200, { 'content-type': type }).end(body);
}).listen(0);
const browser = await startChromium();
try {
  const page = await browser.open(`http://localhost:${server.address().port}/`);
  await page.run('controlled');
  const random = mulberry(1);
  const numbers = Object.keys(STYLES).map((_name, number) => number);
  const samples = numbers.map(() => ({ headers: [], end: [] }));
  for (let round = -20; round < ROUNDS; round++)
    for (const number of shuffled(numbers, random)) {
      const { headers, end } = await page.run(`time(${number}, ${JSON.stringify(question(round, 2000, true))})`);
      // What is parsed later must not hold the next one up.
      await page.run('new Promise((resolve) => setTimeout(resolve, 30))');
      if (round < 0) continue;
      samples[number].headers.push(headers);
      samples[number].end.push(end);
    }
  const median = (number, what) => quantile(samples[number][what], 0.5);
  const cell = (number, what) =>
    `${median(number, what).toFixed(2)} (${(median(number, what) / median(0, what)).toFixed(2)})`;
  printTable(`Milliseconds, median of ${ROUNDS}, and of that of the first`, [
    ['the worker fetches or gives', 'to the headers', 'to the last byte'],
    ...Object.keys(STYLES).map((name, number) => [name, cell(number, 'headers'), cell(number, 'end')]),
  ]);
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
