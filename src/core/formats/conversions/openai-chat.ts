import type { JsonObject } from '../json.ts';
import { begin, type Conversion, isBlank, object, objects, refuse, text, told } from './conversion.ts';
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
    usage: latest,
    x_groq: joined({ usage: dropped }, same),
    // Padding against those who count bytes on the way (OpenAI, Mistral).
    obfuscation: dropped,
    p: dropped,
  },
  same,
);

/**
 * Chat completions, and the legacy completions, whose choices have `text` in place of a message.
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const openaiChat: Conversion = {
  shapes: ['json', 'stream+usage', 'stream'],
  frame: 'sse-done',

  fold(chunks) {
    const { choices, usage, ...rest } = chunks.reduce(completion, {});
    // Every body has these, whatever the deltas had; OpenAI's own, whose streams are padded, have annotations too.
    const always = {
      content: null,
      refusal: null,
      ...(chunks.some((chunk) => 'obfuscation' in chunk) ? { annotations: [] } : {}),
    };
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
    const kind = rest.object === 'chat.completion' ? 'chat.completion.chunk' : rest.object;
    const chunkOf = (choices: JsonObject[], usage: unknown = null) => ({
      ...rest,
      object: kind,
      choices,
      usage: wish.usage ? usage : undefined,
    });
    const chunks = objects(choices).flatMap(({ index, message, text, logprobs, finish_reason, ...others }) => {
      const bare = { index, logprobs: logprobs && null, finish_reason: null };
      const deltas = message ? deltasOf(object(message)) : [];
      const spoken = Math.max(
        0,
        deltas.findIndex(({ content }) => content),
      );
      return [
        ...(message ? deltas.map((delta) => ({ delta })) : [{ text }]).map((piece, at) => ({
          ...bare,
          ...(at === spoken ? { logprobs } : {}),
          ...piece,
        })),
        // Perplexity's bodies have an empty delta too.
        { ...bare, ...others, ...(message ? { delta: {} } : { text: '' }), finish_reason },
      ].map((choice) => chunkOf([choice]));
    });
    return wish.usage ? [...chunks, chunkOf([], object(usage))] : chunks;
  },

  refit(chunks, wish) {
    if (wish.usage) return chunks.some(({ usage }) => !isBlank(usage)) ? chunks : refuse();
    return chunks.flatMap(({ usage, ...chunk }, at) => {
      if (isBlank(usage)) return [chunk];
      if (!isBlank(chunk.choices)) return [{ ...chunk, usage }];
      // Callers who did not ask for this chunk read `choices[0]` unguarded. It must not tell anything else.
      const before = object(chunks[at - 1]);
      return Object.keys(chunk).every((name) => name in before) ? [] : refuse();
    });
  },
};

/** Role and what is null first, then what was thought, what was said, and what is to be called. */
function deltasOf({ role, content, tool_calls, ...members }: JsonObject): JsonObject[] {
  // Streamed audio has another encoding.
  if (members.audio) refuse();
  const nulls = Object.entries(members).filter(([, value]) => (value ?? '') === '');
  return [
    { role: text(role), content: content && '', ...Object.fromEntries(nulls) },
    // No delta has an empty list: clients take the first element of what is there.
    ...told({ ...members, content }).map(([name, value]) => ({ [name]: value })),
    // OpenAI's guide appends arguments even to those of the delta that begins a call: that one must have none.
    ...objects(tool_calls).flatMap((call, index) =>
      begin(call).map((piece) => ({ tool_calls: [{ ...piece, index }] })),
    ),
  ];
}
