import { expect, test } from 'vitest';
import { faultText, readCassette } from './read-cassette.ts';
import { answerSaying, recordingOf } from './sample-recordings.ts';
import { notWhole } from './whole.ts';
import { writeCassette } from './write-cassette.ts';

const binary = { ...answerSaying(''), body: new Uint8Array([0, 1, 2, 3]) };
const sound = writeCassette([recordingOf('a'), recordingOf('b'), recordingOf('c', { answers: [binary] })]);
const head = 'POST https://api.example/v1/chat/completions';

/** Faults of the sound cassette after one change, and the keys of what is left. */
function after(from: string | RegExp, to: string): { faults: string[]; keys: string } {
  const text = sound.replace(from, () => to);
  expect(text).not.toBe(sound);
  const { faults, recordings } = readCassette(text);
  return { faults: faults.map(faultText), keys: recordings.map(({ key }) => key[0]).join('') };
}

test('A sound cassette has no faults', () => {
  expect(readCassette(sound).faults).toEqual([]);
  expect(readCassette(sound).recordings).toHaveLength(3);
});

const a = `  key: ${'a'.repeat(64)}`;

test.each([
  ['a bad key', a, '  key: A1', 'line 4', 'a key of 64 hexadecimal digits is needed'],
  ['no key', `${a}\n`, '', 'line 3', 'a key of 64 hexadecimal digits is needed'],
  ['no format', '  format: openai-chat\n', '', 'line 4', '"format: …" is needed'],
  [
    'an unknown field',
    '  model: m-1',
    '  modle: m-1',
    'line 6',
    '"modle: m-1" is no field, one that docs/cassette.md names is needed',
  ],
  [
    'a stray line of a body',
    '  request:\n',
    '',
    'line 9',
    '"|{" is no field, "request:" or "body: …" above it is needed',
  ],
  [
    'a status that is none',
    'answer: 200 OK',
    'answer: 429 Too Many Requests',
    'line 19',
    'the status is "429 Too Many Requests", 200 is needed',
  ],
  ['no time', /^ {2}stored: .*$/m, '  stored: lately', 'line 20', '"stored" is "lately", a number or a time is needed'],
  [
    'tokens that are no JSON',
    /^ {2}tokens: .*$/m,
    '  tokens: {',
    'line 23',
    '"tokens" is "{", JSON such as {"input":5,"output":2} is needed',
  ],
  [
    'tokens of another form',
    /^ {2}tokens: .*$/m,
    '  tokens: {"input":"5","output":2}',
    'line 23',
    '"tokens" is "{"input":"5","output":2}", JSON such as {"input":5,"output":2} is needed',
  ],
  [
    'arrivals of another form',
    /^ {2}arrivals: .*$/m,
    '  arrivals: [1,2]',
    'line 25',
    '"arrivals" is "[1,2]", JSON such as [[12,300]], milliseconds and bytes, is needed',
  ],
  [
    'a header without a name',
    /^ {2}header: .*$/m,
    '  header: text/html',
    'line 24',
    '"text/html" is no header, "header: name: value" is needed',
  ],
  [
    'a header no platform takes',
    /^ {2}header: .*$/m,
    '  header: content type: text/html',
    'line 24',
    '"content type: text/html" is no header, "header: name: value" is needed',
  ],
  ['a quote without end', '  model: m-1', '  model: "m-1', 'line 6', 'the quoted text does not end, JSON is needed'],
  [
    'an unknown kind of body',
    '  body: text\n',
    '  body: gzip\n',
    'line 26',
    'the body is "gzip", "text", "text crlf", "… open" or "base64" is needed',
  ],
  [
    'a mark of a body that is none',
    '  body: text\n',
    '  body: text opne\n',
    'line 26',
    'the body is "text opne", "text", "text crlf", "… open" or "base64" is needed',
  ],
  [
    'a status that only begins as 200',
    'answer: 200 OK',
    'answer: 200-OK',
    'line 19',
    'the status is "200-OK", 200 is needed',
  ],
  ['an empty number', /^ {2}elapsed: .*$/m, '  elapsed:', 'line 21', '"elapsed" is "", a number or a time is needed'],
  ['a second key', a, `${a}\n${a}`, 'line 5', '"key" stands above already, one of them is needed'],
  [
    'a second request',
    '  request:\n',
    '  request:\n  |{}\n  request:\n',
    'line 11',
    '"request" stands above already, one of them is needed',
  ],
  [
    'a second body, as where "answer" was lost',
    /^ {2}answer: 200 OK\n[\s\S]*?(?=\n\nPOST)/m,
    '  answer: 200\n  stored: 2025-11-22T16:00:00.000Z\n  elapsed: 1\n  body: text\n  |a\n  body: text\n  |b',
    'line 24',
    '"body" stands above already, one of them is needed',
  ],
  [
    "a question's field in an answer",
    '  answer: 200 OK\n',
    '  answer: 200 OK\n  tag: a\n',
    'line 20',
    '"tag" stands below "answer: …", a place above it is needed',
  ],
  [
    "an answer's field in a question",
    '  model: m-1\n',
    '  model: m-1\n  elapsed: 1\n',
    'line 7',
    '"elapsed" stands above "answer: …", a place below it is needed',
  ],
  [
    'a truncated header',
    'POST https://api.example/v1/chat/completions\n',
    'POST htt\n',
    'line 3',
    'a method and a URL are needed',
  ],
] as const)('%s is told with block and line, and the other blocks are sound', (_what, from, to, line, message) => {
  const { faults, keys } = after(from, to);
  const block = to.startsWith('POST') ? 'POST htt' : head;
  expect(faults).toEqual([`${line}, in ${block}: ${message}`]);
  expect(keys).toBe('bc');
});

