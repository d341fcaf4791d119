import { type Closest, closest } from '../cassette/closest.ts';
import { keptRequest } from '../cassette/kept-request.ts';
import type { Call } from '../network/call.ts';
import { namedBy } from '../network/upstream.ts';
import type { Report } from '../report/events.ts';
import { keepsRequests } from '../settings/options.ts';
import type { KeptRequest } from '../store/entry.ts';
import type { Sources } from './find.ts';
import { keyedBy } from './flights.ts';
import type { Question } from './question.ts';
import { notStored } from './replay.ts';

/** A request that was kept, and the key its answer has in a cassette. */
interface Candidate {
  readonly key: string;
  readonly request: KeptRequest;
}

/**
 * The 504 for a question that may not go upstream, with the recorded request that comes closest, where requests are kept.
 * Costs then reading every meta and comparing every kept request.
 */
export async function refuse(
  engine: Sources & { readonly report: Report },
  question: Question,
  why: string,
): Promise<Response> {
  const asked = keepsRequests(question.page) ? await keptRequest(question) : undefined;
  const best = asked && closest(asked, await candidates(engine, question).catch(() => []));
  engine.report({
    type: 'not-stored',
    why,
    ...(asked ? { asked } : {}),
    ...(best ? { closest: { key: best.recorded.key, differences: best.differences } } : {}),
    ...keyedBy(question),
  });
  return notStored({ why, format: question.format, closest: best satisfies Closest<Candidate> | undefined });
}

/** The 504 for a call that can have no stored answer. */
export function refuseUnkeyed({ report }: { readonly report: Report }, call: Call, why: string): Response {
  report({ type: 'not-stored', why, ...namedBy(call) });
  return notStored({ why, format: call.match.format });
}

async function candidates({ store, cassettes }: Sources, { page }: Question): Promise<Candidate[]> {
  const recorded = await cassettes.all(page.cassette);
  const live = (await store.list()).map(({ meta }) => ({ key: meta.question ?? meta.key, request: meta.request }));
  return [...recorded, ...live].filter((one): one is Candidate => one.request !== undefined);
}
