import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { follow } from './follow.ts';
import { formats } from './index.ts';
import type { FormatName } from './paths.ts';
import {
  type Answer,
  bytesOf,
  dataEvents,
  followerOf,
  jsonLines,
  judge,
  sse,
  wholeStreams,
  wordOf,
} from './sample-answers.ts';

const streams = Object.entries(wholeStreams);
const eventStreams = streams.filter(([, { contentType }]) => contentType.startsWith('text/event-stream'));

/** The answer's verdict and evidence, given in pieces that end at these offsets. */
function judgeInPieces(answer: Answer, bytes: Uint8Array, cuts: readonly number[]) {
  const follower = followerOf(answer);
  let from = 0;
  for (const to of [...cuts].sort((a, b) => a - b)) {
    follower.push(bytes.slice(from, to));
    from = to;
  }
  follower.push(bytes.slice(from));
  return { verdict: follower.end(() => bytes as Uint8Array<ArrayBuffer>), evidence: follower.evidence };
}

/** What counts of a judgement: not every number that was seen, but what was read from them. */
function told({ verdict, evidence: { model, tokens, finishes } }: ReturnType<typeof judge>) {
  return { verdict, model, tokens, finishes };
}

/** Offsets at which the stream, ended there, may be called complete. */
function completeFrom({ contentType, text }: Answer): number {
  const bytes = bytesOf(text).byteLength;
  // NDJSON's last line counts without its line end, when it parses.
  return contentType.startsWith('text/event-stream') ? bytes : bytes - 1;
}

/** Every offset inside a text at which something of it has come and something is missing, or only its blank line. */
function cutsOf(text: string): number[] {
  return Array.from(text, (_, at) => at + 1);
}

const withLineEnds = (answer: Answer, lineEnd: string): Answer => ({
  ...answer,
  text: answer.text.replaceAll('\n', lineEnd),
});

