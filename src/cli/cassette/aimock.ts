import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError } from '../command.ts';
import type { Exchange } from './har.ts';

/** What is used of aimock (https://aimock.copilotkit.dev/docs). */
interface Mock {
  readonly url: string;
  loadFixtureFile(path: string): unknown;
  start(): Promise<unknown>;
  stop(): Promise<unknown>;
}

/** Are these aimock's fixtures, by their members? */
export function isAimock(json: unknown): boolean {
  const fixtures = Array.isArray(json) ? json : (json as { fixtures?: unknown } | null)?.fixtures;
  return Array.isArray(fixtures) && fixtures.every((one) => typeof one === 'object' && one !== null && 'match' in one);
}

/**
 * What aimock answers these requests with these fixtures. A fixture holds a condition and no request, so requests that an
 * app really makes are needed: each is put to aimock, and its answer takes the place of the one that was recorded.
 */
export async function answeredByAimock(fixtures: string, exchanges: readonly Exchange[]): Promise<Exchange[]> {
  const mock = await createMock();
  mock.loadFixtureFile(fixtures);
  await mock.start();
  try {
    const answered: Exchange[] = [];
    for (const exchange of exchanges) answered.push(await answer(mock.url, exchange));
    return answered;
  } finally {
    await mock.stop();
  }
}

/** @throws CommandError where aimock is not installed */
async function createMock(): Promise<Mock> {
  const require = createRequire(join(process.cwd(), 'package.json'));
  try {
    const path = require.resolve('@copilotkit/aimock');
    const { LLMock } = (await import(pathToFileURL(path).href)) as { LLMock: new (options: object) => Mock };
    return new LLMock({ port: 0, host: '127.0.0.1' });
  } catch {
    throw new CommandError(
      'Cannot answer by these fixtures: aimock is not installed here, "npm install --save-dev @copilotkit/aimock" is needed',
    );
  }
}

async function answer(mock: string, exchange: Exchange): Promise<Exchange> {
  const { pathname, search } = new URL(exchange.url);
  const began = Date.now();
  const response = await fetch(mock + pathname + search, {
    method: exchange.method,
    headers: exchange.requestHeaders as [string, string][],
    body: exchange.requestBody ?? '',
  });
  const body = new Uint8Array(await response.arrayBuffer());
  return {
    ...exchange,
    status: response.status,
    statusText: response.statusText,
    responseHeaders: [...response.headers],
    body,
    storedAt: Date.now(),
    elapsed: Date.now() - began,
  };
}
