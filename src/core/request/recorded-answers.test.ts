import { expect, test } from 'vitest';
import type { Cassettes } from '../cassette/cassettes.ts';
import { exportRecordings } from '../cassette/export-recordings.ts';
import type { Recording } from '../cassette/recording.ts';
import { notWhole } from '../cassette/whole.ts';
import { dataEvents } from '../formats/sample-answers.ts';
import type { Store } from '../store/store.ts';
import { Bench, question, stream } from './answer-bench.ts';

const recording = { page: { mode: 'record' as const, session: 's' } };
const cassette = ['https://app.example/answers.refrain'];

function answerNumber(n: number): string {
  return dataEvents(
    { id: `c${n}`, choices: [{ index: 0, delta: { content: `Answer ${n}` }, finish_reason: null }] },
    { id: `c${n}`, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    '[DONE]',
  );
}

/** An upstream whose n-th answer tells its number, from 1. */
function counting(bench: Bench): Bench {
  let n = 0;
  bench.respond = () => new Response(answerNumber(++n), { headers: { 'content-type': 'text/event-stream' } });
  return bench;
}

async function exported(bench: Bench): Promise<readonly Recording[]> {
  const store = bench.engine.store as Store;
  const metas = (await store.list()).map(({ meta }) => meta);
  return (await exportRecordings(store, metas)).recordings;
}

function holding(recordings: readonly Recording[]): Cassettes {
  return {
    find: async (names, key) => (names.length > 0 ? recordings.find((one) => one.key === key) : undefined),
    all: async () => recordings,
    isWhole: (one, answer) => notWhole(one, answer) === undefined,
  };
}

/** A bench that never asks upstream, and has these recordings. */
function replaying(recordings: readonly Recording[]): Bench {
  const bench = new Bench();
  bench.respond = () => Promise.reject(new Error('upstream was asked'));
  bench.cassettes = holding(recordings);
  return bench;
}

const replay = { page: { mode: 'replay' as const, cassette, session: 's' } };

test('What was recorded with one credential answers another from a cassette, byte for byte', async () => {
  const recorder = new Bench();
  await recorder.ask({ ...recording, headers: { authorization: 'Bearer one' } });
  const bench = replaying(await exported(recorder));
  const { text, cached } = await bench.ask({ ...replay, headers: { authorization: 'Bearer two' } });
  expect(text).toBe(stream);
  expect(cached).toBe('refrain; hit; detail=cassette');
  expect(bench.types()).toEqual(['entry-hit']);
});

test('Only a page that names the cassette is answered from it', async () => {
  const recorder = new Bench();
  await recorder.ask(recording);
  const bench = replaying(await exported(recorder));
  expect((await bench.ask({ page: { mode: 'replay' } })).status).toBe(504);
});

test('Recorded JSON answers who asks for a stream', async () => {
  const message = { role: 'assistant', content: 'Hello', refusal: null };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  const completion = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices };
  const recorder = new Bench();
  recorder.respond = () => Response.json(completion);
  await recorder.ask({ ...recording, body: JSON.stringify({ ...question, stream: false }) });
  const { text, status } = await replaying(await exported(recorder)).ask(replay);
  expect(status).toBe(200);
  expect(text).toContain('data: [DONE]');
});

test('The n-th identical call gets the n-th recorded answer, and every later one the last', async () => {
  const recorder = counting(new Bench());
  for (let i = 0; i < 3; i++) await recorder.ask(recording);
  const recordings = await exported(recorder);
  expect(recordings.map(({ answers }) => answers.length)).toEqual([3]);
  const bench = replaying(recordings);
  const texts = [];
  for (let i = 0; i < 5; i++) texts.push((await bench.ask(replay)).text);
  expect(texts).toEqual([1, 2, 3, 3, 3].map(answerNumber));
});

test('Each session begins a sequence anew', async () => {
  const recorder = counting(new Bench());
  for (let i = 0; i < 2; i++) await recorder.ask(recording);
  const bench = replaying(await exported(recorder));
  await bench.ask(replay);
  expect((await bench.ask({ page: { ...replay.page, session: 'another' } })).text).toBe(answerNumber(1));
});

test('An answer that repeats the one before at the end of its sequence is recorded once', async () => {
  const recorder = new Bench();
  for (let i = 0; i < 3; i++) await recorder.ask(recording);
  expect((await exported(recorder))[0]?.answers).toHaveLength(1);
});

test('A recording keeps what counts of the request, and no credential', async () => {
  const recorder = new Bench();
  await recorder.ask({
    ...recording,
    headers: { authorization: 'Bearer secret-1', 'content-type': 'application/json' },
  });
  const [kept] = await exported(recorder);
  expect(JSON.parse(kept?.request?.body ?? '')).toEqual({ model: 'm', messages: question.messages });
  expect(kept?.request?.headers).toEqual([['content-type', 'application/json']]);
  expect(JSON.stringify(kept)).not.toContain('secret-1');
});

