// How much can ride in the accept header of a cross-origin call before it causes a CORS preflight, or is named in one?
// No worker takes part: a mark must be harmless just when it slips through to the network.
//
//   node docs/discoveries/probes/accept-mark.mjs

import { printTable, startBrowser, startServer } from './laboratory.mjs';

const answer = (request, response) =>
  response
    .writeHead(200, {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'content-type, authorization, accept, x-mark',
      // A remembered preflight would hide the next one.
      'access-control-max-age': '0',
    })
    .end(request.headers.accept ?? '');
const other = await startServer({ '/llm': answer });
const site = await startServer({ '/': '<title>probe</title>' });
const browser = await startBrowser();

const padded = (length) => '*/*;mark='.padEnd(length, 'a');
const values = {
  'none set': undefined,
  '128 bytes': padded(128),
  '129 bytes': padded(129),
  'application/json;refrain=id.reload': 'application/json;refrain=id.reload',
  'text/event-stream;refrain=id~no-store': 'text/event-stream;refrain=id~no-store',
};
// Printable ASCII that is neither letter nor digit, one by one: the standard names which are unsafe.
const punctuation = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter(
  (c) => !/[a-z0-9]/i.test(c),
);

let calls = 0;
async function ask(page, headers, transport = 'fetch') {
  other.seen.length = 0;
  const outcome = await page.evaluate(
    async ({ url, headers, transport }) => {
      if (transport === 'fetch') {
        const response = await fetch(url, { method: 'POST', body: '{}', headers });
        return response.text();
      }
      return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open('POST', url);
        for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
        request.onload = () => resolve(request.responseText);
        request.onerror = () => reject(new Error('failed'));
        request.send('{}');
      });
    },
    { url: `${other.origin}/llm?${calls++}`, headers, transport },
  );
  const preflight = other.seen.find((request) => request.method === 'OPTIONS');
  return { outcome, named: preflight && (preflight.headers['access-control-request-headers'] ?? '(no names)') };
}

try {
  console.log(`Chromium ${browser.version()}`);
  const page = await browser.newPage();
  await page.goto(site.origin);
  const rows = [
    [
      'accept',
      'simple POST (text/plain)',
      'simple POST by XHR',
      'POST of JSON with authorization: its preflight names',
    ],
  ];
  for (const [title, accept] of Object.entries(values)) {
    const mark = accept ? { accept } : {};
    const simple = await ask(page, { 'content-type': 'text/plain', ...mark });
    const xhr = await ask(page, { 'content-type': 'text/plain', ...mark }, 'xhr');
    const usual = await ask(page, { 'content-type': 'application/json', authorization: 'Bearer x', ...mark });
    const cell = ({ named }) => (named ? `preflight: ${named}` : 'no preflight');
    rows.push([title, cell(simple), cell(xhr), usual.named]);
  }
  const custom = await ask(page, { 'content-type': 'text/plain', 'x-mark': '1' });
  rows.push(['x-mark: 1 instead', `preflight: ${custom.named}`, '-', '-']);
  printTable('Preflights', rows);

  const safe = [];
  const unsafe = [];
  for (const character of punctuation) {
    const { named } = await ask(page, { 'content-type': 'text/plain', accept: `*/*;mark=a${character}b` });
    (named ? unsafe : safe).push(character);
  }
  console.log(`\nPunctuation that causes no preflight: ${safe.join(' ')}\nPunctuation that does: ${unsafe.join(' ')}`);
} finally {
  await browser.close();
  await site.close();
  await other.close();
}
