import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock';
import type { Connect, Plugin } from 'vite';
import { answerTo } from './answers.ts';

/** About the length of a token, in characters. */
const chunkSize = 4;

/** How quick a model is: milliseconds to the first token, tokens per second, and the share by which both vary. */
interface Speed {
  readonly ttft: number;
  readonly tps: number;
  readonly jitter: number;
}

const small: Speed = { ttft: 380, tps: 75, jitter: 0.3 };
const large: Speed = { ttft: 850, tps: 45, jitter: 0.3 };

/**
 * An LLM provider for people without a key: aimock under `/upstream`, on the page's own origin so that no browser's CORS
 * rules stand between. `GET /upstream-calls` tells how many questions really arrived, which is the proof of a cache hit.
 */
export function simulatedUpstream(): Plugin {
  return {
    name: 'refrain-demo:simulated-upstream',
    configureServer: ({ middlewares, httpServer }) => mountUpstream(middlewares, httpServer),
    configurePreviewServer: ({ middlewares, httpServer }) => mountUpstream(middlewares, httpServer),
  };
}

interface Closable {
  once(event: 'close', listener: () => void): unknown;
}

async function mountUpstream(middlewares: Connect.Server, server: Closable | null): Promise<void> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize });
  for (const [model, speed] of [
    [/mini|haiku|flash|gemma/, small],
    [/./, large],
  ] as const) {
    mock.on({ model }, (request) => answer(request, speed), { streamingProfile: speed });
  }
  await mock.start();
  server?.once('close', () => void mock.stop());

  let calls = 0;
  middlewares.use('/upstream-calls', (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('cache-control', 'no-store');
    response.end(JSON.stringify({ calls }));
  });
  middlewares.use('/upstream', (request, response) => {
    if (request.method === 'POST') calls++;
    forward(request, response, mock.port);
  });
}

/** The mock paces streams by itself; an answer in one piece takes as long as its stream would. */
async function answer(request: ChatCompletionRequest, { ttft, tps }: Speed) {
  const prompt = lastPrompt(request);
  const content = answerTo(prompt, request.model);
  const tokens = Math.ceil(content.length / chunkSize);
  if (request.stream !== true) await elapse(ttft + (tokens / tps) * 1000);
  return { content, usage: { prompt_tokens: Math.ceil(prompt.length / chunkSize), completion_tokens: tokens } };
}

function lastPrompt({ messages }: ChatCompletionRequest): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('');
}

function elapse(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Passes one request on. Whoever leaves first takes the other side with them, so that an abort reaches the upstream. */
function forward(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, headers } = request;
  const onward = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, response, () => {});
  });
  onward.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end('The simulated upstream did not answer\n');
  });
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}
