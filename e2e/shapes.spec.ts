import { answerOf, anthropic, bytesOf, gemini, openaiChat } from './answers.ts';
import { type Ask, ask, type Got } from './asking.ts';
import { explain, flush, forgetMemory, stats } from './refrain-in-page.ts';
import { askThroughSdk, callsFrom, originOf, putSdksInto, test } from './sdks.ts';
import { askOf, expect, withHeaders } from './site.ts';
import type { Answer, Upstream } from './upstream.ts';

/** What a model says to each prompt. All that a provider would draw afresh for each answer is fixed where it can be. */
const fixed = {
  id: 'answer-1',
  created: 1760000000,
  // Each provider picks the counts it calls its own.
  usage: {
    prompt_tokens: 9,
    completion_tokens: 7,
    input_tokens: 9,
    output_tokens: 7,
    promptTokenCount: 9,
    candidatesTokenCount: 7,
  },
};
const text = Array.from(
  { length: 40 },
  (_, line) => `${line}: Grüße aus Zürich, 你好, naïve ﬁne e\u0301 🎵👩‍🚀\n`,
).join('');
const toolCalls = [
  { id: 'call_1', name: 'look_up', arguments: '{"city":"Zürich \\"Süd\\"","days":[1,2.5],"when":null}' },
  { id: 'call_2', name: 'list', arguments: '{}' },
];
const answers: Record<string, object> = {
  'Tell me more': { ...fixed, content: text },
  'Look it up': { ...fixed, toolCalls },
  'Say what you look up': { ...fixed, content: 'Let me see … 🔍', toolCalls },
};

const sdks = [
  'openai, chat',
  'openai, responses',
  '@anthropic-ai/sdk',
  '@google/genai',
  'ollama',
  'ollama, generate',
  'fetch, Cohere v2',
  'ai with @ai-sdk/openai',
] as const;

/** What aimock draws afresh for each answer whatever its fixture says: Ollama's times, the ids of a response's items. */
const drawn = /^(\d{4}-\d\d-\d\dT.+Z|(msg|fc)-.{16})$/;

/**
 * An answer without what differs between any two of aimock's. It tells Cohere's tool plan in streams alone, and its bodies
 * have the lists that Cohere's leave out when they are empty.
 */
function takeOut(whole: unknown): { kept: unknown; takenOut: string[] } {
  const takenOut: string[] = [];
  const kept = JSON.parse(JSON.stringify(whole), (name, value) => {
    const empty = Array.isArray(value) && value.length === 0 && /^(content|tool_calls|citations)$/.test(name);
    if (name !== 'tool_plan' && !empty && !drawn.test(value)) return value;
    if (value.length > 0) takenOut.push(value);
    return undefined;
  });
  return { kept, takenOut: takenOut.sort() };
}

/** Types of a stream's events, each once where it is repeated, without the plan that aimock tells in streams alone. */
function kindsOf(events: readonly unknown[] = []): unknown[] {
  const kinds = events.map((event) => (event as { type?: string }).type).filter((type) => type !== 'tool-plan-delta');
  return kinds.filter((kind, at) => kind !== kinds[at - 1]);
}

