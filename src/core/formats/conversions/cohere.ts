import { isObject, type JsonObject } from '../format.ts';
import {
  accounted,
  begin,
  type Conversion,
  chunksOf,
  done,
  isBlank,
  named,
  object,
  objects,
  refuse,
  type StreamEvent,
  split,
  text,
} from './conversion.ts';
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
  framing: 'sse',

  fold(events) {
    const { message, ...rest } = object(chunksOf(events).map(pieceOf).reduce<unknown>(answer, undefined));
    // The first event announces every list, the body has those with something in them.
    const body = { ...rest, message: split(message, isBlank)[1] };
    return accounted(body, events, unfold(body));
  },

  unfold,
};

/** What one event says of the answer. An event has one element where the message has a list. */
function pieceOf({ type, id, index, delta }: JsonObject): JsonObject {
  const piece = object(delta ?? {});
  const lists = Object.entries(object(piece.message ?? {})).map(([name, value]) => [
    name,
    isObject(value) ? [{ ...value, index }] : value,
  ]);
  return { ...(type === 'message-start' ? { id } : {}), ...piece, message: Object.fromEntries(lists) };
}

function unfold({ id, message, ...end }: JsonObject): StreamEvent[] {
  const { role, content, tool_plan, tool_calls, citations, ...others } = object(message);
  // Log probabilities come by token there, and here in pieces of another size.
  if (!isBlank(others) || end.logprobs) refuse();
  text(end.finish_reason);
  object(end.usage);
  const empty = { content: [], tool_plan: '', tool_calls: [], citations: [] };
  return [
    named({ id: text(id), type: 'message-start', delta: { message: { role: text(role), ...empty } } }),
    ...(tool_plan ? [say('tool-plan-delta', { tool_plan })] : []),
    ...series('content', content, begin),
    ...series('tool_calls', tool_calls, begin),
    ...series('citations', citations, (citation) => [citation]),
    named({ type: 'message-end', delta: end }),
    done,
  ];
}

/** Events of a list's elements: one that begins each, one with the rest, one that ends it. */
function series(list: string, elements: unknown, begin: (element: JsonObject) => JsonObject[]): StreamEvent[] {
  const type = list.replace('_', '-').replace(/s$/, '');
  return objects(elements).flatMap((element, index) => {
    const [begun, rest] = begin(element);
    return [
      say(`${type}-start`, { [list]: begun }, index),
      ...(rest ? [say(`${type}-delta`, { [list]: rest }, index)] : []),
      named({ type: `${type}-end`, index }),
    ];
  });
}

function say(type: string, message: JsonObject, index?: number): StreamEvent {
  return named({ type, index, delta: { message } });
}
