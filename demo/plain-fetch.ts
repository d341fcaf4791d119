import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { Provider, Question } from './providers/provider.ts';

/** Asks without an SDK and yields the answer's text in pieces; an unstreamed answer is one piece. */
export async function* askByFetch(
  provider: Provider,
  question: Question,
  fetch: typeof globalThis.fetch,
): AsyncGenerator<string> {
  const { url, headers, body } = provider.request(question);
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText} ${await response.text()}`.trim());
  if (!question.stream || !response.body) {
    yield provider.textOfAnswer(await response.json());
    return;
  }
  const text = response.body.pipeThrough(new TextDecoderStream());
  const events = provider.framing === 'lines' ? text.pipeThrough(lines()) : text.pipeThrough(eventData());
  for await (const event of chunksOf(events)) yield provider.textOfEvent(JSON.parse(event));
}

/** `for await` over the stream itself is not in every browser yet. */
async function* chunksOf<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

/** The data of server-sent events, without OpenAI's closing mark, which is no JSON. */
function eventData() {
  const parser = new EventSourceParserStream();
  const data = new TransformStream<{ data: string }, string>({
    transform: ({ data }, controller) => {
      if (data !== '[DONE]') controller.enqueue(data);
    },
  });
  return { writable: parser.writable, readable: parser.readable.pipeThrough(data) };
}

function lines() {
  let rest = '';
  return new TransformStream<string, string>({
    transform(text, controller) {
      const whole = (rest + text).split('\n');
      rest = whole.pop() ?? '';
      for (const line of whole) if (line.trim()) controller.enqueue(line);
    },
    flush(controller) {
      if (rest.trim()) controller.enqueue(rest);
    },
  });
}