for (const sdk of sdks) {
  test(`${sdk} reads a stored stream as a body and a stored body as a stream, as the provider would have sent them`, async ({
    site,
    visitor,
    provider,
  }) => {
    await putSdksInto(site, originOf(provider), sdk);
    for (const [prompt, answer] of Object.entries(answers)) provider.onMessage(prompt, answer as { content: string });
    const [page, bare] = [await visitor.open(), await visitor.openBare()];
    // Ollama's other endpoint completes a text, and knows no tools.
    const prompts = Object.keys(answers).filter((prompt) => sdk !== 'ollama, generate' || prompt === 'Tell me more');
    const questions = prompts.flatMap((prompt) => [
      { prompt: `${prompt}, streamed first`, streamFirst: true },
      { prompt: `${prompt}, then stream it`, streamFirst: false },
    ]);
    for (const { prompt, streamFirst } of questions) {
      await test.step(prompt, async () => {
        const native = (await askThroughSdk(bare, sdk, originOf(provider), prompt, !streamFirst)).parsed;
        const asked = callsFrom(provider, site.origin).length;
        const recorded = await askThroughSdk(page, sdk, originOf(provider), prompt, streamFirst);
        const converted = await askThroughSdk(page, sdk, originOf(provider), prompt, !streamFirst);
        const again = await askThroughSdk(page, sdk, originOf(provider), prompt, streamFirst);

        expect(callsFrom(provider, site.origin)).toHaveLength(asked + 1);
        const hit = [expect.stringMatching(/^refrain; hit; ttl=\d+; detail=memory$/)];
        expect([recorded.cacheStatus, converted.cacheStatus, again.cacheStatus]).toEqual([
          ['refrain; fwd=miss'],
          hit,
          hit,
        ]);
        expect(takeOut(converted.parsed.whole).kept).toEqual(takeOut(native.whole).kept);
        expect(takeOut(converted.parsed.whole).takenOut).toEqual(takeOut(recorded.parsed.whole).takenOut);
        expect(kindsOf(converted.parsed.events)).toEqual(kindsOf(native.events));
        expect(again.parsed).toEqual(recorded.parsed);
      });
    }
    expect((await stats(page)).entries).toBe(questions.length);
  });
}

/** What the upstream says in its answer of that number. */
const said = (number: number) => `Ünïque answer ${number} 🎵`;

function jsonOf({ bytes, headers }: Got) {
  expect(headers['content-type']).toBe('application/json');
  return JSON.parse(Buffer.from(bytes, 'latin1').toString());
}

/** The data of a stream's events; `[DONE]` as it is. */
function eventsOf({ bytes, headers }: Pick<Got, 'bytes' | 'headers'>): unknown[] {
  expect(headers['content-type']).toMatch(/^text\/event-stream/);
  const events = Buffer.from(bytes, 'latin1')
    .toString()
    .split(/\r?\n\r?\n/);
  expect(events.pop()).toBe('');
  return events.map((event) => {
    const data = /^data: (.*)$/m.exec(event)?.[1] ?? '';
    return data === '[DONE]' ? data : JSON.parse(data);
  });
}

/** The two ways to ask an upstream the same. */
function bothShapes(upstream: Upstream, provider = anthropic): { body: Ask; stream: Ask } {
  return {
    body: askOf(upstream, { prompt: 'Hello', model: 'a-model' }, provider),
    stream: askOf(upstream, { prompt: 'Hello', model: 'a-model', stream: true }, provider),
  };
}

test('A stream answers an asker of the body from OPFS, when memory is forgotten, the worker stopped, the browser restarted', async ({
  upstream,
  visitor,
}) => {
  let page = await visitor.open();
  const { body, stream } = bothShapes(upstream);
  const recorded = await ask(page, stream);
  const expected = JSON.parse(anthropic.json('a-model', said(1)));
  await flush(page);
  const expectBodyFromOpfs = async (question: Ask) => {
    const got = await ask(page, question);
    expect(got).toBeHitFrom('opfs');
    expect(jsonOf(got)).toEqual(expected);
  };

  await forgetMemory(page);
  await expectBodyFromOpfs(body);
  await visitor.stopWorkers(page);
  await expectBodyFromOpfs({ ...body, via: 'xhr' });
  await visitor.restart();
  page = await visitor.open();
  await expectBodyFromOpfs(body);
  const fromMemory = await ask(page, body);
  expect(fromMemory).toBeHitFrom('memory');
  expect(jsonOf(fromMemory)).toEqual(expected);

  await flush(page);
  await visitor.stopWorkers(page);
  const again = await ask(page, stream);
  expect(again).toBeHitFrom('opfs');
  expect(again.bytes).toBe(recorded.bytes);
  expect(upstream.calls).toHaveLength(1);
  expect((await stats(page)).entries).toBe(1);
});

