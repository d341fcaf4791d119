import type { JsonObject } from '../json.ts';
import { accounted, begin, type Conversion, object, objects, parsed, string, text } from './conversion.ts';
import { appended, dropped, indexed, inPieces, joined, latest } from './joining.ts';

const message = joined(
  {
    content: indexed(
      joined({ index: dropped, text: inPieces, thinking: inPieces, partial_json: inPieces, citations: appended }),
    ),
    // Counts are of the whole message so far: they overwrite.
    usage: joined({}, latest),
  },
  latest,
);

/**
 * Messages of Anthropic and of those who speak like it.
 * https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export const anthropic: Conversion = {
  shapes: ['json', 'stream'],
  frame: 'sse',

  fold(chunks) {
    const { content, ...rest } = chunks.map(pieceOf).reduce(message, {});
    return accounted({ ...rest, content: objects(content).map(withInput) }, chunks, unfold);
  },

  unfold,
};

/** What one event says of the message. */
function pieceOf({ type, index, message, content_block, delta, usage }: JsonObject): JsonObject {
  if (message) return object(message);
  if (content_block) return { content: [{ ...object(content_block), index }] };
  if (!delta) return {};
  if (type === 'message_delta') return { ...object(delta), usage: object(usage) };
  const { type: _, citation, ...piece } = object(delta);
  return { content: [{ ...(citation ? { citations: [citation] } : piece), index }] };
}

/** The pieces are JSON together. Where there is nothing in them, the input is what the block began with. */
function withInput({ partial_json, ...block }: JsonObject): JsonObject {
  return partial_json ? { ...block, input: parsed(string(partial_json)) } : block;
}

function unfold(message: JsonObject): JsonObject[] {
  const { role, stop_reason, stop_sequence, stop_details, usage, content } = message;
  const delta = { stop_reason: text(stop_reason), stop_sequence, stop_details };
  const begun = {
    ...message,
    role: text(role),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    // LangChain adds this count to the last event's, and Anthropic sends about 1.
    usage: { ...object(usage), output_tokens: 1 },
  };
  return [
    { type: 'message_start', message: begun },
    ...objects(content).flatMap(blockEvents),
    { type: 'message_delta', delta, usage },
    { type: 'message_stop' },
  ];
}

function blockEvents(block: JsonObject, index: number): JsonObject[] {
  const [content_block, { citations, input, ...said }] = begin(block);
  return [
    { type: 'content_block_start', index, content_block },
    ...[
      ...objects(citations).map((citation) => ({ type: 'citations_delta', citation })),
      ...(input ? [{ type: 'input_json_delta', partial_json: JSON.stringify(input) }] : []),
      ...Object.entries(said).map(([name, value]) => ({ type: `${name}_delta`, [name]: value })),
    ].map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}
