import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readCassette } from '../../core/cassette/read-cassette.ts';
import { answerSaying, recordingOf } from '../../core/cassette/sample-recordings.ts';
import { writeCassette } from '../../core/cassette/write-cassette.ts';
import { cassette } from '../cassette.ts';

const document = await readFile(new URL('../../../docs/cassette.md', import.meta.url), 'utf8');

test('docs/cassette.md names every field a cassette has, and no other', () => {
  const { request } = recordingOf('a');
  const { body: _body, ...withheld } = {
    ...request,
    url: 'https://b.example/',
    shape: 'json',
    headers: [],
    withheld: 'long',
  };
  const written = writeCassette([
    recordingOf('a', { modelVersion: '2', tag: 'greeting', answers: [{ ...answerSaying(''), servedBy: 'm-1' }] }),
    recordingOf('b', { url: withheld.url, request: withheld }),
  ]);
  const fields = new Set([...written.matchAll(/^ {2}([a-z-]+):/gm)].map(([, name]) => name));
  const [, form = ''] = /## Form\n([\s\S]*?)\n### Sequences/.exec(document) ?? [];
  expect(new Set([...form.matchAll(/^\| `([a-z-]+)` /gm)].map(([, name]) => name))).toEqual(fields);
});

test('The example in docs/cassette.md is a cassette', () => {
  const [, example = ''] = /## Example\n\n([\s\S]*?)\n## /.exec(document) ?? [];
  const text = example.replace(/^ {4}/gm, '').replace(/3f2a90c1….*/, 'a'.repeat(64));
  const { recordings, faults } = readCassette(text);
  expect(faults).toEqual([]);
  expect(writeCassette(recordings)).toBe(`${text.trimEnd()}\n`);
});

test('docs/cassette.md shows every command of the terminal', () => {
  const [, commands = ''] = /<(.+)>/.exec(cassette.usage) ?? [];
  for (const name of commands.split('|')) expect(document).toContain(`npx refrain cassette ${name} `);
});
