import { anthropic } from './anthropic.ts';
import { asked } from './ask.ts';
import { allFinished, type Evidence, fail, finish, noteCommon } from './evidence.ts';
import { arrayAt, type Format, isObject, type JsonObject, objectAt, textAt } from './format.ts';
import { pathOf } from './paths.ts';

/**
 * Amazon Bedrock: `POST …/model/{id}/converse`, `converse-stream`, `invoke` and `invoke-with-response-stream`. The path says
 * which model, and whether it streams; streams are binary. Converse is proven by `messageStop` and the `metadata` after it.
 * Invoke wraps what the model itself sends: Claude's events prove themselves, other models end with a stop reason and
 * Amazon's own metrics.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export const bedrock: Format = {
  ...anthropic,
  name: 'bedrock',
  provider: 'bedrock',
  describe(url, body) {
    const path = pathOf(url);
    // A stored prompt without its version changes at Amazon.
    return asked(url, body, /stream$/.test(path), /prompt(\/|%2f)[^:/]+\/[^/]+$/i.test(path));
  },
  onEvent(evidence, data, name) {
    if (name === 'messageStop') finish(evidence, 0, data.stopReason);
    else if (name === 'metadata') evidence.terminated = allFinished(evidence);
    else if (name === 'chunk') readInner(evidence, data);
  },
  onBody(evidence, body) {
    const answer = body as JsonObject;
    if (answer.type === 'message') return anthropic.onBody(evidence, answer);
    finish(evidence, 0, stopReasonOf(answer));
    // Embeddings and images have no stop reason. Converse always has.
    evidence.terminated = !isObject(answer.output) || allFinished(evidence);
  },
};

function readInner(evidence: Evidence, data: JsonObject): void {
  let inner: unknown;
  try {
    // Text in it is not read, so its UTF-8 may stay undecoded.
    inner = JSON.parse(atob(String(data.bytes)));
  } catch (error) {
    fail(evidence, 'malformed', String(error));
  }
  if (!isObject(inner)) return;
  noteCommon(evidence, inner);
  if (inner.type) return anthropic.onEvent(evidence, inner, undefined);
  finish(evidence, 0, stopReasonOf(inner));
  if (inner['amazon-bedrock-invocationMetrics']) evidence.terminated = allFinished(evidence);
}

/** Amazon's, Meta's, Mistral's, Cohere's and OpenAI's models on Bedrock each name it in their own way. */
function stopReasonOf(answer: JsonObject): string | undefined {
  const [first] = ['outputs', 'choices', 'results', 'generations'].flatMap((name) => arrayAt(answer, name));
  for (const holder of [answer, objectAt(answer, 'messageStop'), first])
    for (const name of ['stopReason', 'stop_reason', 'completionReason', 'finish_reason']) {
      const reason = textAt(holder, name);
      if (reason) return reason;
    }
  return undefined;
}
