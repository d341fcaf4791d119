import type { SkipReason } from '../report/events.ts';
import type { Tokens } from '../store/entry.ts';
import { classOfFinish } from './finish-reasons.ts';
import { type JsonObject, textAt } from './json.ts';
import { type Figures, gatherFigures, tokensOf } from './tokens.ts';

/** What has been seen of an answer so far. Formats write it; `verdictOf` reads it. */
export interface Evidence {
  /** Finish reason of each choice or candidate seen, by index; `undefined` while it has none. */
  readonly finishes: Map<number | string, string | undefined>;
  /** The format's own terminator was seen. */
  terminated: boolean;
  /** `data: [DONE]` was seen. */
  done: boolean;
  /** Something says the answer is no good, whatever else is seen. */
  fault: Fault | undefined;
  /** Model that really answered. */
  model: string | undefined;
  /** What the provider said it used, under its own names. */
  readonly figures: Figures;
  /** The same, under ours. */
  readonly tokens: Tokens | undefined;
}

/** A refusal with what was seen. */
interface Fault {
  readonly reason: SkipReason;
  readonly detail?: string;
}

export type Verdict = { readonly complete: true; readonly finish?: string } | ({ readonly complete: false } & Fault);

export function emptyEvidence(): Evidence {
  return {
    finishes: new Map(),
    terminated: false,
    done: false,
    fault: undefined,
    model: undefined,
    figures: {},
    get tokens() {
      return tokensOf(this.figures);
    },
  };
}

/** Notes the first fault; later ones change nothing. */
export function fail(evidence: Evidence, reason: SkipReason, detail?: string): void {
  evidence.fault ??= detail === undefined ? { reason } : { reason, detail };
}

/** A finish reason for one choice. An empty one counts as seen but unfinished. */
export function finish(evidence: Evidence, index: number | string, reason: unknown): void {
  const known = evidence.finishes.get(index);
  evidence.finishes.set(index, typeof reason === 'string' && reason !== '' ? reason : known);
}

/** Every choice seen has a finish reason, and there is at least one. */
export function allFinished(evidence: Evidence): boolean {
  return evidence.finishes.size > 0 && [...evidence.finishes.values()].every((reason) => reason !== undefined);
}

/**
 * Notes what means the same in every format: the error markers that providers put into an answer of status 200, the model
 * that really answered and the tokens used. The last to be named counts: a first chunk may carry a placeholder.
 * @param text what the data was parsed from. Most events are a few words, and not searched for names that are not there.
 */
export function noteCommon(evidence: Evidence, data: JsonObject, text?: string): void {
  if (data.error) fail(evidence, 'error', 'error');
  else if (data.object === 'error' || data.type === 'error') fail(evidence, 'error', 'type: error');
  if (text && !/odel|oken|_count|timings/.test(text)) return;
  for (const holder of [data, data.message, data.response, data.result])
    evidence.model =
      textAt(holder, 'modelVersion') ??
      textAt(holder, 'model') ??
      textAt(holder, 'model_instance_id') ??
      evidence.model;
  gatherFigures(evidence.figures, data);
}

/**
 * What the evidence proves. Anything short of proof is `truncated`: `[DONE]` alone and a finish reason alone are none.
 * @param needsDone the format's proof includes `[DONE]`
 */
export function verdictOf(evidence: Evidence, needsDone: boolean): Verdict {
  if (evidence.fault) return { complete: false, ...evidence.fault };
  for (const reason of evidence.finishes.values()) {
    const kind = reason === undefined ? undefined : classOfFinish(reason);
    if (kind) return { complete: false, reason: kind, detail: reason as string };
  }
  if (!evidence.terminated || (needsDone && !evidence.done)) return { complete: false, reason: 'truncated' };
  const [finished] = evidence.finishes.values();
  return finished === undefined ? { complete: true } : { complete: true, finish: finished };
}
