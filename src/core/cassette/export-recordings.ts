import type { EntryMeta } from '../store/entry.ts';
import type { Store } from '../store/store.ts';
import type { RecordedAnswer, Recording } from './recording.ts';
import { secretInText } from './secrets.ts';

/** What a store gives to a cassette. */
export interface Exported {
  readonly recordings: readonly Recording[];
  /** Answers left out because a member of theirs holds a credential: where from, and its name. */
  readonly refused: readonly string[];
}

/**
 * The stored answers of these metas as recordings. Of several credentials that asked the same, the newest answer counts.
 * What was stored before answers had a key for cassettes is left out. Reads every body.
 */
export async function exportRecordings(store: Store, metas: readonly EntryMeta[]): Promise<Exported> {
  const groups = new Map<string, EntryMeta[]>();
  for (const meta of [...metas].sort((a, b) => a.storedAt - b.storedAt))
    if (meta.question !== undefined) groups.set(meta.question, [...(groups.get(meta.question) ?? []), meta]);
  const recordings: Recording[] = [];
  const refused: string[] = [];
  for (const [key, group] of groups) {
    const answers = await answersOf(store, group, refused);
    const [first] = group as [EntryMeta];
    if (answers.length > 0) recordings.push({ ...headOf(first, key), answers });
  }
  return { recordings, refused };
}

function headOf(meta: EntryMeta, key: string): Omit<Recording, 'answers'> {
  const { format, request, model, modelVersion, tag } = meta;
  return {
    key,
    format,
    method: 'POST',
    url: request?.url ?? meta.url,
    ...(model === undefined ? {} : { model }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(tag === undefined ? {} : { tag }),
    ...(request ? { request } : {}),
  };
}

/** In the order they were given; what repeats the answer before it at the end is left out. */
async function answersOf(store: Store, metas: readonly EntryMeta[], refused: string[]): Promise<RecordedAnswer[]> {
  const byTurn = new Map(metas.map((meta) => [meta.turn ?? 0, meta]));
  const answers: RecordedAnswer[] = [];
  for (const [, meta] of [...byTurn].sort(([a], [b]) => a - b)) {
    const body = await store.read(meta.key);
    if (!body) continue;
    const secret = secretInText(new TextDecoder().decode(body));
    if (secret) refused.push(`${meta.url} (${secret})`);
    else answers.push(answerOf(meta, body));
  }
  while (answers.length > 1 && isSame(answers.at(-1)?.body, answers.at(-2)?.body)) answers.pop();
  return answers;
}

function answerOf(meta: EntryMeta, body: Uint8Array<ArrayBuffer>): RecordedAnswer {
  const { storedAt, elapsed, statusText, headers, servedBy, tokens, arrivals } = meta;
  return {
    ...{ storedAt, elapsed, statusText, headers },
    ...(servedBy === undefined ? {} : { servedBy }),
    ...(tokens ? { tokens } : {}),
    ...(arrivals ? { arrivals } : {}),
    body,
  };
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a?.byteLength === b?.byteLength && (a?.every((byte, at) => byte === b?.[at]) ?? false);
}
