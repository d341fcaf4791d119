import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Exchange } from '../../core/cassette/exchange.ts';
import { CommandError } from '../command.ts';

/** What was sent once, and can be sent again. */
type Asked = Pick<Exchange, 'url' | 'headers' | 'body'>;

/** Sends a request to aimock, whatever address it was for; rejects with what is wrong with the answer, in words. */
export type AskAimock = (asked: Asked) => Promise<Exchange['answer']>;

/**
 * Runs the project's own aimock with a fixture file, on this machine alone, for as long as the work takes.
 * Fixtures match by predicates, so only aimock itself can say what it answers to a request.
 * @throws CommandError where aimock is not installed, or cannot read the file
 */
export async function withAimock<T>(fixtures: string, work: (ask: AskAimock) => Promise<T>): Promise<T> {
  const { LLMock } = await installedAimock();
  const mock = new LLMock({ port: 0, host: '127.0.0.1', strict: true, logLevel: 'silent' });
  try {
    mock.loadFixtureFile(fixtures);
  } catch (error) {
    throw new CommandError(
      `Cannot import ${fixtures}: ${(error as Error).message}, a file of aimock fixtures is needed`,
    );
  }
  const base = await mock.start();
  try {
    return await work((asked) => ask(base, asked));
  } finally {
    await mock.stop();
  }
}

async function installedAimock(): Promise<typeof import('@copilotkit/aimock')> {
  try {
    const path = createRequire(join(process.cwd(), 'package.json')).resolve('@copilotkit/aimock');
    return await import(pathToFileURL(path).href);
  } catch {
    throw new CommandError(
      'Cannot import aimock fixtures: aimock is not installed here, "npm install --save-dev @copilotkit/aimock" is needed',
    );
  }
}

async function ask(base: string, { url, headers, body }: Asked): Promise<Exchange['answer']> {
  const begun = Date.now();
  const type = headers.get('content-type') ?? 'application/json';
  const response = await fetch(base + url.pathname + url.search, {
    method: 'POST',
    body,
    headers: { 'content-type': type },
  });
  const answered = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 200)
    throw new Error(`aimock answers ${response.status}, a fixture that matches it is needed`);
  const storedAt = Date.now();
  return {
    storedAt,
    elapsed: storedAt - begun,
    statusText: response.statusText,
    headers: response.headers,
    body: answered,
  };
}
