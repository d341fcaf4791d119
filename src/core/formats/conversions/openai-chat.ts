import type { JsonObject } from '../format.ts';
import {
  begin,
  type Conversion,
  chunksOf,
  done,
  eventsOf,
  isBlank,
  object,
  objects,
  refuse,
  split,
  text,
} from './conversion.ts';
import { appended, dropped, indexed, inPieces, joined, latest, same, steady } from './joining.ts';

const called = joined({ name: same, arguments: inPieces, input: inPieces });

const message = joined({
  role: same,
  content: inPieces,
  refusal: inPieces,
  // DeepSeek, xAI, Z.ai, llama.cpp; OpenRouter, Groq, Ollama.
  reasoning_content: inPieces,
  reasoning: inPieces,
  // https://openrouter.ai/docs/use-cases/reasoning-tokens
  reasoning_details: indexed(joined({ index: same, type: same, format: same, text: inPieces, summary: inPieces })),
  function_call: called,
  tool_calls: indexed(joined({ index: dropped, id: same, type: same, function: called, custom: called })),
});

const completion = joined(
  {
    choices: indexed(
      joined({ delta: message, text: inPieces, finish_reason: latest, logprobs: joined({}, appended) }, steady),
    ),
    // Azure's first chunk says 0; some servers give each chunk its own time.
    created: (was, is) => is || was,
    // Running totals, where every chunk has them.
    usage: latest,
    timings: latest,
    citations: latest,
    search_results: latest,
    x_groq: joined({ usage: dropped }, same),
    // Padding against those who count bytes on the way (OpenAI, Mistral).
    obfuscation: dropped,
    p: dropped,
  },
  steady,
);

/**
 * Chat completions, and the legacy completions, whose choices have `text` in place of a message.
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const openaiChat: Conversion = {
  framing: 'sse',

  fold(events) {
    const chunks = chunksOf(events);
    const { choices, usage, ...rest } = object(chunks.reduce<unknown>(completion, undefined));
    // OpenAI's own streams are padded, and its bodies always have these two members.
    const always = chunks.some((chunk) => 'obfuscation' in chunk) ? { refusal: null, annotations: [] } : {};
    return {
      ...rest,
      object: text(rest.object).replace('.chunk', ''),
      choices: objects(choices).map(({ delta, ...choice }) => {
        if (!delta) return choice;
        // Perplexity and Together say everything twice.
        if ('message' in choice || 'text' in choice) refuse();
        text(object(delta).role);
        return { ...choice, message: { ...always, ...object(delta) } };
      }),
      // A body always has it, a stream only where it was asked for.
      usage: object(usage),
    };
  },

  unfold({ choices, usage, ...rest }, wish) {
    const chunks: JsonObject[] = [];
    const [large, head] = split(rest, (value) => typeof value === 'object' && value !== null);
    const kind = rest.object === 'chat.completion' ? 'chat.completion.chunk' : rest.object;
    const send = (choices: JsonObject[], used: unknown = null) => {
      chunks.push({ ...head, object: kind, choices, usage: wish.usage ? used : undefined });
    };
    for (const { index, message, text, logprobs, finish_reason, ...others } of objects(choices)) {
      if ('delta' in others) refuse();
      const bare = { index, logprobs: logprobs && null, finish_reason: null };
      const pieces: JsonObject[] = message ? deltasOf(message).map((delta) => ({ delta })) : [{ text }];
      const spoken = pieces.findIndex(({ delta }) => delta && !isBlank(object(delta).content));
      pieces.forEach((piece, at) => {
        send([{ ...bare, ...(at === Math.max(0, spoken) ? { logprobs } : {}), ...piece }]);
      });
      send([{ ...bare, ...(message ? { delta: {} } : { text: '' }), ...others, finish_reason }]);
    }
    if (wish.usage) send([], object(usage));
    // What is large is not repeated in every chunk.
    Object.assign(chunks[0] as object, large);
    return [...eventsOf(chunks), done];
  },

  refit(events, wish) {
    const chunks = chunksOf(events);
    if (wish.usage) return chunks.some(({ usage }) => !isBlank(usage)) ? events : refuse();
    const kept = chunks.flatMap(({ usage, ...chunk }) => {
      if (isBlank(usage)) return [chunk];
      if (!isBlank(chunk.choices)) return [{ ...chunk, usage }];
      // Callers who did not ask for this chunk read `choices[0]` unguarded. It must not tell anything else.
      return Object.keys(chunk).every((name) => name in (chunks[0] as object)) ? [] : refuse();
    });
    return [...eventsOf(kept), done];
  },
};

/** Role and what is empty first, then what was thought, what was said, and what is to be called. */
function deltasOf(message: unknown): JsonObject[] {
  const { role, content, tool_calls, ...members } = object(message);
  // Streamed audio has another encoding.
  if (members.audio) refuse();
  const [empty, full] = split({ ...members, tool_calls }, (value) => !value);
  return [
    { role: text(role), content: isBlank(content) ? content : '', ...empty },
    ...Object.entries({ ...full, tool_calls: '', content }).flatMap(([name, value]) =>
      // No delta has an empty list: clients take the first element of what is there.
      isBlank(value) ? [] : [{ [name]: value }],
    ),
    ...objects(tool_calls).flatMap(callDeltas),
  ];
}

/** OpenAI's guide appends arguments even to those of the delta that begins the call: that one must have none. */
function callDeltas(call: JsonObject, index: number): JsonObject[] {
  return begin(call).map((piece) => ({ tool_calls: [{ ...piece, index }] }));
}
