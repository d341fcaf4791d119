import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Recording } from '../core/cassette/recording.ts';
import { chatQuestion, chatUrl, har, harEntry } from '../core/cassette/sample-har.ts';
import { answerSaying, recordingOf } from '../core/cassette/sample-recordings.ts';
import { writeCassette } from '../core/cassette/write-cassette.ts';
import { cassette } from './cassette.ts';
import { CommandError } from './command.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refrain-cassette-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function file(name: string, content: string | readonly Recording[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : writeCassette(content));
  return path;
}

/** Runs a command: its exit code, or the sentence it ends with, and what it prints; the folder's path left out. */
async function run(...args: string[]): Promise<{ code: number | string; out: string; told: string }> {
  const lines: Record<'out' | 'told', string[]> = { out: [], told: [] };
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void lines.out.push(line));
  const error = vi.spyOn(console, 'error').mockImplementation((line) => void lines.told.push(line));
  const clean = (text: string) => text.replaceAll(`${folder}/`, '');
  const code = await cassette.run(args).catch((failure: Error) => {
    if (!(failure instanceof CommandError)) throw failure;
    return clean(failure.message);
  });
  log.mockRestore();
  error.mockRestore();
  return { code, out: clean(lines.out.join('\n')), told: clean(lines.told.join('\n')) };
}

const hour = 3_600_000;
const a = recordingOf('a', { tag: 'greeting' });
const b = recordingOf('b', {
  model: 'other',
  answers: [answerSaying('Blue', 5 * hour), answerSaying('Green', 6 * hour)],
});
const damaged = writeCassette([a, b]).replace(`key: ${'a'.repeat(64)}`, 'key: lost');
const fault = 'line 4, in POST https://api.example/v1/chat/completions: a key of 64 hexadecimal digits is needed';

test('ls lists what is recorded, as a table and as JSON', async () => {
  const path = await file('a.refrain', [a, b]);
  const { out, code } = await run('ls', path);
  expect(code).toBe(0);
  expect(out).toContain('a.refrain: 2 questions, 3 answers\n');
  expect(out).toMatch(/aaaaaaaa +api\.example\/v1\/chat\/completions +m-1 +1 +\d+ B +2025-11-22 16:00 +greeting/);
  expect(out).toMatch(/bbbbbbbb +api\.example\/v1\/chat\/completions +other +2 +\d+ B +1970-01-01 06:00$/m);
  const rows = JSON.parse((await run('ls', '--json', path)).out);
  expect(rows).toMatchObject([
    { model: 'm-1', answers: 1, tag: 'greeting' },
    { model: 'other', answers: 2 },
  ]);
});

test('show prints requests and the text of streams, of all or of what has the part', async () => {
  const path = await file('a.refrain', [a, b]);
  const { out } = await run('show', path, 'bbbb');
  expect(out).toContain('"content": "Question b"');
  expect(out).toContain('answered (1 of 2): 1970-01-01 05:00 UTC, in 1.8 s, by m-1, 5 tokens in, 2 out\n    Blue');
  expect(out).not.toContain('Question a');
  expect((await run('show', path, 'TEAL')).out).toContain('Question a');
  expect((await run('show', path, 'yellow')).code).toMatch(/^Cannot show "yellow": nothing in a\.refrain has it/);
});

test('show prints a tool call as JSON, a stream of an unknown kind as it came, and counts what is no text', async () => {
  const json = {
    choices: [{ message: { content: null, tool_calls: [{ id: 'call-1' }] }, finish_reason: 'tool_calls' }],
  };
  const answer = (type: string, body: string | Uint8Array<ArrayBuffer>) => ({
    ...answerSaying(''),
    headers: [['content-type', type]] as [string, string][],
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  });
  const path = await file('a.refrain', [
    recordingOf('a', { answers: [answer('application/json', JSON.stringify(json))] }),
    recordingOf('b', { format: 'generic', answers: [answer('text/event-stream', ': hello\ndata: {"other":1}\n\n')] }),
    recordingOf('c', { format: 'openai-plain', answers: [answer('audio/mpeg', new Uint8Array([255, 251]))] }),
  ]);
  const { out } = await run('show', path);
  expect(out).toContain('"id": "call-1"');
  expect(out).toContain('    : hello');
  expect(out).toContain('    (2 B of audio/mpeg)');
});

