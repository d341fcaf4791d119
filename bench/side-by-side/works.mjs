// What is asked and what is answered: OpenAI chat completions, short and long, as JSON and streamed.

import { createHash } from 'node:crypto';

const MODEL = 'gpt-4o-mini';
const WORDS =
  'You are the narrator of a story that goes on for as long as it is listened to in short plain sentences'.split(' ');
const JSON_TYPE = 'application/json';
const STREAM_TYPE = 'text/event-stream; charset=utf-8';

export const headers = { 'content-type': JSON_TYPE, authorization: 'Bearer sk-bench' };

/** Bytes of a request's body. */
export const requests = { '2kB': 2_000, '20kB': 20_000, '1MB': 1_000_000 };

/** The answers, by the first part of the path they are asked for at. `paced` takes two seconds, the others none. */
export const answers = {
  '4kB': answer('4 kB JSON', JSON_TYPE, completion(prose(3_500))),
  '120kB': answer('120 kB stream', STREAM_TYPE, stream(120_000)),
  '2MB': answer('2 MB JSON', JSON_TYPE, completion(`![](data:image/png;base64,${noise(2_000_000)})`)),
  paced: answer('2 s of stream', STREAM_TYPE, stream(Infinity, 96)),
};

/** How a paced answer comes: milliseconds to its headers, and then between two events. */
export const pace = { headers: 200, event: 20 };

export const titleOfRequest = { '2kB': '2 kB', '20kB': '20 kB', '1MB': '1 MB' };

/** What a page needs to ask for them: whether they are streamed, and what they must be. */
export const expected = Object.fromEntries(
  Object.entries(answers).map(([name, { isStream, digest }]) => [name, { isStream, digest }]),
);

/**
 * A request's body of about so many bytes; each number asks another question. From 1 MB on it carries a picture, below it is
 * a chat. Pages get the source of this function: it may use nothing from outside.
 */
export function question(number, bytes, isStream) {
  const turn =
    'You are the narrator of a story that goes on for as long as it is listened to, in short plain sentences. ';
  const asked = `Tell me chapter ${number}.`;
  const picture = () => ({
    url: `data:image/png;base64,${'iVBORw0KGgoAAAANSUhEUgAAB4AAAAQ4CAYAAADo'.repeat(bytes / 40)}`,
  });
  const chat = (length) =>
    Array.from({ length }, (_, i) => ({ role: i % 2 ? 'assistant' : 'user', content: `${i}. ${turn.repeat(6)}` }));
  return JSON.stringify({
    model: 'gpt-4o-mini',
    messages:
      bytes < 1_000_000
        ? [...chat(Math.floor(bytes / 670)), { role: 'user', content: asked }]
        : [
            {
              role: 'user',
              content: [
                { type: 'image_url', image_url: picture() },
                { type: 'text', text: asked },
              ],
            },
          ],
    temperature: 0.7,
    ...(isStream && { stream: true, stream_options: { include_usage: true } }),
  });
}

function answer(title, type, text) {
  const body = Buffer.from(text);
  const digest = createHash('sha256').update(body).digest('hex');
  return { title, type, body, digest, isStream: type === STREAM_TYPE };
}

function prose(length) {
  let text = '';
  for (let i = 0; text.length < length; i++) text += `${WORDS[i % WORDS.length]} `;
  return text;
}

/** Base64 that looks like a picture's: the same in every run. */
function noise(length) {
  let text = '';
  for (let i = 0; text.length < length; i++)
    text += createHash('sha256').update(String(i)).digest('base64').slice(0, 40);
  return text;
}

function completion(content) {
  const choices = [
    { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
  ];
  return JSON.stringify({ ...envelope('chat.completion'), choices, usage: usage(900) });
}

/** Server-sent events as OpenAI sends them, ending with the tokens used and `[DONE]`. */
function stream(bytes, most = Infinity) {
  const chunk = (choices, used = null) =>
    `data: ${JSON.stringify({ ...envelope('chat.completion.chunk'), choices, usage: used, obfuscation: 'bxkOqTz' })}\n\n`;
  const choice = (delta, finish_reason = null) => ({ index: 0, delta, logprobs: null, finish_reason });
  let text = chunk([choice({ role: 'assistant', content: '', refusal: null })]);
  let tokens = 0;
  for (; text.length < bytes - 1000 && tokens < most; tokens++)
    text += chunk([choice({ content: ` ${WORDS[tokens % WORDS.length]}` })]);
  return `${text}${chunk([choice({}, 'stop')])}${chunk([], usage(tokens))}data: [DONE]\n\n`;
}

function envelope(object) {
  return {
    id: 'chatcmpl-Bq1mUxS0tHk2vR7yWc9pLZ4aJ3Nd',
    object,
    created: 1760000000,
    model: `${MODEL}-2024-07-18`,
    service_tier: 'default',
    system_fingerprint: 'fp_34a54ae93c',
  };
}

function usage(tokens) {
  return { prompt_tokens: 430, completion_tokens: tokens, total_tokens: 430 + tokens };
}
