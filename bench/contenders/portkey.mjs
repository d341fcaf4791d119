import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers, headers, question } from '../side-by-side/works.mjs';

const START_DEADLINE = 20_000;

/**
 * Portkey's open gateway, a process on loopback, with its simple cache asked for. Resolves with what keeps it from being
 * measured, found out by asking it twice for each answer; with none, where every second call comes from its cache.
 */
export async function whyPortkeyIsLeftOut() {
  let calls = 0;
  const upstream = createServer(async (request, response) => {
    for await (const _part of request);
    calls++;
    const { type, body } = answers[request.url.split('/')[1]];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  const port = await listening(upstream);
  // Asked of the system and let go of again: the gateway cannot be told to choose one.
  const free = createServer();
  const own = await listening(free);
  free.close();
  const script = createRequire(import.meta.url).resolve('@portkey-ai/gateway/build/start-server.js');
  const child = spawn(process.execPath, [script, '--headless', `--port=${own}`], { stdio: 'ignore' });
  try {
    await answering(own, child);
    const found = [];
    for (const name of ['4kB', '120kB']) found.push(await ask(name));
    const asked = await fetch(`http://127.0.0.1:${own}/v1/chat/completions`, { method: 'OPTIONS' });
    if (!asked.ok) found.push(`a page's preflight is answered with ${asked.status}`);
    return found.filter(Boolean).join('; ') || undefined;
  } catch (error) {
    return error.message;
  } finally {
    child.kill();
    upstream.closeAllConnections();
    upstream.close();
  }

  async function ask(name) {
    const { title, isStream } = answers[name];
    const config = {
      provider: 'openai',
      api_key: 'sk-bench',
      custom_host: `http://127.0.0.1:${port}/${name}/v1`,
      cache: { mode: 'simple', max_age: 3600 },
    };
    const before = calls;
    let response;
    for (let i = 0; i < 2; i++) {
      response = await fetch(`http://127.0.0.1:${own}/v1/chat/completions`, {
        method: 'POST',
        headers: { ...headers, 'x-portkey-config': JSON.stringify(config) },
        body: question(1, 2_000, isStream),
      });
      await response.arrayBuffer();
    }
    if (response.status !== 200) return `${title}: answered with ${response.status} in Node ${process.versions.node}`;
    if (calls - before === 1) return undefined;
    const status = response.headers.get('x-portkey-cache-status');
    return `${title}: not cached, two equal calls reached upstream ${calls - before} times, cache status ${status}`;
  }
}

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

async function answering(port, child) {
  for (const start = performance.now(); performance.now() - start < START_DEADLINE; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`it ends at once, with code ${child.exitCode}`);
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (response) return;
  }
  throw new Error(`it does not answer within ${START_DEADLINE / 1000} s`);
}
