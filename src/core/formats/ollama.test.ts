import { expect, test } from 'vitest';
import { ollama } from './ollama.ts';
import { type Answer, jsonLines, judge, wholeStreams, wordOf } from './sample-answers.ts';

const url = 'http://localhost:11434/api/chat';
const line = { model: 'm', message: { content: 'Te' }, done: false };
const done = (done_reason?: string) => ({ model: 'm', message: { content: '' }, done: true, done_reason });

function stream(...lines: object[]): Answer {
  return { format: 'ollama', url, contentType: 'application/x-ndjson', text: jsonLines(...lines) };
}

function answer(body: object): Answer {
  return { format: 'ollama', url, contentType: 'application/json; charset=utf-8', text: JSON.stringify(body) };
}

test.each<[string, string, Answer]>([
  ['complete', 'a line that is done', stream(line, done('stop'))],
  ['complete', 'a line that is done, of an older server', stream(line, done())],
  ['complete', 'ended by its length', stream(line, done('length'))],
  ['truncated', 'no line that is done', stream(line, line)],
  ['truncated', 'no line at all', stream()],
  ['error', 'an error in the middle', stream(line, { error: 'model runner has stopped' })],
  ['error', 'an error after the end', stream(line, done('stop'), { error: 'x' })],
  ['pending', 'a model that was loaded', stream(done('load'))],
  ['pending', 'a model that was unloaded', stream(done('unload'))],
  ['malformed', 'a line that is none', { ...stream(), text: `{"done":\n${jsonLines(done('stop'))}` }],
])('ollama finds a stream %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test.each<[string, string, Answer]>([
  ['complete', 'done', answer(done('stop'))],
  ['complete', 'embeddings', answer({ model: 'm', embeddings: [[0.1]], prompt_eval_count: 5 })],
  ['complete', 'one embedding', answer({ embedding: [0.1] })],
  ['malformed', 'not done', answer(line)],
  ['malformed', 'empty', answer({})],
  ['error', 'an error', answer({ error: 'model not found' })],
  ['pending', 'a model that was loaded', answer(done('load'))],
  ['truncated', 'cut', { ...answer({}), text: '{"done":true' }],
])('ollama finds a JSON answer %s: %s', (word, _what, given) => {
  expect(wordOf(given)).toBe(word);
});

test('ollama reads the model, the finish and the tokens', () => {
  const { verdict, evidence } = judge(wholeStreams.ollama as Answer);
  expect(verdict).toEqual({ complete: true, finish: 'stop' });
  expect(evidence).toMatchObject({ model: 'm-1', tokens: { input: 5, output: 2 } });
});

test('ollama counts a prompt that was cached by the server as zero', () => {
  expect(judge(stream(line, { ...done('stop'), eval_count: 2 })).evidence.tokens).toEqual({ input: 0, output: 2 });
});

const messages = [{ role: 'user', content: 'Hi' }];

test.each<[string, object, object]>([
  ['/api/chat', { model: 'm', messages }, { model: 'm', stream: true }],
  ['/api/chat', { model: 'm', messages, stream: false }, { model: 'm', stream: false }],
  ['/api/chat/', { model: 'm', messages, stream: true }, { model: 'm', stream: true }],
  ['/api/generate', { model: 'm', prompt: 'Hi' }, { model: 'm', stream: true }],
  ['/api/embed', { model: 'm', input: 'Hi' }, { model: 'm', stream: false }],
  ['/api/embeddings', { model: 'm', prompt: 'Hi' }, { model: 'm', stream: false }],
  ['/api/chat', { model: 'm', messages: [] }, { model: 'm', stream: true, depends: 'stateful' }],
  ['/api/generate', { model: 'm', prompt: '' }, { model: 'm', stream: true, depends: 'stateful' }],
])('ollama reads %s with %j as asking %j', (path, body, ask) => {
  expect(ollama.describe(new URL(path, url), body as never)).toEqual(ask);
});

test.each<[object]>([
  [{}],
  [{ messages }],
  [{ model: 'm' }],
  [{ model: 1, messages }],
  [{ model: 'm', messages: 'Hi' }],
])('ollama does not understand %j', (body) => {
  expect(ollama.describe(new URL(url), body as never)).toBeUndefined();
});