describe.each(streams)('%s', (_name, answer) => {
  test('follow proves the whole stream complete', () => {
    expect(judge(answer).verdict).toMatchObject({ complete: true });
  });

  test('follow never proves a stream complete that is cut at any byte', () => {
    const bytes = bytesOf(answer.text);
    for (let at = 0; at < bytes.byteLength; at++) {
      const follower = followerOf(answer);
      follower.push(bytes.slice(0, at));
      const soFar = follower.soFar().complete;
      const { complete } = follower.end(() => bytes.slice(0, at));
      expect([at, complete]).toEqual([at, at >= completeFrom(answer)]);
      expect([at, soFar && !complete]).toEqual([at, false]);
    }
  });

  test('follow never proves a stream complete that is cut at any byte, with CRLF', () => {
    const crlf = withLineEnds(answer, '\r\n');
    const bytes = bytesOf(crlf.text);
    const from = crlf.contentType.startsWith('text/event-stream') ? bytes.byteLength : bytes.byteLength - 2;
    for (let at = 0; at < from; at++) {
      const follower = followerOf(crlf);
      follower.push(bytes.slice(0, at));
      expect([at, follower.soFar().complete]).toEqual([at, false]);
      expect([at, follower.end(() => bytes.slice(0, at)).complete]).toEqual([at, false]);
    }
    expect(judge(crlf).verdict.complete).toBe(true);
    // Byte by byte it is whole with the last one.
    const slow = followerOf(crlf);
    const whole = [...bytes.keys()].filter((at) => {
      slow.push(bytes.slice(at, at + 1));
      return slow.soFar().complete;
    });
    expect(whole[0]).toBe(bytes.byteLength - 1);
  });

  test('follow gives the same verdict and evidence, whatever mixture of LF and CRLF ends the lines', () => {
    const lines = answer.text.split('\n');
    fc.assert(
      fc.property(fc.infiniteStream(fc.boolean()), fc.array(fc.nat(1e6), { maxLength: 20 }), (pairs, cuts) => {
        const text = lines.reduce((before, line) => `${before}${pairs.next().value ? '\r\n' : '\n'}${line}`);
        const bytes = bytesOf(text);
        const within = cuts.map((cut) => cut % bytes.byteLength);
        expect(judgeInPieces({ ...answer, text }, bytes, within)).toEqual(judge(answer));
      }),
    );
  });

  test('follow reads lines that end with CR alone, however they are cut, and takes no cut for the whole', () => {
    const returned = withLineEnds(answer, '\r');
    const bytes = bytesOf(returned.text);
    expect(judgeInPieces(returned, bytes, [])).toEqual(judge(answer));
    expect(judgeInPieces(returned, bytes, [...bytes.keys()])).toEqual(judge(answer));
    const complete = [...bytes.keys()].filter(
      (at) => judgeInPieces(returned, bytes.slice(0, at), []).verdict.complete && at < completeFrom(answer),
    );
    expect(complete).toEqual([]);
  });

  test('follow takes no notice of what it does not know, wherever it stands', () => {
    const events = answer.text.split(/(?<=\n\n)|(?<=\}\n)(?!\n)/);
    const members = fc.dictionary(fc.stringMatching(/^x-[a-z]{1,6}$/), fc.jsonValue(), { maxKeys: 3 });
    const isEvents = answer.contentType.startsWith('text/event-stream');
    const between = isEvents
      ? fc.constantFrom(
          '',
          ': ping\n',
          ':\n\n',
          '\n',
          ': {"error":1}\n\n',
          'id: 1\nretry: 5\n\n',
          ': PROCESSING\n\n: x\n',
        )
      : fc.constantFrom('', '\n', ' \n');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(between, members), { minLength: events.length, maxLength: events.length }),
        fc.array(fc.nat(1e6), { maxLength: 10 }),
        (inserted, cuts) => {
          const text = events
            .map((event, at) => {
              const [comment, more] = inserted[at] as [string, object];
              const extra = JSON.stringify(more).slice(1, -1);
              return comment + (extra ? event.replace(/(^|data: )\{/m, (start) => `${start}${extra},`) : event);
            })
            .join('');
          const bytes = bytesOf(text);
          const within = cuts.map((cut) => cut % bytes.byteLength);
          expect(told(judgeInPieces({ ...answer, text }, bytes, within))).toEqual(told(judge(answer)));
        },
      ),
    );
  });

  test('follow finds a damaged stream whole or not whole alike, however its bytes are cut', () => {
    const bytes = bytesOf(answer.text);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 })), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.array(fc.nat(bytes.byteLength), { maxLength: 20 }),
        (flipped, cuts) => {
          const damaged = bytes.slice();
          for (const [at, by] of flipped) damaged[at] = (damaged[at] as number) ^ by;
          const { complete } = judgeInPieces(answer, damaged, []).verdict;
          expect(judgeInPieces(answer, damaged, cuts).verdict.complete).toBe(complete);
          expect(judgeInPieces(answer, damaged, [...damaged.keys()]).verdict.complete).toBe(complete);
        },
      ),
    );
  });

  test('follow never finds a stream whole that goes on with an error, however its bytes are cut', () => {
    const isEvents = answer.contentType.startsWith('text/event-stream');
    const errors = isEvents
      ? [
          'event: error\ndata: {"message":"x"}\n\n',
          'error: {"code":500}\n\n',
          '{"error":{"code":500}}\n\n',
          dataEvents({ error: 'x' }, '[DONE]'),
        ]
      : [jsonLines({ error: 'x' }), jsonLines({ error: { code: 500 } })];
    fc.assert(
      fc.property(fc.constantFrom(...errors), fc.array(fc.nat(1e6), { maxLength: 20 }), (error, cuts) => {
        const text = answer.text + error;
        const bytes = bytesOf(text);
        const within = cuts.map((cut) => cut % bytes.byteLength);
        expect(judgeInPieces({ ...answer, text }, bytes, within).verdict).toMatchObject({
          complete: false,
          reason: 'error',
        });
      }),
    );
  });

  test('follow tells that the stream is complete as soon as its terminator has passed', () => {
    const follower = followerOf(answer);
    follower.push(bytesOf(answer.text));
    expect(follower.soFar().complete).toBe(true);
  });

  test('follow gives the same verdict and evidence, however the bytes are cut', () => {
    const bytes = bytesOf(answer.text);
    const whole = judge(answer);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.byteLength), { maxLength: 40 }), (cuts) => {
        expect(judgeInPieces(answer, bytes, cuts)).toEqual(whole);
      }),
    );
    expect(judgeInPieces(answer, bytes, [...bytes.keys()])).toEqual(whole);
  });

  test('follow gives the same verdict and evidence with CRLF, however the bytes are cut', () => {
    const crlf = withLineEnds(answer, '\r\n');
    const bytes = bytesOf(crlf.text);
    const whole = judge(answer);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.byteLength), { maxLength: 40 }), (cuts) => {
        expect(judgeInPieces(crlf, bytes, cuts)).toEqual(whole);
      }),
    );
    expect(judgeInPieces(crlf, bytes, [...bytes.keys()])).toEqual(whole);
  });

  test('follow takes no notice of JSON members it does not know', () => {
    const extra = '"obfuscation":"xYz","unknown":{"nested":[1,"error"]},';
    const padded = { ...answer, text: answer.text.replaceAll(/(^|data: )\{/gm, `$1{${extra}`) };
    expect(padded.text).toContain(extra);
    expect(judge(padded)).toEqual(judge(answer));
  });

  test('follow gives one of its verdicts and never throws, whatever bytes are flipped', () => {
    const bytes = bytesOf(answer.text);
    const flips = fc.array(fc.tuple(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(flips, (flipped) => {
        const damaged = bytes.slice();
        for (const [at, by] of flipped) damaged[at] = (damaged[at] as number) ^ by;
        const follower = followerOf(answer);
        follower.push(damaged.slice(0, 40));
        follower.soFar();
        follower.push(damaged.slice(40));
        follower.soFar();
        const verdict = follower.end(() => damaged);
        if (!verdict.complete) expect(verdict.reason).toMatch(/^(truncated|error|malformed|filtered|pending)$/);
      }),
      { numRuns: 300 },
    );
  });

  test('follow refuses a stream with an error after its finish', () => {
    const error = answer.contentType.startsWith('text/event-stream')
      ? dataEvents({ error: { message: 'x' } })
      : jsonLines({ error: 'x' });
    expect(wordOf({ ...answer, text: answer.text + error })).toBe('error');
  });
});