test('A block without an answer, and an answer without a body, are told', () => {
  expect(after(/ {2}answer:[\s\S]*?(?=\n\nPOST)/, '').faults).toEqual([
    `line 3, in ${head}: it has no answer, a line "answer: 200" is needed`,
  ]);
  expect(after(/ {2}body: text\n( {2}\|.*\n)+/, '').faults).toEqual([
    `line 19, in ${head}: the answer has no body, "body: text" or "body: base64" is needed`,
  ]);
});

test('Damaged and cut Base64 are told', () => {
  expect(after('|AAECAw==', '|AAE?').faults[0]).toMatch(/^line \d+, in POST .*: the body is no Base64$/);
  expect(after('|AAECAw==', '|AAEC').faults[0]).toMatch(/: the body has 3 bytes, 4 are needed$/);
});

test('The second of two blocks with one key is told, and the first stays', () => {
  const { faults, keys } = after(`key: ${'b'.repeat(64)}`, `key: ${'a'.repeat(64)}`);
  expect(faults).toEqual([
    expect.stringMatching(/^line 38, in .*: a block with this key stands above, one of them is needed$/),
  ]);
  expect(keys).toBe('ac');
});

test('Markers of a merge conflict spoil the block they stand in', () => {
  const inside = after('  model: m-1\n', '<<<<<<< HEAD\n  model: m-1\n=======\n  model: m-2\n>>>>>>> other\n');
  expect(inside.faults).toEqual([
    `line 6, in ${head}: "<<<<<<< HEAD" marks a merge conflict, one of its sides is needed`,
  ]);
  expect(inside.keys).toBe('bc');
  const between = after('refrain cassette 1\n', 'refrain cassette 1\n<<<<<<< HEAD\n');
  expect(between.faults).toEqual([
    'line 2, in the file: "<<<<<<< HEAD" marks a merge conflict, one of its sides is needed',
  ]);
});

test.each([
  ['', 'it begins with "", "refrain cassette 1" is needed'],
  ['{"log":{}}', 'it begins with "{"log":{}}", "refrain cassette 1" is needed'],
  ['<!doctype html>\n<p>404</p>', 'it begins with "<!doctype html>", "refrain cassette 1" is needed'],
  ['refrain cassette 2\n', 'it is of version 2, "refrain cassette 1" is needed'],
  ['<<<<<<< HEAD\nrefrain cassette 1\n', 'it begins with "<<<<<<< HEAD", "refrain cassette 1" is needed'],
])('A foreign file (%j) is one fault and no recordings', (text, message) => {
  expect(readCassette(text)).toEqual({ recordings: [], faults: [{ line: 1, block: 'the file', message }] });
});

test('A file cut anywhere never gives an answer that is proven whole and is another', () => {
  const whole = new Map(readCassette(sound).recordings.map((one) => [one.key, one]));
  const lines = sound.split('\n');
  for (let length = 1; length < lines.length; length++) {
    const { recordings } = readCassette(lines.slice(0, length).join('\n'), notWhole);
    for (const one of recordings) expect(one.answers).toEqual(whole.get(one.key)?.answers);
  }
});

test('An answer that is not whole is told at its own line, and its block left out', () => {
  const { faults, recordings } = readCassette(sound.replace('  |data: [DONE]\n  |\n', ''), notWhole);
  expect(faults.map(faultText)).toEqual([
    `line 19, in ${head}: the answer is not whole (truncated)`,
    expect.stringContaining('the answer is not whole'),
  ]);
  expect(recordings.map(({ key }) => key[0])).toEqual(['b']);
});

test('Comments, empty lines and a byte order mark are none of its faults', () => {
  const text = `\ufeff${sound.replaceAll('\nPOST', '\n# recorded on a Monday\n\nPOST')}\n\n`;
  expect(readCassette(text)).toEqual(readCassette(sound));
});
