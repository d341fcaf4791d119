import { type Cassettes, recordedEntry } from '../cassette/cassettes.ts';
import type { Shape } from '../formats/conversions/conversion.ts';
import { convert } from '../formats/conversions/index.ts';
import type { FormatName } from '../formats/paths.ts';
import { otherShapes, sourceShapes } from '../formats/shapes.ts';
import { keyOf, recordedKey } from '../key/key.ts';
import type { Entry, EntryMeta } from '../store/entry.ts';
import type { Found, Store } from '../store/store.ts';
import type { Question } from './question.ts';

/** Where stored answers are. */
export interface Sources {
  readonly store: Store;
  readonly cassettes: Cassettes;
}

/**
 * The stored answer to a question: in the shape it is asked for, byte for byte, else converted from another shape, where
 * converting loses and invents nothing. The first fresh one, else one of the page's cassettes, else a stale one, else
 * `undefined`.
 * Costs a look into the tiers; without a fresh answer a SHA-256 and such a look for each other shape of the format, and a
 * converted answer its parsing.
 */
export async function find({ store, cassettes }: Sources, question: Question): Promise<Found | undefined> {
  const { ttl, material, key, read, page } = question;
  const keyIn = async (shape: Shape) => (shape === read.shape ? key : keyOf(material, shape));
  const stored = await findShape(question, async (shape) => store.find(await keyIn(shape), ttl));
  if ((stored && stored.left > 0) || page.cassette.length === 0) return stored;
  return (await findShape(question, (shape) => findRecorded(cassettes, question, shape))) ?? stored;
}

async function findShape(
  { call, format, key, read }: Question,
  look: (shape: Shape) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  let stale = await look(read.shape);
  if (stale && stale.left > 0) return stale;
  const sources = sourceShapes(format, call.url, read.shape);
  for (const from of sources) {
    const found = await look(from);
    if (!found || (found.left <= 0 && stale)) continue;
    const { meta, body } = found.entry;
    const entry = converted(meta, await new Response(body).text(), read.shape, key);
    if (entry && found.left > 0) return { ...found, entry, from };
    if (entry) stale = { ...found, entry, from };
  }
  // Meanwhile a flight may have landed: asking upstream again would be one call too many.
  return (sources.length > 0 ? await look(read.shape) : undefined) ?? stale;
}

/** A recorded answer never goes stale: whoever names a cassette wants what is in it. */
async function findRecorded(
  cassettes: Cassettes,
  { page, material, key, turn }: Question,
  shape: Shape,
): Promise<Found | undefined> {
  const recording = await cassettes.find(page.cassette, await recordedKey(material, shape));
  const entry = recording && recordedEntry(cassettes, recording, turn, key);
  return entry && { entry, tier: 'cassette', left: Number.POSITIVE_INFINITY };
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
