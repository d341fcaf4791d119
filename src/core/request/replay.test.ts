import { expect, test } from 'vitest';
import { sampleEntry } from '../store/tier-contract.ts';
import { notStored, replay } from './replay.ts';

const entry = sampleEntry(
  'a',
  Uint8Array.from({ length: 256 }, (_, i) => i),
  {
    statusText: 'OK then',
    headers: [
      ['content-type', 'text/event-stream; charset=utf-8'],
      ['x-generation-id', 'gen-1'],
    ],
    storedAt: 1_000_000,
  },
);
const found = { entry, tier: 'opfs', left: 50.5 } as const;

test('replay gives the bytes as they were stored, again and again', async () => {
  for (let i = 0; i < 2; i++) {
    const body = new Uint8Array(await replay(found, 1_000_000, entry.body).arrayBuffer());
    expect(body).toEqual(new Uint8Array(await new Response(entry.body).arrayBuffer()));
  }
});

test('replay gives status, headers, age and cache-status', () => {
  const response = replay(found, 1_012_345, entry.body);
  expect(response.status).toBe(200);
  expect(response.statusText).toBe('OK then');
  expect([...response.headers]).toEqual([
    ['age', '12'],
    ['cache-status', 'refrain; hit; ttl=50; detail=opfs'],
    ['content-type', 'text/event-stream; charset=utf-8'],
    ['x-generation-id', 'gen-1'],
  ]);
});

test('replay gives an empty body, where the answer was empty', async () => {
  const response = replay({ ...found, entry: sampleEntry('a', '') }, 0, '');
  expect(await response.text()).toBe('');
});

test('notStored gives a 504 that no SDK retries, with an error every SDK finds', async () => {
  const response = notStored({ why: 'the request says only-if-cached', format: 'openai-chat' });
  expect(response.status).toBe(504);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-status')).toContain('refrain; fwd=miss');
  const body = await response.json();
  // Anthropic's shape and OpenAI's, Gemini's code and status, and the message where others look for it.
  expect(body).toMatchObject({ type: 'error', error: { type: 'not_stored', code: 504, status: 'NOT_STORED' } });
  expect(body.error.message).toContain('only-if-cached');
  expect(body.message).toBe(body.error.message);
});

test("notStored gives Ollama's clients an error that is a text", async () => {
  const { error } = await notStored({ why: 'nothing is recorded', format: 'ollama' }).json();
  expect(error).toContain('nothing is recorded');
});

test('notStored names how the closest recorded request differs, at most three places of it', async () => {
  const differences = ['/a', '/b', '/c', '/d'].map((at) => ({ at, recorded: '1', asked: '2' }));
  const { message, closest } = await notStored({
    why: 'it is new',
    format: 'openai-chat',
    closest: { differences },
  }).json();
  expect(message).toContain('/a: recorded 1, asked 2; /b: recorded 1, asked 2; /c: recorded 1, asked 2; and 1 more');
  expect(closest.differences).toEqual(differences);
});
