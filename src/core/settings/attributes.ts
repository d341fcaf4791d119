import { defaultPageSettings, type Endpoint, type PageSettings, type WorkerSettings } from './options.ts';
import { parseBytes, parseTtl } from './units.ts';

/** A value that was not understood: what it was given for, what it is, what is accepted. */
export interface BadValue {
  readonly name: string;
  readonly value: string;
  readonly accepted: string;
}

/** How one attribute is read. */
interface Attribute {
  /** Whose setting it is; `tag`: it is used as it stands. */
  readonly of: 'page' | 'worker' | 'tag';
  /** `undefined`: not understood. */
  readonly parse?: (text: string, base: string) => unknown;
  readonly accepted: string;
}

const pattern = 'URLPattern strings such as /api/chat';
const bytes = 'a size such as 64MB or 1GB';

/** The attributes of the script tag without `data-`, in the camelCase of `HTMLElement.dataset` and of the npm options. */
const attributes: Readonly<Record<string, Attribute>> = {
  worker: { of: 'tag', accepted: '' },
  workerType: { of: 'tag', parse: oneOf('classic', 'module'), accepted: 'classic or module' },
  scope: { of: 'tag', accepted: '' },
  persist: { of: 'tag', accepted: '' },
  endpoints: { of: 'worker', parse: parsePatterns, accepted: pattern },
  exclude: { of: 'worker', parse: parsePatterns, accepted: pattern },
  memory: { of: 'worker', parse: parseBytes, accepted: bytes },
  disk: { of: 'worker', parse: parseBytes, accepted: bytes },
  mode: {
    of: 'page',
    parse: oneOf('auto', 'record', 'replay', 'refresh', 'off'),
    accepted: 'auto, record, replay, refresh or off',
  },
  ttl: { of: 'page', parse: parseTtl, accepted: '30d, 12h, 5m, 90s, none or 0' },
  models: {
    of: 'page',
    parse: parseModels,
    accepted: 'JSON such as {"gpt-4o":"2024-08-06"}',
  },
  partition: { of: 'page', parse: (text) => text || undefined, accepted: 'an id of your user, or shared' },
  ignore: { of: 'page', parse: parsePointers, accepted: 'JSON Pointers such as /messages/*/id' },
  onAbort: { of: 'page', parse: oneOf('cancel', 'finish'), accepted: 'cancel or finish' },
  pace: { of: 'page', parse: parsePace, accepted: 'instant, recorded, or tokens per second such as 50' },
  variants: { of: 'page', parse: parseVariants, accepted: 'a whole number from 1 to 100' },
  cassette: { of: 'page', parse: parseCassettes, accepted: 'URLs of cassettes' },
  session: { of: 'page', parse: (text) => text, accepted: 'any text' },
};

/**
 * Settings as attributes give them. Never throws: a bad value is listed in `bad` and its default is used.
 * @param base what relative patterns are relative to
 */
export function readAttributes(
  given: Readonly<Record<string, string | undefined>>,
  base: string,
): { page: PageSettings; worker: WorkerSettings; bad: BadValue[] } {
  const bad: BadValue[] = [];
  const read = { page: { ...defaultPageSettings }, worker: { endpoints: [], exclude: [] }, tag: {} };
  for (const [name, text] of Object.entries(given)) {
    if (text === undefined) continue;
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    const value = attribute?.parse ? attribute.parse(text.trim(), base) : attribute && text;
    const accepted = attribute?.accepted ?? `none, but ${attributeNames.join(' ')}`;
    if (value === undefined) bad.push({ name: attributeName(name), value: text, accepted });
    else if (attribute) Object.assign(read[attribute.of], { [name]: value });
  }
  return { page: read.page, worker: read.worker, bad };
}

/** As they are written in the tag: `data-on-abort`. */
export const attributeNames: readonly string[] = Object.keys(attributes).map(attributeName);

/** `onAbort` → `data-on-abort`. */
function attributeName(name: string): string {
  return `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function oneOf(...accepted: readonly string[]): (text: string) => string | undefined {
  return (text) => accepted.find((value) => value === text);
}

function parseModels(text: string): Record<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    if (!entries.every(([, version]) => typeof version === 'string' || typeof version === 'number')) return undefined;
    return Object.fromEntries(entries.map(([model, version]) => [model, String(version)]));
  } catch {
    return undefined;
  }
}

/** RFC 6901 pointers; each starts with a slash. */
function parsePointers(text: string): string[] | undefined {
  const pointers = words(text);
  return pointers.every((pointer) => pointer.startsWith('/')) ? pointers : undefined;
}

function parsePatterns(text: string, base: string): Endpoint[] | undefined {
  const patterns = words(text);
  try {
    for (const pattern of patterns) new URLPattern(pattern, base);
    return patterns.map((pattern) => ({ pattern, base }));
  } catch {
    return undefined;
  }
}

function parsePace(text: string): 'instant' | 'recorded' | number | undefined {
  if (text === 'instant' || text === 'recorded') return text;
  return text !== '' && Number(text) > 0 && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

function parseVariants(text: string): number | undefined {
  return /^([1-9]\d?|100)$/.test(text) ? Number(text) : undefined;
}

/** Names of imported cassettes are URLs too: `refrain:<digest>`. */
function parseCassettes(text: string, base: string): string[] | undefined {
  try {
    return words(text).map((url) => new URL(url, base).href);
  } catch {
    return undefined;
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
