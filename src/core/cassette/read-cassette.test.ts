import { expect, test } from 'vitest';
import { readCassette } from './read-cassette.ts';
import { sampleAnswer, sampleRecording } from './sample-recordings.ts';
import { notWhole } from './whole.ts';
import { writeCassette } from './write-cassette.ts';

const sound = sampleRecording('b', { url: 'https://z.example/v1/chat/completions' });
const text = writeCassette([sampleRecording('a'), sound]);
const head = 'POST https://api.example/v1/chat/completions';

/** The same text with one line changed, or several in its place. */
function changed(line: string | RegExp, ...by: string[]): string {
  const lines = text.split('\n');
  const at = lines.findIndex((one) => (typeof line === 'string' ? one === line : line.test(one)));
  return lines.toSpliced(at, 1, ...by).join('\n');
}

test.each<[what: string, damaged: string, line: number, message: string]>([
  ['a key that is none', changed(/^ {2}key: a/, '  key: 12'), 4, 'a key of 64 hexadecimal digits is needed'],
  ['no key', changed(/^ {2}key: a/), 3, 'a key of 64 hexadecimal digits is needed'],
  ['no format', changed('  format: openai-chat'), 4, '"format: …" is needed'],
  ['no answer', changed(/^ {2}answer/), 3, 'it has no answer, a line "answer: 200" is needed'],
  ['another status', changed(/^ {2}answer/, '  answer: 500'), 7, 'the status is "500", 200 is needed'],
  ['no body', changed('  body: text'), 7, 'the answer has no body, "body: text" or "body: base64" is needed'],
  [
    'a body of another kind',
    changed('  body: text', '  body: gzip'),
    11,
    'the body is "gzip", "text" or "base64" is needed',
  ],
  ['bad Base64', changed('  body: text', '  body: base64'), 11, 'the body is no Base64'],
  [
    'no time',
    changed(/^ {2}stored/, '  stored: yesterday'),
    8,
    '"stored" is "yesterday", a number or a time is needed',
  ],
  ['tokens that are no JSON', changed(/^ {2}elapsed/, '  elapsed: 1', '  tokens: {'), 10, '"tokens" is no JSON'],
  [
    'quoted text that does not end',
    changed('  model: m', '  model: "m'),
    6,
    'the quoted text does not end, JSON is needed',
  ],
  [
    'a line of nothing',
    changed('  model: m', '  something'),
    6,
    '"something" is no field, "name: value" or a line after "|" is needed',
  ],
])('A block with %s is named with its line and left out, the others are read', (_, damaged, line, message) => {
  const { recordings, faults } = readCassette(damaged);
  expect(faults).toEqual([{ line, block: head, message }]);
  expect(recordings).toEqual([sound]);
});

test('Marks that a merge left are faults with their lines', () => {
  const { faults } = readCassette(
    changed('  model: m', '<<<<<<< ours', '  model: m', '=======', '  model: n', '>>>>>>> theirs'),
  );
  expect(faults.map(({ line, block }) => [line, block])).toContainEqual([6, '<<<<<<< ours']);
  expect(faults.map(({ block }) => block)).toEqual(expect.arrayContaining([head, '=======', '>>>>>>> theirs']));
});

test('Of two blocks with one key the second is a fault', () => {
  const { recordings, faults } = readCassette(`${text}\n${text.slice(text.indexOf('POST'))}`);
  expect(recordings).toHaveLength(2);
  expect(faults.map(({ message }) => message)).toEqual(
    Array(2).fill('a block with this key stands above, one of them is needed'),
  );
});

test.each([
  ['', 'it begins with "", "refrain cassette 1" is needed'],
  ['{"log":{"version":"1.2"}}', 'it begins with "{"log":{"version":"1.2"}}", "refrain cassette 1" is needed'],
  ['refrain cassette 2\n', 'it is of version 2, "refrain cassette 1" is needed'],
])('What is no cassette of this version is one fault: %j', (foreign, message) => {
  expect(readCassette(foreign)).toEqual({ recordings: [], faults: [{ line: 1, block: 'the file', message }] });
});

test('Line ends that version control changed, a byte order mark, comments and empty lines change nothing', () => {
  const { recordings } = readCassette(text);
  expect(readCassette(text.replaceAll('\n', '\r\n')).recordings).toEqual(recordings);
  expect(readCassette(`\ufeff${text}`).recordings).toEqual(recordings);
  expect(readCassette(changed('  model: m', '', '# what the team agreed on', '  model: m')).recordings).toEqual(
    recordings,
  );
});

test('An answer that cannot be proven whole is a fault at its own line, where that is asked for', () => {
  const cut = sampleRecording('c', { answers: [sampleAnswer('data: {"id":"1","choices":[]}\n\n')] });
  const { recordings, faults } = readCassette(writeCassette([cut]), notWhole);
  expect(recordings).toEqual([]);
  expect(faults).toMatchObject([{ line: 7, message: expect.stringContaining('the answer is not whole') }]);
});