test('A body that would lack its token count is asked for, and from then on answers every shape', async ({
  upstream,
  visitor,
}) => {
  const page = await visitor.open();
  const question = (shape: { stream?: boolean; usage?: boolean }) =>
    askOf(upstream, { prompt: 'Hello', model: 'a-model', ...shape });
  const stream = await ask(page, question({ stream: true }));
  expect(stream).toBeMiss();
  expect(await explain(page, question({}))).toMatchObject({ outcome: 'miss' });
  expect(await explain(page, question({ stream: true, usage: true }))).toMatchObject({ outcome: 'miss' });
  const body = await ask(page, question({}));
  expect(body).toBeMiss();
  expect(upstream.calls).toHaveLength(2);

  const [streamAgain, bodyAgain] = [await ask(page, question({ stream: true })), await ask(page, question({}))];
  expect(streamAgain).toBeHitFrom('memory');
  expect(streamAgain.bytes).toBe(stream.bytes);
  expect(bodyAgain).toBeHitFrom('memory');
  expect(bodyAgain.bytes).toBe(body.bytes);

  const counted = await ask(page, question({ stream: true, usage: true }));
  expect(counted).toBeHitFrom('memory');
  expect(eventsOf(counted).slice(-2)).toEqual([
    expect.objectContaining({ choices: [], usage: jsonOf(body).usage }),
    '[DONE]',
  ]);
  expect(upstream.calls).toHaveLength(2);
});

test('A stream that counted tokens answers those who did not ask for the count, without it', async ({
  upstream,
  visitor,
}) => {
  const page = await visitor.open();
  const question = { prompt: 'Hello', model: 'a-model', stream: true };
  await ask(page, askOf(upstream, { ...question, usage: true }));
  const uncounted = await ask(page, askOf(upstream, question));
  expect(uncounted).toBeHitFrom('memory');
  const native = { bytes: bytesOf(answerOf(openaiChat, question, said(1))), headers: uncounted.headers };
  expect(eventsOf(uncounted)).toEqual(eventsOf(native));
  const body = await ask(page, askOf(upstream, { ...question, stream: false }));
  expect(body).toBeHitFrom('memory');
  expect(jsonOf(body)).toEqual(JSON.parse(openaiChat.json('a-model', said(1))));
  expect(upstream.calls).toHaveLength(1);
});

for (const [renewed, other] of [
  ['body', 'stream'],
  ['stream', 'body'],
] as const) {
  test(`A ${renewed} asked anew takes the place of the older ${other}, in memory and in OPFS`, async ({
    upstream,
    visitor,
  }) => {
    const page = await visitor.open();
    const shapes = bothShapes(upstream);
    expect(await ask(page, shapes[other])).toBeMiss();
    await flush(page);
    const reloaded = await ask(page, { ...shapes[renewed], init: { cache: 'reload' } });
    expect(reloaded).not.toBeHit();
    expect(upstream.calls).toHaveLength(2);

    const textOf = (got: Got) =>
      other === 'body'
        ? jsonOf(got).content[0].text
        : (eventsOf(got) as { delta?: { text?: string } }[]).map(({ delta }) => delta?.text ?? '').join('');
    const converted = await ask(page, shapes[other]);
    expect(converted).toBeHitFrom('memory');
    expect(textOf(converted)).toBe(said(2));
    await flush(page);
    await visitor.stopWorkers(page);
    const fromOpfs = await ask(page, shapes[other]);
    expect(fromOpfs).toBeHitFrom('opfs');
    expect(textOf(fromOpfs)).toBe(said(2));
    expect(upstream.calls).toHaveLength(2);
  });
}

test('Who has read a body asked anew gets its text from the stream at once', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const { body, stream } = bothShapes(upstream);
  await ask(page, stream);
  const text = await page.evaluate(
    async ([one, other]) => {
      const init = ({ headers, body }: typeof one) => ({ method: 'POST', headers: headers ?? {}, body: body ?? '' });
      await (await fetch(one.url, { ...init(one), cache: 'reload' })).text();
      return (await fetch(other.url, init(other))).text();
    },
    [body, stream] as const,
  );
  const pieces = [...text.matchAll(/"text":"([^"]*)"/g)].map(([, piece]) => piece);
  expect(pieces.join('')).toBe(said(2));
});

