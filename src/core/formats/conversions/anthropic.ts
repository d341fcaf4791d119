import type { JsonObject } from '../format.ts';
import {
  accounted,
  begin,
  type Conversion,
  chunksOf,
  named,
  object,
  objects,
  refuse,
  type StreamEvent,
  text,
} from './conversion.ts';
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
  framing: 'sse',

  fold(events) {
    const { content, ...rest } = object(chunksOf(events).map(pieceOf).reduce<unknown>(message, undefined));
    const body = { ...rest, content: objects(content).map(withInput) };
    return accounted(body, events, unfold(body));
  },

  unfold,
};

/** What one event says of the message. */
function pieceOf({ type, index, message, content_block, delta, usage }: JsonObject): JsonObject {
  if (message) return object(message);
  if (content_block) return { content: [{ ...object(content_block), index }] };
  if (!delta) return {};
  if (type === 'message_delta') return { ...object(delta), usage: object(usage) };
  const { type: kind, citation, ...piece } = object(delta);
  return { content: [{ ...(citation ? { citations: [citation] } : piece), index }] };
}

/** The pieces are JSON together. None, or empty ones, are an input without members. */
function withInput({ partial_json, ...block }: JsonObject): JsonObject {
  return partial_json === undefined ? block : { ...block, input: JSON.parse((partial_json as string) || '{}') };
}

function unfold(whole: JsonObject): StreamEvent[] {
  const { role, stop_reason, stop_sequence, stop_details, context_management, container, usage, content } = whole;
  // These belong to the last event, and natively not only to it.
  if (context_management || container) refuse();
  const begun = {
    ...whole,
    role: text(role),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: stop_details && null,
    // LangChain adds this count to the last event's, and Anthropic sends about 1.
    usage: { ...object(usage), output_tokens: 1 },
  };
  const delta = { stop_reason: text(stop_reason), stop_sequence, stop_details };
  return [
    named({ type: 'message_start', message: begun }),
    ...objects(content).flatMap(blockEvents),
    named({ type: 'message_delta', delta, usage }),
    named({ type: 'message_stop' }),
  ];
}

function blockEvents(block: JsonObject, index: number): StreamEvent[] {
  // Blocks that are all there is to them; `fallback`, say, changes the message's model too.
  if (!/^(text|thinking|redacted_thinking|(server_)?tool_use)$/.test(text(block.type))) refuse();
  const [begun, { citations, input, ...said }] = begin(block);
  const deltas: JsonObject[] = objects(citations).map((citation) => ({ type: 'citations_delta', citation }));
  if (input) deltas.push({ type: 'input_json_delta', partial_json: JSON.stringify(input) });
  for (const name in said) deltas.push({ type: `${name}_delta`, [name]: said[name] });
  return [
    named({ type: 'content_block_start', index, content_block: begun }),
    ...deltas.map((delta) => named({ type: 'content_block_delta', index, delta })),
    named({ type: 'content_block_stop', index }),
  ];
}
