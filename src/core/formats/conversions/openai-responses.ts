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
  string,
  text,
} from './conversion.ts';

/**
 * The terminal event carries the whole response, which is the body.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openaiResponses: Conversion = {
  framing: 'sse',

  fold(events) {
    const end = chunksOf(events).findLast(({ type }) => /\.(completed|incomplete)$/.test(text(type)));
    const response = object(end?.response);
    return accounted(response, events, unfold(response));
  },

  unfold,
};

function unfold(response: JsonObject): StreamEvent[] {
  const { status, output, completed_at } = response;
  if (status !== 'completed' && status !== 'incomplete') refuse();
  const open = { error: null, incomplete_details: null, completed_at: completed_at && null, usage: null };
  const begun = { ...response, ...open, status: 'in_progress', output: [] };
  return [
    { type: 'created', response: begun },
    { type: 'in_progress', response: begun },
    ...objects(output).flatMap(itemEvents),
    { type: status, response },
  ].map((data, sequence_number) => named({ ...data, type: `response.${data.type}`, sequence_number }));
}

type Told = JsonObject & { readonly type: string };

function itemEvents(item: JsonObject, output_index: number): Told[] {
  const { id, type, name, status } = item;
  // Other types have events of their own.
  if (!/^(message|reasoning|function_call|custom_tool_call)$/.test(text(type))) refuse();
  const at = { item_id: text(id), output_index };
  const [begun, { summary, content, ...called }] = begin(item);
  return [
    { type: 'output_item.added', output_index, item: { ...begun, status: status && 'in_progress' } },
    ...objects(summary).flatMap((part, summary_index) =>
      partEvents('reasoning_summary_part', part, { ...at, summary_index }),
    ),
    ...objects(content).flatMap((part, content_index) => partEvents('content_part', part, { ...at, content_index })),
    ...Object.entries(called).flatMap(([member, value]) => [
      { type: `${type}_${member}.delta`, ...at, delta: string(value) },
      { type: `${type}_${member}.done`, ...at, name, [member]: value },
    ]),
    { type: 'output_item.done', output_index, item },
  ];
}

function partEvents(around: string, part: JsonObject, at: JsonObject): Told[] {
  const kind = text(part.type);
  if (!/^((output|reasoning|summary)_text|refusal)$/.test(kind)) refuse();
  const type = kind.replace('summary', 'reasoning_summary');
  const [begun, { annotations, logprobs, ...said }] = begin(part);
  const likely = kind === 'output_text' && { logprobs: logprobs ?? [] };
  return [
    { type: `${around}.added`, ...at, part: begun },
    ...Object.entries(said).flatMap(([member, value]) => [
      { type: `${type}.delta`, ...at, delta: string(value), ...likely },
      ...objects(annotations).map((annotation, annotation_index) => ({
        type: 'output_text.annotation.added',
        ...at,
        annotation_index,
        annotation,
      })),
      { type: `${type}.done`, ...at, [member]: value, ...likely },
    ]),
    { type: `${around}.done`, ...at, part },
  ];
}
