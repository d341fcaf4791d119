import { isObject, type JsonObject } from '../json.ts';
import { accounted, begin, type Conversion, isBlank, object, objects, refuse, text, told } from './conversion.ts';
import { dropped, indexed, inPieces, joined, latest, same } from './joining.ts';

const answer = joined(
  {
    message: joined({
      role: same,
      tool_plan: inPieces,
      content: indexed(joined({ index: dropped, type: same, text: inPieces, thinking: inPieces })),
      tool_calls: indexed(joined({ index: dropped, function: joined({ name: same, arguments: inPieces }) })),
      citations: indexed(joined({ index: dropped })),
    }),
  },
  latest,
);

/** Chat of version 2. https://docs.cohere.com/v2/docs/streaming */
export const cohere: Conversion = {
  shapes: ['json', 'stream'],
  frame: 'sse-done',

  fold(chunks) {
    const { message, ...rest } = chunks.map(pieceOf).reduce(answer, {});
    // The first event announces every list, the body has those with something in them.
    return accounted({ ...rest, message: Object.fromEntries(told(object(message))) }, chunks, unfold);
  },

  unfold,
};

/** What one event says of the answer. An event has one element where the message has a list. */
function pieceOf({ id, index, delta = {} }: JsonObject): JsonObject {
  const { message = {}, ...end } = object(delta);
  const lists = Object.entries(object(message)).map(([name, value]) => [
    name,
    isObject(value) ? [{ ...value, index }] : value,
  ]);
  return { id, ...end, message: Object.fromEntries(lists) };
}

function unfold({ id, message, ...end }: JsonObject): JsonObject[] {
  const { role, content, tool_plan, tool_calls, citations, ...others } = object(message);
  // Log probabilities come by token there, and here in pieces of another size.
  if (!isBlank(others) || end.logprobs) refuse();
  text(end.finish_reason);
  object(end.usage);
  const empty = { content: [], tool_plan: '', tool_calls: [], citations: [] };
  return [
    { id: text(id), type: 'message-start', delta: { message: { role: text(role), ...empty } } },
    ...(tool_plan ? [{ type: 'tool-plan-delta', delta: { message: { tool_plan } } }] : []),
    ...series('content', content, begin),
    ...series('tool_calls', tool_calls, begin),
    ...series('citations', citations, (citation) => [citation]),
    { type: 'message-end', delta: end },
  ];
}

/** Events of a list's elements: one that begins each, one with the rest, one that ends it. */
function series(list: string, elements: unknown, begin: (element: JsonObject) => JsonObject[]): JsonObject[] {
  const type = list.replace('_', '-').replace(/s$/, '');
  return objects(elements).flatMap((element, index) => [
    ...begin(element).map((piece, at) => ({
      type: `${type}-${at ? 'delta' : 'start'}`,
      index,
      delta: { message: { [list]: piece } },
    })),
    { type: `${type}-end`, index },
  ]);
}
