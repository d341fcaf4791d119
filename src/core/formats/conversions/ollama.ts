import type { JsonObject } from '../json.ts';
import { type Conversion, object, refuse, string, told } from './conversion.ts';
import { appended, inPieces, joined, latest, same, steady } from './joining.ts';

const answer = joined(
  {
    message: joined({ role: same, content: inPieces, thinking: inPieces, tool_calls: appended }),
    response: inPieces,
    thinking: inPieces,
    logprobs: appended,
    created_at: latest,
    done: latest,
  },
  steady,
);

/**
 * The body is the last line with all that the lines before it said, as the server itself makes it.
 * https://github.com/ollama/ollama/blob/main/server/routes.go
 */
export const ollama: Conversion = {
  shapes: ['json', 'stream'],
  frame: 'lines',

  fold(chunks) {
    const body = chunks.reduce(answer, {});
    string(body.message ? object(body.message).content : body.response);
    return body.done === true ? body : refuse();
  },

  unfold(body) {
    const { message, response, thinking, logprobs, ...end } = body;
    const { model, created_at, done } = end;
    if (done !== true) refuse();
    // Lines of /api/chat have a message, those of /api/generate a response.
    const { role, content, ...others } = object(message ?? { content: response, thinking });
    const { thinking: thought, ...more } = others;
    const speak = message
      ? (piece: JsonObject) => ({ message: { role, content: '', ...piece } })
      : ({ content = '', ...piece }: JsonObject) => ({ response: content, ...piece });
    return [
      // A line for each: clients look at what was said only where nothing was thought.
      ...told({ thinking: thought, content, ...more }).map(([name, value]) => ({
        model,
        created_at,
        ...speak({ [name]: value }),
        logprobs: name === 'content' ? logprobs : undefined,
        done: false,
      })),
      { ...end, ...speak({}), logprobs: string(content) ? undefined : logprobs },
    ];
  },
};
