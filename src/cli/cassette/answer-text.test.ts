import { expect, test } from 'vitest';
import { answerSaying } from '../../core/cassette/sample-recordings.ts';
import { bytesOf, wholeStreams } from '../../core/formats/sample-answers.ts';
import { answerText } from './answer-text.ts';

function textOf(format: string, contentType: string, body: string | Uint8Array<ArrayBuffer>): string {
  const bytes = typeof body === 'string' ? bytesOf(body) : body;
  return answerText({ format }, { ...answerSaying(''), headers: [['content-type', contentType]], body: bytes });
}

test.each([
  ['openai-chat', 'Té😀'],
  ['openai-chat, two choices', 'ab'],
  ['openai-responses', 'Teal'],
  ['anthropic', 'Té'],
  ['gemini', 'Teal'],
  ['ollama', 'Teál'],
  ['cohere', 'Teal'],
  ['lm-studio', 'Té'],
  ['ui-message', 'Té😀'],
  ["an app's own endpoint", 'Teal'],
])('The stream of %s reads %s', (name, text) => {
  const stream = wholeStreams[name];
  expect(textOf(stream?.format ?? '', stream?.contentType ?? '', stream?.text ?? '')).toBe(text);
});

test.each([
  ['openai-chat', { choices: [{ message: { content: 'Teal' } }] }],
  ['openai-responses', { output: [{ content: [{ type: 'output_text', text: 'Teal' }] }] }],
  ['anthropic', { content: [{ type: 'text', text: 'Teal' }] }],
  ['gemini', { candidates: [{ content: { parts: [{ text: 'Teal' }] } }] }],
  ['ollama', { message: { content: 'Teal' } }],
  ['ollama', { response: 'Teal' }],
  ['cohere', { message: { content: [{ text: 'Teal' }] } }],
  ['openai-plain', { text: 'Teal' }],
])('The JSON of %s reads as what was written', (format, json) => {
  expect(textOf(format, 'application/json', JSON.stringify(json))).toBe('Teal');
});

test('Where a tool is called all of the answer is shown', () => {
  const call = { choices: [{ message: { content: 'Let me see', tool_calls: [{ id: 'call-1' }] } }] };
  expect(JSON.parse(textOf('openai-chat', 'application/json', JSON.stringify(call)))).toEqual(call);
});

test('What is no text is counted, and any other text shown as it came', () => {
  expect(textOf('openai-plain', 'audio/mpeg', new Uint8Array([255, 251]))).toBe('(2 B of audio/mpeg)');
  expect(textOf('openai-plain', 'text/vtt', 'WEBVTT\n')).toBe('WEBVTT');
  expect(textOf('generic', 'application/json', '{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
});