describe.each(eventStreams)('%s', (_name, answer) => {
  test('follow takes no notice of comments between events and lines', () => {
    const commented = (comment: string) => ({
      ...answer,
      text:
        comment +
        answer.text.replaceAll('\n\n', `\n\n${comment}`).replaceAll('\ndata:', `\n${comment.trimEnd()}\ndata:`),
    });
    expect(judge(commented(': PROCESSING\n\n'))).toEqual(judge(answer));
    expect(judge(commented(':\n'))).toEqual(judge(answer));
    expect(judge(commented(': {"error":"x"}\n'))).toEqual(judge(answer));
  });

  test('follow takes no notice of ids, retry times, blank lines and a byte order mark', () => {
    const text = `\ufeff\n\n${answer.text.replaceAll('data:', 'id: 7\nretry: 3000\ndata:')}\n\n`;
    expect(judge({ ...answer, text })).toEqual(judge(answer));
  });

  test('follow reads data without a space and data over several lines', () => {
    const spread = answer.text.replaceAll('data: {', 'data:{\ndata:').replaceAll('data: [', 'data:[');
    expect(judge({ ...answer, text: spread })).toEqual(judge(answer));
  });

  test.each([
    ['event: error', 'event: error\ndata: {"message":"x"}\n\n'],
    ['event: error without JSON', 'event: error\ndata: oops\n\n'],
    ['a field named error', 'error: {"code":500}\n\n'],
    ['a bare line of JSON', '{"error":{"code":500}}\n\n'],
    ['a bare line of text', 'Internal Server Error\n\n'],
    ['an error that is a text', dataEvents({ error: 'overloaded' })],
    ['object: error', dataEvents({ object: 'error', message: 'x' })],
    ['type: error', dataEvents({ type: 'error', code: 'x' })],
  ])('follow refuses a stream with an error marker, before the finish and after: %s', (_marker, error) => {
    expect(wordOf({ ...answer, text: error + answer.text })).toBe('error');
    expect(wordOf({ ...answer, text: answer.text + error })).toBe('error');
  });

  test('follow takes an error that is null or false for none', () => {
    const text = dataEvents({ error: null }, { error: false }, { error: '' }, { object: 'chunk' }) + answer.text;
    expect(judge({ ...answer, text }).verdict.complete).toBe(true);
  });

  test.each([
    ['an unreadable event', 'data: {"cut\n\n'],
    ['bytes that are no UTF-8', undefined],
  ])('follow refuses a stream with %s as malformed', (_what, event) => {
    const bytes =
      event === undefined ? new Uint8Array([...bytesOf('data: "'), 0xff, ...bytesOf('"\n\n')]) : bytesOf(event);
    const follower = followerOf(answer);
    follower.push(bytes);
    follower.push(bytesOf(answer.text));
    expect(follower.end(() => bytes)).toMatchObject({ complete: false, reason: 'malformed' });
  });

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ])(
    'follow tells that nothing is complete while another event has begun after the terminator, with %s',
    (_name, lineEnd) => {
      const next = `event: error${lineEnd}data: {"type":"error"}${lineEnd}`;
      const complete = cutsOf(next).filter((at) => {
        const follower = followerOf(answer);
        follower.push(bytesOf(withLineEnds(answer, lineEnd).text + next.slice(0, at)));
        return follower.soFar().complete;
      });
      expect(complete.map((at) => next.slice(0, at))).toEqual([]);
    },
  );

  test('follow refuses a stream that goes on after its terminator and ends inside another event', () => {
    const next = 'event: error\ndata: {"type":"error"}\n';
    const accepted = cutsOf(next).filter(
      (at) => judge({ ...answer, text: answer.text + next.slice(0, at) }).verdict.complete,
    );
    expect(accepted.map((at) => next.slice(0, at))).toEqual([]);
  });
});

