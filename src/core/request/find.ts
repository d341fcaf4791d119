import { convert } from '../formats/conversions/index.ts';
import { otherShapes, type Shape, sourceShapes } from '../formats/shapes.ts';
import { keyOf } from '../key/key.ts';
import type { Entry } from '../store/entry.ts';
import type { Found, Store } from '../store/store.ts';
import type { Question } from './question.ts';

/**
 * The stored answer to a question: in the shape it is asked for, byte for byte, else converted from another shape, where
 * converting loses and invents nothing. The first fresh one, else a stale one, else `undefined`.
 * Costs a look into the tiers; without a fresh answer a SHA-256 and such a look for each other shape of the format, and a
 * converted answer its parsing.
 */
export async function find(store: Store, question: Question): Promise<Found | undefined> {
  const { key, ttl } = question;
  let stale = await store.find(key, ttl);
  if (stale && stale.left > 0) return stale;
  const { format, call, read } = question;
  const sources = await keysOf(question, sourceShapes(format, call.url, read.shape));
  for (const [from, source] of sources) {
    const found = await store.find(source, ttl);
    if (!found || (found.left <= 0 && stale)) continue;
    const entry = await converted(question, found.entry);
    if (entry && found.left > 0) return { ...found, entry, from };
    if (entry) stale = { ...found, entry, from };
  }
  // Meanwhile a flight may have landed: asking upstream again would be one call too many.
  return stale ?? (sources.length > 0 ? store.find(key, ttl) : undefined);
}

/** Keys of the same question with its answer in each other shape. */
export async function otherKeys(question: Question): Promise<string[]> {
  const others = await keysOf(question, otherShapes(question.format, question.read.shape));
  return others.map(([, key]) => key);
}

function keysOf({ material }: Question, shapes: readonly Shape[]): Promise<[shape: Shape, key: string][]> {
  const keyed = async (shape: Shape): Promise<[Shape, string]> => [shape, await keyOf(material, shape)];
  return Promise.all(shapes.map(keyed));
}

async function converted({ format, read, key }: Question, { meta, body }: Entry): Promise<Entry | undefined> {
  const contentType = meta.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const delivered = convert(format, { text: await body.text(), contentType }, read.shape);
  if (!delivered) return undefined;
  const headers = meta.headers.map(
    ([name, value]) => [name, name === 'content-type' ? delivered.contentType : value] as const,
  );
  const made = new Blob([delivered.text]);
  return { meta: { ...meta, key, headers, bytes: made.size }, body: made };
}
