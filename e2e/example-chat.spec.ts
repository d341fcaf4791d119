import { rm } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { installChat, runSuite, type SuiteRun, serveChat } from './example-chat/installed.mjs';
import { Provider } from './example-chat/provider.ts';
import { freePort } from './free-port.ts';

const everyAnswerRecorded = 'tests/chat.refrain: 16 served, 0 missed, 0 unused in 9 tests';

test('the suite of the example chat ends alike live and, with the provider shut down, from its cassette', async () => {
  // Some 20 s on two idle cores.
  test.setTimeout(180_000);
  const provider = await Provider.create();
  const chat = await installChat();
  const server = await serveChat(chat, provider.origin, await freePort());
  try {
    const fromCommitted = await test.step('replayed as committed', () => runSuite(chat, server, 'replay'));
    expect(fromCommitted.faults).toEqual([]);
    expect(fromCommitted.told).toContain(everyAnswerRecorded);

    await rm(chat.cassette);
    await provider.start();
    const live = await test.step('recorded', () => runSuite(chat, server, 'record'));
    expect(live.faults).toEqual([]);
    expect(provider.calls).toBe(16);

    await provider.shutDown();
    const fromRecorded = await test.step('replayed as just recorded', () => runSuite(chat, server, 'replay'));
    expect(fromRecorded.faults).toEqual([]);
    expect(fromRecorded.told).toContain(everyAnswerRecorded);

    expect(provider.comersWhileShut).toBe(0);
    expect(resultsOf(live)).toHaveLength(9);
    expect(resultsOf(fromCommitted)).toEqual(resultsOf(live));
    expect(resultsOf(fromRecorded)).toEqual(resultsOf(live));
  } finally {
    await server.close();
    await provider.stop();
    await chat.remove();
  }
});

function resultsOf({ code, tests }: SuiteRun): string[] {
  return tests.map(({ title, status }) => `${title}: ${status}, exit code ${code}`);
}