test('follow refuses a stream that ends in the middle of a character', () => {
  const answer = wholeStreams['openai-chat'] as Answer;
  const bytes = new Uint8Array([...bytesOf(answer.text), ...bytesOf(': '), 0xf0, 0x9f]);
  expect(judgeInPieces(answer, bytes, []).verdict.complete).toBe(false);
});

test('follow ends NDJSON inside a line as truncated', () => {
  const answer = wholeStreams.ollama as Answer;
  expect(wordOf({ ...answer, text: answer.text.slice(0, -30) })).toBe('truncated');
});

test('follow refuses NDJSON with a line that is none as malformed', () => {
  const answer = wholeStreams.ollama as Answer;
  expect(wordOf({ ...answer, text: `oops\n${answer.text}` })).toBe('malformed');
});

test('follow takes no notice of blank lines in NDJSON', () => {
  const answer = wholeStreams.ollama as Answer;
  expect(judge({ ...answer, text: `\n${answer.text.replaceAll('\n', '\n\n')}\n` })).toEqual(judge(answer));
});

test('follow reads long streams in linear time, one byte at a time', () => {
  const answer = wholeStreams['openai-chat'] as Answer;
  const long = dataEvents({ choices: [{ index: 0, delta: { content: 'x'.repeat(200_000) } }] }) + answer.text;
  const bytes = bytesOf(long);
  const follower = followerOf(answer);
  for (let at = 0; at < bytes.byteLength; at++) follower.push(bytes.subarray(at, at + 1));
  expect(follower.end(() => bytes).complete).toBe(true);
});

const json: Answer = {
  format: 'openai-chat',
  url: 'https://api.example/v1/chat/completions',
  contentType: 'application/json',
  text: JSON.stringify({ model: 'm-1', choices: [{ index: 0, message: { content: 'Teal' }, finish_reason: 'stop' }] }),
};

test.each(['application/json', 'Application/JSON; charset=utf-8', 'application/problem+json'])(
  'follow reads a JSON answer by its content type: %s',
  (contentType) => {
    expect(judge({ ...json, contentType }).verdict).toEqual({ complete: true, finish: 'stop' });
  },
);

test('follow proves a JSON answer complete at its end alone', () => {
  const follower = followerOf(json);
  const bytes = bytesOf(json.text);
  follower.push(bytes);
  expect(follower.soFar().complete).toBe(false);
  expect(follower.end(() => bytes).complete).toBe(true);
});

test('follow never proves a JSON answer complete that is cut at any byte', () => {
  for (let at = 0; at < json.text.length; at++)
    expect([at, wordOf({ ...json, text: json.text.slice(0, at) })]).toEqual([at, 'truncated']);
});

