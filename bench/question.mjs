// What is asked and what is answered: an OpenAI chat completion, streamed.

const MODEL = 'gpt-4o-mini';
const ANSWER_BYTES = 120_000;
const SENTENCE =
  'You are the narrator of a story that goes on for as long as it is listened to, in short plain sentences. ';

export const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-bench' };

/** A request body of about 2 kB; each number asks another question. */
export function question(number) {
  return JSON.stringify({
    model: MODEL,
    messages: [
      { role: 'system', content: SENTENCE.repeat(17) },
      { role: 'user', content: `Tell me chapter ${number}.` },
    ],
    temperature: 0.7,
    stream: true,
    stream_options: { include_usage: true },
  });
}

/** About 120 kB of server-sent events as OpenAI sends them, ending with the tokens used and `[DONE]`. */
export const answer = Buffer.from(`${[...events()].map((event) => `data: ${event}\n\n`).join('')}data: [DONE]\n\n`);

function* events() {
  const words = SENTENCE.split(' ').slice(0, -1);
  yield chunk([choice({ role: 'assistant', content: '', refusal: null })]);
  let tokens = 0;
  for (let bytes = 0; bytes < ANSWER_BYTES - 1000; tokens++) {
    const event = chunk([choice({ content: ` ${words[tokens % words.length]}` })]);
    bytes += event.length + 8;
    yield event;
  }
  yield chunk([choice({}, 'stop')]);
  yield chunk([], { prompt_tokens: 430, completion_tokens: tokens, total_tokens: 430 + tokens });
}

function choice(delta, finish_reason = null) {
  return { index: 0, delta, logprobs: null, finish_reason };
}

function chunk(choices, usage = null) {
  return JSON.stringify({
    id: 'chatcmpl-Bq1mUxS0tHk2vR7yWc9pLZ4aJ3Nd',
    object: 'chat.completion.chunk',
    created: 1760000000,
    model: `${MODEL}-2024-07-18`,
    service_tier: 'default',
    system_fingerprint: 'fp_34a54ae93c',
    choices,
    usage,
    obfuscation: 'bxkOqTz',
  });
}