test('What data-mode="record" has recorded in both shapes, data-mode="replay" gives byte for byte in both', async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = { 'data-mode': 'record' };
  const recording = await visitor.open();
  const { body, stream } = bothShapes(upstream);
  const recorded = [await ask(recording, stream), await ask(recording, body)];
  await flush(recording);
  site.attributes = { 'data-mode': 'replay' };
  const page = await visitor.open();
  const replayed = [await ask(page, stream), await ask(page, body)];
  expect(replayed.map(({ bytes }) => bytes)).toEqual(recorded.map(({ bytes }) => bytes));
  expect(upstream.calls).toHaveLength(2);
});

test("Gemini's events answer an asker of its array, its body, and the other way round", async ({
  upstream,
  visitor,
}) => {
  const chunks = (number: number) =>
    gemini.stream('gemini-2.5-flash', said(number)).map((chunk) => JSON.parse(chunk.replace('data: ', '')));
  upstream.answer = ({ path, number }): Answer => {
    if (path.includes('alt=sse'))
      return answerOf(gemini, { prompt: '', model: 'gemini-2.5-flash', stream: true }, said(number));
    const body = path.includes(':stream')
      ? `[${chunks(number)
          .map((chunk) => JSON.stringify(chunk, undefined, 2))
          .join(',\r\n')}]`
      : gemini.json('gemini-2.5-flash', said(number));
    return { headers: { 'content-type': 'application/json; charset=UTF-8' }, chunks: [body] };
  };
  const page = await visitor.open();
  const question = (prompt: string, method: string): Ask => {
    const one = askOf(upstream, { prompt }, gemini);
    return { ...one, url: one.url.replace('generateContent', method) };
  };
  const shapes = {
    sse: 'streamGenerateContent?alt=sse',
    array: 'streamGenerateContent',
    body: 'generateContent',
  } as const;

  expect(await ask(page, question('Events first', shapes.sse))).toBeMiss();
  expect(jsonOf(await hit(question('Events first', shapes.array)))).toEqual(chunks(1));
  expect(jsonOf(await hit(question('Events first', shapes.body)))).toEqual(
    JSON.parse(gemini.json('gemini-2.5-flash', said(1))),
  );

  expect(await ask(page, question('Array first', shapes.array))).toBeMiss();
  expect(eventsOf(await hit(question('Array first', shapes.sse)))).toEqual(chunks(2));
  expect(jsonOf(await hit(question('Array first', shapes.body)))).toEqual(
    JSON.parse(gemini.json('gemini-2.5-flash', said(2))),
  );

  expect(await ask(page, question('Body first', shapes.body))).toBeMiss();
  const body = JSON.parse(gemini.json('gemini-2.5-flash', said(3)));
  expect(eventsOf(await hit(question('Body first', shapes.sse)))).toEqual([body]);
  expect(jsonOf(await hit(question('Body first', shapes.array)))).toEqual([body]);
  expect(upstream.calls).toHaveLength(3);

  async function hit(one: Ask): Promise<Got> {
    const got = await ask(page, one);
    expect(got).toBeHitFrom('memory');
    return got;
  }
});

test("Claude at Vertex: rawPredict and streamRawPredict answer each other's askers", async ({ upstream, visitor }) => {
  upstream.answer = ({ path, number }) =>
    answerOf(anthropic, { prompt: '', model: 'claude-haiku-4-5', stream: path.includes(':stream') }, said(number));
  const page = await visitor.open();
  const question = (prompt: string, stream: boolean): Ask => ({
    url: `${upstream.origin}/v1/projects/p/locations/europe-west1/publishers/anthropic/models/claude-haiku-4-5:${stream ? 'streamRawPredict' : 'rawPredict'}`,
    headers: { 'content-type': 'application/json', authorization: 'Bearer ya29.end-to-end' },
    body: JSON.stringify({
      anthropic_version: 'vertex-2023-10-16',
      max_tokens: 64,
      messages: [{ role: 'user', content: prompt }],
      ...(stream && { stream }),
    }),
  });
  const body = (number: number) => JSON.parse(anthropic.json('claude-haiku-4-5', said(number)));

  expect(await ask(page, question('Stream first', true))).toBeMiss();
  const whole = await ask(page, question('Stream first', false));
  expect(whole).toBeHitFrom('memory');
  expect(jsonOf(whole)).toEqual(body(1));

  expect(await ask(page, question('Body first', false))).toBeMiss();
  const stream = await ask(page, question('Body first', true));
  expect(stream).toBeHitFrom('memory');
  expect(eventsOf(stream)).toEqual([
    expect.objectContaining({ type: 'message_start' }),
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: said(2) } },
    { type: 'content_block_stop', index: 0 },
    expect.objectContaining({ type: 'message_delta', usage: body(2).usage }),
    { type: 'message_stop' },
  ]);
  expect(upstream.calls).toHaveLength(2);
});

