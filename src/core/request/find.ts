import type { Shape } from '../formats/conversions/conversion.ts';
import { convert } from '../formats/conversions/index.ts';
import type { FormatName } from '../formats/paths.ts';
import { otherShapes, sourceShapes } from '../formats/shapes.ts';
import { keyOf } from '../key/key.ts';
import type { Entry, EntryMeta } from '../store/entry.ts';
import type { Found, Store } from '../store/store.ts';
import type { Question } from './question.ts';

/**
 * The stored answer to a question: in the shape it is asked for, byte for byte, else converted from another shape, where
 * converting loses and invents nothing. The first fresh one, else a stale one, else `undefined`.
 * Costs a look into the tiers; without a fresh answer a SHA-256 and such a look for each other shape of the format, and a
 * converted answer its parsing.
 */
export async function find(store: Store, question: Question): Promise<Found | undefined> {
  const { key, ttl, format, call, read, material } = question;
  let stale = await store.find(key, ttl);
  if (stale && stale.left > 0) return stale;
  const sources = sourceShapes(format, call.url, read.shape);
  for (const from of sources) {
    const found = await store.find(await keyOf(material, from), ttl);
    if (!found || (found.left <= 0 && stale)) continue;
    const { meta, body } = found.entry;
    const entry = converted(meta, await new Response(body).text(), read.shape, key);
    if (entry && found.left > 0) return { ...found, entry, from };
    if (entry) stale = { ...found, entry, from };
  }
  // Meanwhile a flight may have landed: asking upstream again would be one call too many.
  return (sources.length > 0 ? await store.find(key, ttl) : undefined) ?? stale;
}

/** The other keys under which an answer to this question is stored, with their shapes where its new answer may be made into them. */
export async function storedShapes(
  store: Store,
  question: Question,
): Promise<[shape: Shape | undefined, key: string][]> {
  const { format, call, read, material } = question;
  const stored: [Shape | undefined, string][] = [];
  for (const shape of otherShapes(format, read.shape)) {
    const key = await keyOf(material, shape);
    const isMade = sourceShapes(format, call.url, shape).includes(read.shape);
    if (await store.find(key, null)) stored.push([isMade ? shape : undefined, key]);
  }
  return stored;
}

/** An answer in another shape, under its key; `undefined` where it cannot be had without loss or invention. */
export function converted(meta: EntryMeta, text: string, shape: Shape, key: string): Entry | undefined {
  const contentType = meta.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const delivered = convert(meta.format as FormatName, { text, contentType }, shape);
  if (!delivered) return undefined;
  const headers = meta.headers.map(
    ([name, value]) => [name, name === 'content-type' ? delivered.contentType : value] as const,
  );
  const body = new TextEncoder().encode(delivered.text);
  return { meta: { ...meta, key, headers, bytes: body.byteLength }, body };
}
