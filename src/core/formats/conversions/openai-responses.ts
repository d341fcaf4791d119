import type { JsonObject } from '../json.ts';
import { accounted, begin, type Conversion, object, objects, refuse, string, text } from './conversion.ts';

/**
 * The terminal event carries the whole response, which is the body.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openaiResponses: Conversion = {
  shapes: ['json', 'stream'],
  frame: 'sse',

  fold(chunks) {
    const end = chunks.findLast(({ type }) => /\.(completed|incomplete)$/.test(string(type)));
    return accounted(object(end?.response), chunks, unfold);
  },

  unfold,
};

function unfold(response: JsonObject): JsonObject[] {
  const { status, output, completed_at } = response;
  if (status !== 'completed' && status !== 'incomplete') refuse();
  const open = { error: null, incomplete_details: null, completed_at: completed_at && null, usage: null };
  const begun = { ...response, ...open, status: 'in_progress', output: [] };
  return [
    { type: 'created', response: begun },
    { type: 'in_progress', response: begun },
    ...objects(output).flatMap((item, output_index) =>
      tell('output_item', 'item', item, { output_index }, { output_index, item_id: text(item.id) }),
    ),
    { type: status, response },
  ].map((event, sequence_number) => ({ ...event, type: `response.${event.type}`, sequence_number }));
}

/** The events of an item, or of one of its parts, with those of its own parts in between. */
function tell(around: string, kind: 'item' | 'part', whole: JsonObject, at: JsonObject, inside = at): JsonObject[] {
  const type = text(whole.type);
  const { name, status } = whole;
  const [begun, { summary, content, annotations, logprobs, ...said }] = begin(whole);
  return [
    { type: `${around}.added`, ...at, [kind]: { ...begun, status: status && 'in_progress' } },
    ...objects(summary).flatMap((part, summary_index) =>
      tell('reasoning_summary_part', 'part', part, { ...inside, summary_index }),
    ),
    ...objects(content).flatMap((part, content_index) =>
      tell('content_part', 'part', part, { ...inside, content_index }),
    ),
    ...Object.entries(said).flatMap(([member, value]) => {
      const event = kind === 'item' ? `${type}_${member}` : type.replace('summary', 'reasoning_summary');
      return [
        { type: `${event}.delta`, ...inside, delta: string(value), logprobs },
        ...objects(annotations).map((annotation, annotation_index) => ({
          type: 'output_text.annotation.added',
          ...inside,
          annotation_index,
          annotation,
        })),
        { type: `${event}.done`, ...inside, name, [member]: value, logprobs },
      ];
    }),
    { type: `${around}.done`, ...at, [kind]: whole },
  ];
}