test('replay and only-if-cached answer from the other shape, where there is one that can be had without loss', async ({
  site,
  upstream,
  visitor,
}) => {
  const recording = await visitor.open();
  const { body, stream } = bothShapes(upstream);
  const chat = bothShapes(upstream, openaiChat);
  await ask(recording, stream);
  await ask(recording, chat.stream);
  const cached = await ask(recording, withHeaders(body, { 'x-refrain': 'only-if-cached' }));
  expect(cached).toBeHitFrom('memory');
  expect(jsonOf(cached)).toEqual(JSON.parse(anthropic.json('a-model', said(1))));

  site.attributes = { 'data-mode': 'replay' };
  const page = await visitor.open();
  const replayed = await ask(page, body);
  expect(replayed).toBeHitFrom('memory');
  expect(jsonOf(replayed)).toEqual(JSON.parse(anthropic.json('a-model', said(1))));
  expect(await ask(page, chat.body)).toMatchObject({ status: 504 });
  expect(upstream.calls).toHaveLength(2);
});

test('explain() says hit where another shape answers', async ({ upstream, visitor }) => {
  const page = await visitor.open();
  const { body, stream } = bothShapes(upstream);
  expect(await explain(page, body)).toMatchObject({ outcome: 'miss' });
  await ask(page, stream);
  expect(await explain(page, body)).toMatchObject({
    outcome: 'hit',
    tier: 'memory',
    from: 'stream',
    format: 'anthropic',
  });
  expect(await explain(page, stream)).not.toHaveProperty('from');
  await flush(page);
  await forgetMemory(page);
  expect(await explain(page, body)).toMatchObject({ outcome: 'hit', tier: 'opfs' });
  expect(upstream.calls).toHaveLength(1);
});

test('A stale stream answers an asker of the body who accepts what is stale, and no other', async ({
  site,
  upstream,
  visitor,
}) => {
  site.attributes = { 'data-ttl': '0' };
  const page = await visitor.open();
  const { body, stream } = bothShapes(upstream);
  await ask(page, stream);
  const forced = await ask(page, { ...body, init: { cache: 'force-cache' } });
  expect(forced).toBeHitFrom('memory');
  expect(jsonOf(forced)).toEqual(JSON.parse(anthropic.json('a-model', said(1))));
  expect(upstream.calls).toHaveLength(1);
  const renewed = await ask(page, body);
  expect(renewed.cacheStatus).toBe('refrain; fwd=stale');
  expect(jsonOf(renewed)).toEqual(JSON.parse(anthropic.json('a-model', said(2))));
});

test("Another credential's, variant's or question's stream answers nobody else's body", async ({
  upstream,
  visitor,
}) => {
  const page = await visitor.open();
  const { body, stream } = bothShapes(upstream);
  await ask(page, stream);
  for (const other of [
    withHeaders(body, { 'x-api-key': 'sk-ant-another' }),
    withHeaders(body, { 'x-refrain': 'variant=2' }),
    { ...body, body: (body.body ?? '').replace('"max_tokens":64', '"max_tokens":65') },
  ]) {
    expect(await ask(page, other)).toBeMiss();
  }
  expect(upstream.calls).toHaveLength(4);
  expect(await ask(page, body)).toBeHitFrom('memory');
});
