import { fail } from './evidence.ts';
import { arrayAt, type Format, objectAt, textAt, tokensOf } from './format.ts';

/**
 * OpenAI's endpoints that answer at once: embeddings, moderations, images, transcriptions (multipart), speech (a file).
 * A streamed transcription ends with `transcript.text.done`, a streamed image with `image_generation.completed`.
 * https://platform.openai.com/docs/api-reference/embeddings
 */
export const openaiPlain: Format = {
  name: 'openai-plain',
  provider: 'openai',
  envelope: ['', '/input/*'],
  answersWithFiles: true,
  describe(_url, body) {
    const model = textAt(body, 'model');
    if (!model && body.input === undefined && body.prompt === undefined && body.file === undefined) return undefined;
    return { ...(model ? { model } : {}), stream: body.stream === true || body.stream === 'true' };
  },
  onEvent(evidence, data, name) {
    const type = textAt(data, 'type') ?? name ?? '';
    evidence.terminated ||= type === 'transcript.text.done' || type === 'image_generation.completed';
    evidence.tokens = tokensOf(objectAt(data, 'usage'), 'input_tokens', 'output_tokens') ?? evidence.tokens;
  },
  onBody(evidence, body) {
    evidence.terminated = true;
    evidence.model = textAt(body, 'model');
    const usage = objectAt(body, 'usage');
    evidence.tokens =
      tokensOf(usage, 'prompt_tokens', 'completion_tokens') ?? tokensOf(usage, 'input_tokens', 'output_tokens');
    // Links to generated images live for an hour.
    if (arrayAt(body, 'data').some((item) => textAt(item, 'url'))) fail(evidence, 'expiring-link');
  },
};
