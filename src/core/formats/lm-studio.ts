import { asked } from './ask.ts';
import type { Format } from './format.ts';
import { arrayAt } from './json.ts';

/**
 * LM Studio's own `POST /api/v1/chat`. It keeps every conversation unless told not to. Proof: the event `chat.end`; one
 * comes after an error too, which wins.
 * https://lmstudio.ai/docs/developer/rest/chat
 */
export const lmStudio: Format = {
  provider: 'lm-studio',
  envelope: ['', '/input/*'],
  describe: (url, body) =>
    body.input
      ? asked(
          url,
          body,
          body.stream === true,
          body.store !== false || body.previous_response_id,
          arrayAt(body, 'integrations').length > 0,
        )
      : undefined,
  onEvent(evidence, data, name) {
    if ((data.type ?? name) === 'chat.end') evidence.terminated = true;
  },
  onBody(evidence, body) {
    evidence.terminated = 'output' in body;
  },
};
