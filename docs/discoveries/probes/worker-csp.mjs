// What does a content-security-policy on the worker's own script do to its upstream calls, can the worker find out
// without a network request, and can it read the policy it runs under?
//
//   node docs/discoveries/probes/worker-csp.mjs

import {
  allowAnyOrigin,
  openControlled,
  pause,
  printTable,
  startBrowser,
  startServer,
  TAKE_CONTROL,
  until,
  watchWorkers,
} from './laboratory.mjs';

const worker = `${TAKE_CONTROL}
  const violations = [];
  let ownPolicy = 'never asked';
  addEventListener('securitypolicyviolation', (event) => {
    violations.push({ directive: event.effectiveDirective, blocked: event.blockedURI, disposition: event.disposition, at: performance.now() });
  });
  addEventListener('install', (event) => event.waitUntil((async () => {
    try {
      const own = await fetch(self.location.href, { cache: 'no-store' });
      ownPolicy = own.headers.get('content-security-policy') ?? 'none';
    } catch (error) { ownPolicy = String(error); }
  })()));
  addEventListener('message', (event) => event.waitUntil((async () => {
    const { url, init, port } = { ...event.data, port: event.ports[0] };
    if (!url) return port.postMessage({ ownPolicy });
    violations.length = 0;
    let outcome;
    try { outcome = 'answered ' + (await fetch(url, init)).status; } catch (error) { outcome = String(error); }
    const settledAt = performance.now();
    // The event is a task of its own and may come after the rejection.
    await new Promise((resolve) => setTimeout(resolve, 100));
    port.postMessage({ outcome, violations: violations.map((v) => ({ ...v, before: v.at <= settledAt })) });
  })()));
  addEventListener('fetch', (event) => {
    if (event.request.url.includes('/llm')) event.respondWith(fetch(event.request));
  });
`;

const llm = (_request, response) => response.writeHead(200, allowAnyOrigin).end('ok');
const other = await startServer({ '/llm': llm });
let policy = '';
const site = await startServer({
  '/': '<title>probe</title>',
  '/llm': llm,
  '/worker.js': (_request, response) =>
    response
      .writeHead(200, {
        'content-type': 'text/javascript',
        'cache-control': 'no-store',
        ...(policy && { 'content-security-policy': policy }),
      })
      .end(worker),
});
const browser = await startBrowser();

const tell = (page, message) =>
  page.evaluate(
    (data) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = (event) => resolve(event.data);
        navigator.serviceWorker.controller.postMessage(data, [port2]);
      }),
    message,
  );

/** Lines that Chromium puts into the console of the worker, as DevTools would show them. */
async function listenToConsole(workerUrl) {
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets');
  const target = targetInfos.findLast(({ type, url }) => type === 'service_worker' && url === workerUrl);
  const { sessionId } = await session.send('Target.attachToTarget', { targetId: target.targetId, flatten: false });
  const lines = [];
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { method, params } = JSON.parse(message);
    if (method === 'Log.entryAdded') lines.push(params.entry.text);
    if (method === 'Runtime.consoleAPICalled') lines.push(params.args.map((arg) => arg.value).join(' '));
  });
  for (const [id, method] of ['Log.enable', 'Runtime.enable'].entries()) {
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
  }
  return lines;
}

async function look(page, lines, url, init) {
  lines.length = 0;
  other.seen.length = 0;
  const { outcome, violations } = await tell(page, { url, init });
  await pause(50);
  const events = violations.map((v) => `${v.directive} ${v.blocked}`);
  const sent = url.startsWith(site.origin) ? '-' : other.seen.length;
  return [outcome, events.join('; ') || 'none', sent, lines.join(' / ') || 'nothing'].map((cell) =>
    String(cell).replaceAll(other.origin, 'other').replaceAll(site.origin, 'site'),
  );
}

try {
  console.log(`Chromium ${browser.version()}`);
  const rows = [
    [
      'policy of the worker script',
      'its fetch of',
      'outcome',
      'securitypolicyviolation',
      'requests sent',
      "worker's console",
    ],
  ];
  const own = [['policy', 'what the worker read in install by fetching itself']];
  const policies = [
    '',
    "connect-src 'self'",
    "default-src 'self'",
    "connect-src 'none'",
    `connect-src 'self' ${other.origin}`,
  ];
  for (policy of policies) {
    const context = await browser.newContext();
    const page = await openControlled(context, site.origin);
    const lines = await listenToConsole(`${site.origin}/worker.js`);
    const title = (policy || 'none').replaceAll(other.origin, 'other');
    own.push([title, (await tell(page, {})).ownPolicy.replaceAll(other.origin, 'other')]);
    for (const [what, url, init] of [
      ['other', `${other.origin}/llm`, { method: 'POST', body: '{}' }],
      ['other, mode same-origin', `${other.origin}/llm`, { mode: 'same-origin' }],
      ['other, mode no-cors', `${other.origin}/llm`, { mode: 'no-cors' }],
      ['own origin', `${site.origin}/llm`, {}],
    ]) {
      rows.push([title, what, ...(await look(page, lines, url, init))]);
    }
    await context.close();
  }
  printTable('Upstream calls of a worker with a policy', rows);
  printTable('Reading its own policy', own);

  policy = "connect-src 'self'";
  const orders = await browser.newContext();
  const asker = await openControlled(orders, site.origin);
  let before = 0;
  for (let i = 0; i < 20; i++) {
    const { violations } = await tell(asker, { url: `${other.origin}/llm`, init: { method: 'POST', body: '{}' } });
    if (violations[0].before) before += 1;
  }
  await orders.close();
  console.log(`\nThe event came before the rejection ${before} times of 20, after it ${20 - before} times.`);

  // The same bytes under a new header: is the new policy taken?
  const changes = [['first policy', 'then', 'after update()', 'after a restart']];
  for (const [first, then] of [
    ["connect-src 'self'", ''],
    ['', "connect-src 'self'"],
  ]) {
    policy = first;
    const context = await browser.newContext();
    const page = await openControlled(context, site.origin);
    const workers = await watchWorkers(context, page);
    const outcome = async () => (await tell(page, { url: `${other.origin}/llm`, init: {} })).outcome;
    await outcome();
    policy = then;
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
    const updated = await outcome();
    await until(() => workers.status() === 'running', 'the worker runs');
    await workers.stop();
    changes.push([first || 'none', then || 'none', updated, await outcome()]);
    await context.close();
  }
  printTable('The header changes, the script does not', changes);
} finally {
  await browser.close();
  await site.close();
  await other.close();
}