test('A request that holds a credential by name is withheld, and its answer recorded', async () => {
  const recorder = new Bench();
  await recorder.ask({ ...recording, body: JSON.stringify({ ...question, metadata: { api_key: 'secret-2' } }) });
  const [kept] = await exported(recorder);
  expect(kept?.request).toMatchObject({ withheld: '/metadata/api_key holds a credential' });
  expect(kept?.request?.body).toBeUndefined();
  expect(kept?.answers).toHaveLength(1);
});

test('In mode auto no request is kept, and the answer can be exported all the same', async () => {
  const bench = new Bench();
  await bench.ask();
  const [kept] = await exported(bench);
  expect(kept).toMatchObject({ key: expect.stringMatching(/^[0-9a-f]{64}$/), format: 'openai-chat' });
  expect(kept?.request).toBeUndefined();
});

test('A miss in replay names the closest recorded request and how it differs', async () => {
  const recorder = new Bench();
  for (const content of ['Say hello in Danish, please', 'What is the capital of France?'])
    await recorder.ask({ ...recording, body: JSON.stringify({ ...question, messages: [{ role: 'user', content }] }) });
  const bench = replaying(await exported(recorder));
  const content = 'Say hello in Dutch, please';
  const body = JSON.stringify({ ...question, messages: [{ role: 'user', content }] });
  const { status, text } = await bench.ask({ ...replay, body });
  const differences = [
    {
      at: '/messages/0/content',
      recorded: '"Say hello in Danish, please"',
      asked: '"Say hello in Dutch, please"',
    },
  ];
  expect(status).toBe(504);
  expect(JSON.parse(text).closest).toEqual({ differences });
  expect(JSON.parse(text).message).toContain('/messages/0/content: recorded "Say hello in Danish, please"');
  expect(bench.events).toMatchObject([{ type: 'not-stored', asked: {}, closest: { differences } }]);
});

test('A recorded answer that is not whole is not replayed', async () => {
  const recorder = new Bench();
  await recorder.ask(recording);
  const [kept] = (await exported(recorder)) as [Recording];
  const cut = kept.answers.map((answer) => ({ ...answer, body: answer.body.slice(0, -20) }));
  expect((await replaying([{ ...kept, answers: cut }]).ask(replay)).status).toBe(504);
});

test('data-variants collects so many answers, one with each call, and serves them in turn', async () => {
  const bench = counting(new Bench());
  const texts = [];
  for (let i = 0; i < 7; i++) texts.push((await bench.ask({ page: { variants: 3 } })).text);
  expect(texts).toEqual([1, 1, 2, 1, 2, 3, 1].map(answerNumber));
  expect(bench.sent).toHaveLength(3);
});

test('With data-variants a reload gives a new answer, whatever is stored', async () => {
  const bench = counting(new Bench());
  const asked = { page: { variants: 2 } };
  const texts = [];
  for (const wishes of [undefined, 'reload', 'reload'])
    texts.push((await bench.ask(wishes ? { ...asked, wishes } : asked)).text);
  expect(texts).toEqual([1, 2, 3].map(answerNumber));
  expect((await bench.engine.store.list()).map(({ meta }) => meta.key)).toHaveLength(2);
});

test.each(['3', '4'])('x-refrain: variant=%s is another answer to the same question', async (variant) => {
  const bench = counting(new Bench());
  expect((await bench.ask()).text).toBe(answerNumber(1));
  expect((await bench.ask({ wishes: `variant=${variant}` })).text).toBe(answerNumber(2));
  expect((await bench.ask({ wishes: `variant=${variant}` })).text).toBe(answerNumber(2));
  expect((await bench.ask()).text).toBe(answerNumber(1));
});

test('normalize takes out what must not count, and leaves what is sent', async () => {
  const bench = new Bench();
  Object.assign(bench.engine, {
    normalize: (request: { body: { messages: { content: string }[] } }) => {
      for (const message of request.body.messages) message.content = message.content.replace(/\d{4}-\d\d-\d\d/, 'DATE');
    },
  });
  const dated = (date: string) =>
    JSON.stringify({ ...question, messages: [{ role: 'user', content: `Today is ${date}` }] });
  await bench.ask({ ...recording, body: dated('2026-01-02') });
  expect(await bench.sent[0]?.text()).toContain('2026-01-02');
  expect((await bench.ask({ body: dated('2026-03-04') })).cached).toContain('hit');
  expect(bench.sent).toHaveLength(1);
  expect((await exported(bench))[0]?.request?.body).toContain('Today is DATE');
});

test('A normalize that throws is told, and its call goes past the cache', async () => {
  const bench = new Bench();
  Object.assign(bench.engine, {
    normalize: () => {
      throw new Error('no such member');
    },
  });
  expect((await bench.ask()).text).toBe(stream);
  expect(bench.types()).toEqual(['problem', 'bypass failed']);
});
