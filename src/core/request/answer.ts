import type { BodyReader } from '../key/body.ts';
import type { Partitioner } from '../key/partition.ts';
import type { Call } from '../network/call.ts';
import { type Network, passThrough } from '../network/upstream.ts';
import { ageOf, noTokens } from '../store/entry.ts';
import type { Found, Store } from '../store/store.ts';
import { find } from './find.ts';
import { type Flights, keyedBy } from './flights.ts';
import { ask, type Question } from './question.ts';
import { type HandOver, notStored, replay } from './replay.ts';

/** All that answering takes, built once in the worker's composition root. */
export interface Engine extends Network {
  readonly bodies: BodyReader;
  readonly partitions: Partitioner;
  readonly store: Store;
  readonly flights: Flights;
  readonly handOver: HandOver;
  readonly now: () => number;
}

const neverAsks = 'data-mode="replay" never asks upstream';

/**
 * The path of one request: key, then memory, then OPFS, then upstream. Rejects only as the network does.
 * Costs, beside reading the body: two SHA-256 and a look into memory on a repeat.
 */
export async function answer(engine: Engine, call: Call): Promise<Response> {
  const question = await ask(engine, call);
  if ('bypass' in question) {
    if (call.page?.mode === 'replay') return notStored(`it cannot have one (${question.bypass}), and ${neverAsks}`);
    return passThrough(engine, call, question.bypass, question.body);
  }

  const { mode } = question.page;
  const { onlyIfCached, forceCache } = question.directives;
  const reads = mayRead(question);
  const maySend = mode !== 'replay' && !onlyIfCached;

  engine.flights.catchUp();
  const found = reads || !maySend ? await find(engine.store, question) : undefined;
  const fresh = found !== undefined && found.left > 0;
  if (found && (fresh || forceCache || mode === 'replay' || mode === 'refresh')) {
    if (mode === 'refresh' && maySend) renew(engine, question);
    return hit(engine, question, found);
  }
  if (!maySend)
    return notStored(
      `key ${question.key.slice(0, 12)}, ${mode === 'replay' ? neverAsks : 'the request says only-if-cached'}`,
    );
  return engine.flights.answer(question, reads ? (found ? 'stale' : 'miss') : 'request');
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
  });
  return replay(found, now, engine.handOver);
}

/** Asks upstream behind an answer that was served already, and lets the flight store it. */
function renew(engine: Engine, question: Question): void {
  const renewed = engine.flights
    .answer(question, 'stale')
    .then((response) => response.body?.pipeTo(new WritableStream()));
  question.call.extend(renewed.catch(() => {}));
}
