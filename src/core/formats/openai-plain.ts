import { asked, has } from './ask.ts';
import { fail } from './evidence.ts';
import type { Format } from './format.ts';
import { generic } from './generic.ts';
import { arrayAt, textAt } from './json.ts';

/**
 * Endpoints that answer at once: OpenAI's embeddings, moderations, images, transcriptions (multipart) and speech (a file),
 * and the embeddings and rankings of others. The few that stream end with events of their own, which the generic rule knows.
 * https://platform.openai.com/docs/api-reference/embeddings
 */
export const openaiPlain: Format = {
  provider: 'openai',
  envelope: ['', '/input/*'],
  answersWithFiles: true,
  describe(url, body) {
    if (!has(body, /^(model|input|prompt|file|documents)$/)) return undefined;
    const stream = body.stream === true || body.stream === 'true';
    // A stream of several images has as many ends, and nothing in it says how many.
    return stream && Number(body.n) > 1 ? undefined : asked(url, body, stream);
  },
  onEvent: generic.onEvent,
  // A transcript's last event is followed by one, an image's and speech's are not.
  needsDone: (url) => /\/transcriptions\/?$/.test(url.pathname),
  onBody(evidence, body) {
    evidence.terminated = evidence.done = true;
    // Links to generated images live for an hour.
    if (arrayAt(body, 'data').some((item) => textAt(item, 'url'))) fail(evidence, 'expiring-link');
  },
};
