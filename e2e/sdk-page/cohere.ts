import { createParser } from 'eventsource-parser';

/** Asks Cohere's chat of version 2 by fetch, as https://docs.cohere.com/v2/docs/streaming shows it. */
export async function askCohere(upstream: string, prompt: string, stream: boolean) {
  const response = await fetch(`${upstream}/v2/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-end-to-end' },
    body: JSON.stringify({ model: 'command-a-03-2025', messages: [{ role: 'user', content: prompt }], stream }),
  });
  const text = await response.text();
  if (!response.ok) throw Object.assign(new Error(text), { status: response.status });
  if (!stream) return { whole: JSON.parse(text) };
  const events: CohereEvent[] = [];
  createParser({
    onEvent({ event, data }) {
      if (data === '[DONE]') return;
      const told: CohereEvent = JSON.parse(data);
      if (event !== told.type) throw new Error(`The event is called "${event}", its data "${told.type}"`);
      events.push(told);
    },
  }).feed(text);
  if (events.at(-1)?.type !== 'message-end') throw new Error('The stream ended before message-end');
  return { events, whole: wholeOf(events) };
}

/** One event of Cohere's stream, as far as it is read here. */
interface CohereEvent {
  readonly type: string;
  readonly id?: string;
  readonly index?: number;
  readonly delta: {
    readonly message: {
      readonly role?: string;
      readonly content?: { readonly type?: string; readonly text?: string };
      readonly tool_plan?: string;
      readonly tool_calls?: { readonly id?: string; readonly function: { readonly arguments: string } };
    };
  };
}

/** What the events say, put together as https://docs.cohere.com/v2/docs/streaming tells clients to. */
function wholeOf(events: readonly CohereEvent[]) {
  const named = (type: string) => events.filter((event) => event.type === type);
  const at = (type: string, place: number | undefined) => named(type).filter(({ index }) => index === place);
  return {
    id: named('message-start')[0]?.id,
    role: named('message-start')[0]?.delta.message.role,
    ...events.at(-1)?.delta,
    content: named('content-start').map(({ index, delta: { message } }) => ({
      ...message.content,
      text: at('content-delta', index)
        .map(({ delta }) => delta.message.content?.text)
        .join(''),
    })),
    tool_calls: named('tool-call-start').map(({ index, delta: { message } }) => ({
      ...message.tool_calls,
      function: {
        ...message.tool_calls?.function,
        arguments: at('tool-call-delta', index)
          .map(({ delta }) => delta.message.tool_calls?.function.arguments)
          .join(''),
      },
    })),
    tool_plan: named('tool-plan-delta')
      .map(({ delta }) => delta.message.tool_plan)
      .join(''),
  };
}