test('follow reads JSON with white space before it, as servers send that keep the connection alive', () => {
  expect(wordOf({ ...json, text: `\n\n  ${json.text}\n` })).toBe('complete');
});

test.each(['"text"', '1', 'null', 'true'])('follow refuses JSON that is no answer: %s', (text) => {
  expect(wordOf({ ...json, text })).toBe('malformed');
});

test.each([
  ['{"error":{"message":"x"}}', 'an error object'],
  ['{"error":"x"}', 'an error text'],
  ['{"object":"error","message":"x"}', 'object: error'],
  ['{"type":"error","error":{}}', 'type: error'],
])('follow refuses JSON of status 200 with an error: %s', (text) => {
  for (const format of Object.keys(formats) as FormatName[]) expect(wordOf({ ...json, format, text })).toBe('error');
});

test('follow never throws over JSON, whatever bytes are flipped', () => {
  const bytes = bytesOf(json.text);
  fc.assert(
    fc.property(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ by;
      const follower = followerOf(json);
      follower.push(damaged);
      follower.end(() => damaged);
    }),
    { numRuns: 500 },
  );
});

test('follow never throws, whatever JSON an answer is', () => {
  const members = fc.constantFrom(
    ...['choices', 'candidates', 'usage', 'usageMetadata', 'message', 'delta', 'response', 'type', 'index'],
    ...['finish_reason', 'finishReason', 'stop_reason', 'done', 'done_reason', 'prompt_tokens', 'completion_tokens'],
    ...['input_tokens', 'output_tokens', 'promptTokenCount', 'candidatesTokenCount', 'cache_read_input_tokens'],
    ...['prompt_eval_count', 'eval_count', 'tokens', 'status', 'output', 'content', 'data', 'toString', 'valueOf'],
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom('', 'stop', 'message_start', 'message_delta', 'message-end', 'response.completed', 'x'),
      fc.constantFrom(0, 1, -1, 2.5, true, false, null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(members, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  const words = /^(complete|truncated|error|malformed|filtered|pending|expiring-link)$/;
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(formats) as FormatName[])),
      fc.array(value, { maxLength: 4 }),
      (format, events) => {
        for (const [contentType, text] of [
          [sse, dataEvents(...events.map((event) => JSON.stringify(event)))],
          ['application/x-ndjson', `${events.map((event) => JSON.stringify(event)).join('\n')}\n`],
          ['application/json', JSON.stringify(events[0] ?? {})],
        ] as const) {
          expect(wordOf({ ...json, format, contentType, text })).toMatch(words);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

const audio = { format: 'openai-plain', url: 'https://api.example/v1/audio/speech', text: 'RIFF...' } as const;

test.each([
  'audio/mpeg',
  'audio/wav',
  'image/png',
  'application/octet-stream',
  'text/plain; charset=utf-8',
  'text/vtt',
])('follow proves a file whole by a readable content-length alone: %s', (contentType) => {
  expect(wordOf({ ...audio, contentType, length: '7' })).toBe('complete');
  expect(wordOf({ ...audio, contentType, length: '8' })).toBe('unproven');
  expect(wordOf({ ...audio, contentType, length: '6' })).toBe('unproven');
  expect(wordOf({ ...audio, contentType })).toBe('unproven');
});

test('follow never tells that a file is complete before its end', () => {
  const follower = followerOf({ ...audio, contentType: 'audio/mpeg', length: '7' });
  follower.push(bytesOf(audio.text));
  expect(follower.soFar().complete).toBe(false);
});

test.each(['', 'text/html', 'text/css', 'application/javascript', 'application/octet-streams'])(
  'follow proves nothing by the content type %j',
  (contentType) => {
    for (const format of Object.values(formats))
      expect(follow(format, new URL(json.url), contentType, '7')).toBeUndefined();
  },
);

test('follow proves nothing by plain text, where the format answers with none', () => {
  expect(follow(formats['openai-chat'], new URL(json.url), 'text/plain', '7')).toBeUndefined();
  expect(follow(formats.anthropic, new URL(json.url), 'audio/mpeg', '7')).toBeUndefined();
});
