import { anthropic } from './anthropic.ts';
import { asked } from './ask.ts';
import { allFinished, type Evidence, fail, finish, noteCommon } from './evidence.ts';
import type { Format } from './format.ts';
import { finishAnyhow } from './generic.ts';
import { isObject, type JsonObject } from './json.ts';
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
  // Its streams are frames with checksums.
  conversion: undefined,
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
    finishAnyhow(evidence, answer);
    // Embeddings and images have no stop reason. Converse always has.
    evidence.terminated = !isObject(answer.output) || allFinished(evidence);
  },
};

function readInner(evidence: Evidence, data: JsonObject): void {
  let inner: unknown;
  let text = '';
  try {
    // Text in it is not read, so its UTF-8 may stay undecoded.
    text = atob(String(data.bytes));
    inner = JSON.parse(text);
  } catch (error) {
    fail(evidence, 'malformed', String(error));
  }
  if (!isObject(inner)) return;
  noteCommon(evidence, inner, text);
  anthropic.onEvent(evidence, inner, undefined);
  if (text.includes('eason')) finishAnyhow(evidence, inner);
  if (inner['amazon-bedrock-invocationMetrics']) evidence.terminated = allFinished(evidence);
}