test('diff tells what only one has, with the closest in the other, and how answers differ', async () => {
  const first = await file('1.refrain', [a, b]);
  const second = await file('2.refrain', [
    recordingOf('c'),
    recordingOf('b', { model: 'other', answers: [answerSaying('Blue', 5 * hour), answerSaying('Red', 6 * hour)] }),
  ]);
  const { code, out } = await run('diff', first, second);
  expect(code).toBe(1);
  expect(out).toContain('only in 1.refrain: aaaaaaaa api.example/v1/chat/completions (m-1)\n  closest in 2.refrain: ');
  expect(out).toContain('    /messages/0/content: "Question a" here, "Question c" there');
  expect(out).toContain('only in 2.refrain: cccccccc');
  expect(out).toContain(
    'differs: bbbbbbbb api.example/v1/chat/completions (other)\n  answer 2\n    - Green\n    + Red',
  );
  expect(out).not.toContain('Blue');
  expect(await run('diff', first, first)).toMatchObject({
    code: 0,
    out: expect.stringContaining('the same questions'),
  });
});

test('prune takes out what all its options fit, and tells it; --dry-run changes nothing', async () => {
  const path = await file('a.refrain', [a, b]);
  const before = await readFile(path, 'utf8');
  expect((await run('prune', path, '--older-than', '1d', '--model', 'other', '--dry-run')).out).toBe(
    'would go: bbbbbbbb api.example/v1/chat/completions (other)\na.refrain: 1 question would stay of 2',
  );
  expect((await run('prune', path, '--model', 'other', '--tag', 'greeting')).out).toBe(
    'a.refrain: 2 questions left of 2',
  );
  expect(await readFile(path, 'utf8')).toBe(before);
  await run('prune', path, '--older-than', '1d', '--url', 'chat/completions', '--model', 'other');
  expect(await readFile(path, 'utf8')).toBe(writeCassette([a]));
  expect(await readdir(folder)).toEqual(['a.refrain']);
});

test('prune --keys keeps the keys of a file, and takes no other file for one', async () => {
  const path = await file('a.refrain', [a, b]);
  const keys = await file('used.keys', `${'b'.repeat(64)}\n`);
  expect((await run('prune', path, '--keys', path)).code).toMatch(
    /^Cannot read keys from a\.refrain: line 1 is "refrain/,
  );
  await run('prune', path, '--keys', keys);
  expect(await readFile(path, 'utf8')).toBe(writeCassette([b]));
});

test('merge puts cassettes together, also into one of them', async () => {
  const first = await file('1.refrain', [a]);
  const second = await file('2.refrain', [b]);
  expect(await run('merge', first, second, '-o', first)).toEqual({ code: 0, out: '1.refrain: 2 questions', told: '' });
  expect(await readFile(first, 'utf8')).toBe(writeCassette([a, b]));
});

test('check tells every fault with its line, answers that are not whole, and what may be a credential', async () => {
  const cut = writeCassette([a]).replace('  |data: [DONE]\n  |\n', '');
  const leaking = recordingOf('c', { url: 'https://api.example/v1/chat/completions?key=1' });
  const paths = [await file('1', damaged), await file('2', cut), await file('3', [leaking]), await file('4', [b])];
  const { code, out } = await run('check', ...paths);
  expect(code).toBe(1);
  expect(out).toContain(`1: ${fault}\n`);
  expect(out).toMatch(/^2: line \d+, in .*: the answer is not whole \(truncated\)$/m);
  expect(out).toMatch(/^3: line \d+, in .*: the URL may hold a credential, https:\S+completions is needed$/m);
  expect(out).toContain('4: 1 question, all sound');
  expect((await run('check', paths[3] as string)).code).toBe(0);
});

test('Damaged input is a sentence each fault and nothing written; --partial takes what is sound', async () => {
  const path = await file('1.refrain', damaged);
  const whole = await file('2.refrain', []);
  const out = join(folder, 'out.refrain');
  const refused = `Cannot read 1.refrain: ${fault}\nWith --partial what is sound is taken`;
  for (const args of [
    ['ls', path],
    ['show', path],
    ['diff', path, whole],
    ['prune', path, '--model', 'x'],
    ['merge', path, whole, '-o', out],
  ])
    expect(await run(...args)).toEqual({ code: refused, out: '', told: '' });
  expect(await readdir(folder)).toEqual(['1.refrain', '2.refrain']);
  expect(await run('merge', '--partial', path, whole, '-o', out)).toEqual({
    code: 0,
    out: 'out.refrain: 1 question',
    told: `Cannot read 1.refrain: ${fault}`,
  });
  expect(await readFile(out, 'utf8')).toBe(writeCassette([b]));
});

test('A file in another encoding is refused, and not written with other characters', async () => {
  const text = writeCassette([a]).replace('Teal', 'T\xe9al');
  const refused = 'it has bytes that are no UTF-8, a file in UTF-8 is needed';
  for (const encoding of ['latin1', 'utf16le'] as const) {
    const path = join(folder, `${encoding}.refrain`);
    await writeFile(path, `\ufeff${text}`, encoding);
    expect((await run('prune', path, '--model', 'x', '--partial')).code).toBe(
      `Cannot read ${encoding}.refrain: ${refused}`,
    );
    expect(await readFile(path, encoding)).toContain('T\xe9al');
  }
});

