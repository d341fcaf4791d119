import type { Cassettes } from '../cassette/cassettes.ts';
import type { BodyReader } from '../key/body.ts';
import type { Partitioner } from '../key/partition.ts';
import type { Call } from '../network/call.ts';
import { type Network, passThrough } from '../network/upstream.ts';
import { ageOf, noTokens } from '../store/entry.ts';
import type { Found, Store } from '../store/store.ts';
import { find } from './find.ts';
import { type Flights, keyedBy } from './flights.ts';
import type { Normalize } from './normalize.ts';
import { refuse, refuseUnkeyed } from './not-stored.ts';
import { type Pacing, paced } from './pace.ts';
import { ask, type Question } from './question.ts';
import { type HandOver, replay } from './replay.ts';
import { inSequence, type Turns } from './turns.ts';
import { variantOf } from './variants.ts';

/** All that answering takes, built once in the worker's composition root. */
export interface Engine extends Network, Pacing {
  readonly bodies: BodyReader;
  readonly partitions: Partitioner;
  readonly store: Store;
  readonly cassettes: Cassettes;
  readonly turns: Turns;
  readonly flights: Flights;
  readonly handOver: HandOver;
  readonly normalize?: Normalize | undefined;
}

const neverAsks = 'data-mode="replay" never asks upstream';

/**
 * The path of one request: key, then memory, then OPFS, then the page's cassettes, then upstream. Rejects only as the
 * network does.
 * Costs, beside reading the body: two SHA-256 and a look into memory on a repeat.
 */
export async function answer(engine: Engine, call: Call): Promise<Response> {
  const asked = await ask(engine, call);
  if ('bypass' in asked) {
    const why = `it cannot have one (${asked.bypass}), and ${neverAsks}`;
    if (call.page?.mode === 'replay') return refuseUnkeyed(engine, call, why);
    return passThrough(engine, call, asked.bypass, asked.body);
  }

  const question = await inSequence(engine.turns, asked);
  const { mode, variants } = question.page;
  const { onlyIfCached, forceCache } = question.directives;
  const reads = mayRead(question);
  const maySend = mode !== 'replay' && !onlyIfCached;

  engine.flights.catchUp();
  if (variants > 1 && maySend && mode !== 'record') return oneOfSeveral(engine, question);
  const found = reads || !maySend ? await find(engine, question) : undefined;
  const fresh = found !== undefined && found.left > 0;
  if (found && (fresh || forceCache || mode === 'replay' || mode === 'refresh')) {
    if (mode === 'refresh' && maySend) renew(engine, question);
    return hit(engine, question, found);
  }
  if (!maySend) return refuse(engine, question, mode === 'replay' ? neverAsks : 'the request says only-if-cached');
  return engine.flights.answer(question, reads ? (found ? 'stale' : 'miss') : 'request');
}

/** With `data-variants`: the answer whose turn it is, and one more collected behind it until all are there. */
async function oneOfSeveral(engine: Engine, question: Question): Promise<Response> {
  const { found, open, turn } = await variantOf(engine, question);
  if (!found || !mayRead(question)) return engine.flights.answer(open ?? turn, found ? 'request' : 'miss');
  if (open) renew(engine, open);
  return hit(engine, question, found);
}

/** May a stored answer be given at all? */
export function mayRead({ page, directives }: Question): boolean {
  return page.mode !== 'record' && !directives.reload;
}

function hit(engine: Engine, question: Question, found: Found): Response {
  const { meta } = found.entry;
  const now = engine.now();
  engine.report({
    type: 'entry-hit',
    tier: found.tier,
    age: ageOf(meta, now),
    bytes: meta.bytes,
    saved: { ms: meta.elapsed, ...(meta.tokens ?? noTokens) },
    ...(found.from ? { from: found.from } : {}),
    ...keyedBy(question),
    // The recording's own, which may be of another shape than was asked for.
    ...(found.tier === 'cassette' && meta.question !== undefined ? { question: meta.question } : {}),
  });
  return replay(found, now, paced(engine, found.entry, question.page.pace) ?? engine.handOver(found.entry.body));
}

/** Asks upstream behind an answer that was served already, and lets the flight store it. */
function renew(engine: Engine, question: Question): void {
  const renewed = engine.flights
    .answer(question, 'stale')
    .then((response) => response.body?.pipeTo(new WritableStream()));
  question.call.extend(renewed.catch(() => {}));
}
