/// <reference path="../lru-cache.d.ts" />
import LRUCache from 'lru-cache';
import { frame, sha256, utf8Of } from '../digest.ts';
import type { Shape } from '../formats/conversions/conversion.ts';
import type { Ask } from '../formats/format.ts';
import { formats } from '../formats/index.ts';
import { isObject, type JsonObject } from '../formats/json.ts';
import type { FormatName } from '../formats/paths.ts';
import { shapeOf } from '../formats/shapes.ts';
import { canonicalJson } from './canonical-json.ts';
import { compileEnvelope } from './envelope.ts';

/** A body as the key takes it, and what it asks. */
export interface ReadBody {
  /** SHA-256 of the canonical body, with the kind of form it has. */
  readonly digest: string;
  /** How the answer is to be delivered. */
  readonly shape: Shape;
  /** `undefined`: the body is not this format's. */
  readonly ask: Ask | undefined;
  /** Pointers of what was left out. */
  readonly leftOut: readonly string[];
  /** Why the bytes themselves were hashed. */
  readonly raw?: string;
}

/** Reads bodies, and remembers what it read by the digest of the bytes: a repeat is hashed once and never parsed. */
export class BodyReader {
  /** About 300 bytes each. */
  readonly #known = new LRUCache<string, ReadBody>({ max: 1000 });

  /**
   * @param ignore the app's `data-ignore` pointers; only for endpoints it named
   * @throws never: what cannot be parsed is keyed by its bytes
   */
  async read(
    bytes: Uint8Array<ArrayBuffer>,
    contentType: string,
    format: FormatName,
    url: URL,
    ignore: readonly string[],
  ): Promise<ReadBody> {
    const isForm = /^multipart\/form-data/i.test(contentType);
    const bytesDigest = await sha256(bytes);
    // A form's boundary, a path's model and the shape a URL asks for are part of what was read, and not of the bytes.
    const name = frameKey([format, url.pathname, url.search, isForm ? contentType : '', ignore.join(' '), bytesDigest]);
    const known = this.#known.get(name);
    if (known) return known;
    const body = isForm
      ? await readForm(bytes, contentType, bytesDigest, format, url)
      : await readText(bytes, bytesDigest, format, url, ignore);
    this.#known.set(name, body);
    return body;
  }
}

/**
 * What of a body counts in the key, as a JSON text: canonical where there is such a form; of a form its fields, files by
 * type, ending and digest. Costs reading the body again.
 * @throws SyntaxError, or what the platform throws, where it is neither JSON nor a form
 */
export async function countingText(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
  format: FormatName,
  ignore: readonly string[],
): Promise<string> {
  if (/^multipart\/form-data/i.test(contentType)) {
    const fields: [string, string][] = [];
    for (const [name, value] of await formOf(bytes, contentType))
      fields.push([name, typeof value === 'string' ? value : (await fileParts(value)).join(' ')]);
    return JSON.stringify(Object.fromEntries(fields));
  }
  const text = new TextDecoder().decode(bytes);
  const { envelope, leftOut = [] } = formats[format];
  const canonical = canonicalJson(text, compileEnvelope(envelope, [...leftOut, ...ignore]));
  return 'raw' in canonical ? text : canonical.text;
}

function frameKey(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}

async function readText(
  bytes: Uint8Array<ArrayBuffer>,
  bytesDigest: string,
  format: FormatName,
  url: URL,
  ignore: readonly string[],
): Promise<ReadBody> {
  const raw = (why: string, json?: unknown): ReadBody => ({
    digest: `raw ${bytesDigest}`,
    shape: shapeOf(format, url, isObject(json) ? json : {}),
    ask: formats[format].describe(url, isObject(json) ? json : {}),
    leftOut: [],
    raw: why,
  });
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(text);
  } catch {
    return raw('not JSON');
  }
  const { envelope, leftOut = [] } = formats[format];
  const canonical = canonicalJson(text, compileEnvelope(envelope, [...leftOut, ...ignore]));
  if ('raw' in canonical) return raw(canonical.raw, json);
  return {
    digest: `json ${await sha256(utf8Of(canonical.text))}`,
    shape: shapeOf(format, url, isObject(json) ? json : {}),
    ask: isObject(json) ? formats[format].describe(url, json) : undefined,
    leftOut: canonical.leftOut,
  };
}

/** Parts of a form by name, type and content; the boundary never counts. */
async function readForm(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
  bytesDigest: string,
  format: FormatName,
  url: URL,
): Promise<ReadBody> {
  let form: Iterable<[string, string | File]>;
  try {
    form = await formOf(bytes, contentType);
  } catch {
    // Still a form to its endpoint, whose fields are unknown here.
    return {
      digest: `raw ${bytesDigest}`,
      shape: '',
      ask: formats[format].describe(url, { file: '' }),
      leftOut: [],
      raw: 'not a form',
    };
  }
  const parts: string[] = [];
  const fields: Record<string, unknown> = {};
  for (const [name, value] of form) {
    fields[name] = value;
    if (typeof value === 'string') parts.push(name, 'text', value);
    else parts.push(name, ...(await fileParts(value)));
  }
  return {
    digest: `form ${await sha256(frame(parts))}`,
    shape: '',
    ask: formats[format].describe(url, fields as JsonObject),
    leftOut: [],
  };
}

async function formOf(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<Iterable<[string, string | File]>> {
  const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  return form as unknown as Iterable<[string, string | File]>;
}

/** The file name's extension chooses the decoder at the provider; the rest of the name is the user's. */
async function fileParts(file: File): Promise<string[]> {
  return [file.type, extensionOf(file.name), await sha256(await file.arrayBuffer())];
}

function extensionOf(fileName: string): string {
  return /\.[^.]*$/.exec(fileName)?.[0].toLowerCase() ?? '';
}