test('import adds the whole answers of a HAR file to a cassette, and tells what it leaves out', async () => {
  const path = await file(
    'page.har',
    har(harEntry(), harEntry({ status: 429 }), harEntry({ url: 'https://a.example/' })),
  );
  const out = await file('out.refrain', [b]);
  expect(await run('import', path, '-o', out)).toEqual({
    code: 0,
    out: 'out.refrain: 1 question from 1 of 2 calls in page.har',
    told: `Left out entry 2, ${chatUrl}: its status is 429`,
  });
  expect((await run('ls', out)).out).toContain('2 questions, 3 answers');
  expect((await run('check', out)).code).toBe(0);
});

test("import takes an app's own endpoints where they are named, whose ignored members count for nothing", async () => {
  const entry = (id: number) =>
    harEntry({
      url: 'https://app.example/api/ask',
      asked: { question: 'Hi', id },
      content: { text: 'data: {"type":"text-delta","delta":"Teal"}\n\ndata: {"type":"finish"}\n\n' },
    });
  const path = await file('page.har', har(entry(1), entry(2)));
  const out = join(folder, 'out.refrain');
  expect((await run('import', path, '-o', out)).code).toMatch(
    /^Cannot import page\.har: none of its 0 LLM calls can be kept/,
  );
  const named = ['--endpoints', '/api/*', '--ignore', '/id'];
  expect((await run('import', path, '-o', out, ...named)).out).toBe(
    'out.refrain: 1 question from 2 of 2 calls in page.har',
  );
  expect((await run('import', path, '-o', out, '--endpoints', 'https://{')).code).toMatch(/it is no URLPattern/);
});

const fixtures = JSON.stringify({
  fixtures: [
    { match: { userMessage: 'Hi', sequenceIndex: 0 }, response: { content: 'Hello!' } },
    { match: { userMessage: 'Hi', sequenceIndex: 1 }, response: { content: 'Hello again!' } },
  ],
});

test('import records what aimock itself answers to the requests of a HAR file, whatever was answered then', async () => {
  const asked = (content: string, second: number) =>
    harEntry({
      asked: { ...chatQuestion, messages: [{ role: 'user', content }] },
      startedDateTime: new Date(Date.UTC(2025, 0, 1, 0, 0, second)).toISOString(),
      content: {},
    });
  const requests = await file('page.har', har(asked('Hi', 0), asked('Hi', 10), asked('Something else', 20)));
  const path = await file('fixtures.json', fixtures);
  const out = join(folder, 'out.refrain');
  const { code, told } = await run('import', path, '--requests', requests, '-o', out);
  expect(code).toBe(0);
  expect(told).toMatch(/^Left out entry 3, .*: aimock answers \d+, a fixture that matches it is needed$/);
  const { out: shown } = await run('show', out);
  expect(shown).toContain('Hello!');
  expect(shown).toContain('Hello again!');
  const again = join(folder, 'again.refrain');
  expect((await run('import', path, '--requests', out, '-o', again)).out).toMatch(/1 question from 2 of 2 calls/);
  const keys = async (file: string) =>
    JSON.parse((await run('ls', '--json', file)).out).map(({ key }: Recording) => key);
  expect(await keys(again)).toEqual(await keys(out));
});

test('What was typed wrong is told in a sentence', async () => {
  const path = await file('a.json', fixtures);
  const sentences: [string[], RegExp][] = [
    [
      ['lss'],
      /^Cannot run "refrain cassette lss": there is no such command, one of ls, show, diff, .*check is needed$/,
    ],
    [['ls'], /^Cannot list a cassette: no file is named/],
    [['ls', join(folder, 'none')], /^Cannot read none: there is no such file, a file is needed$/],
    [['ls', folder], /it is a folder, a file is needed$/],
    [['ls', path], /^Cannot read a\.json: line 1, in the file: it begins with "\{"fixtures/],
    [['show'], /no file is named/],
    [['diff', path], /^Cannot compare 1 file: two are needed$/],
    [['prune', path], /nothing says what is to go/],
    [['prune', path, '--older-than', 'long'], /^Cannot read --older-than "long"/],
    [['merge', path, '-o', 'x'], /^Cannot merge 1 file: two or more are needed$/],
    [['merge', path, path], /-o with a file is needed$/],
    [['import', path], /-o with a file is needed$/],
    [['import', path, '-o', 'x'], /aimock fixtures do not say what was asked/],
    [['import', path, '--requests', path, '-o', 'x'], /^Cannot read requests from a\.json: it has no "log\.entries"/],
  ];
  for (const [args, sentence] of sentences) expect((await run(...args)).code).toMatch(sentence);
  expect((await run()).out).toContain('npx refrain cassette import');
});
