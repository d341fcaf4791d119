/** `auto` answers from the cache, else from upstream; the others as the README's table of modes says. */
export type Mode = 'auto' | 'record' | 'replay' | 'refresh' | 'off';

/** What a page says about its own calls. Kept by the worker per client. */
export interface PageSettings {
  readonly mode: Mode;
  /** Lifetime of an answer in seconds; `null` never expires. */
  readonly ttl: number | null;
  /** The app's model catalog: model → version. A changed version is a changed key. */
  readonly models: Readonly<Record<string, string>>;
  /** An id of the app's own user, `shared`, or `null`: the credential of each request. */
  readonly partition: string | null;
  /** JSON Pointers (`*` for any member or element) left out of the key for `data-endpoints`. */
  readonly ignore: readonly string[];
  readonly onAbort: 'cancel' | 'finish';
}

/** What all pages of a scope say about the one worker they share. Stored by the worker. */
export interface WorkerSettings {
  /** Bytes of the memory tier. */
  readonly memory: number;
  /** Bytes of the OPFS tier. */
  readonly disk: number;
  /** URLPattern strings beside the known LLM APIs. */
  readonly endpoints: readonly Endpoint[];
  /** URLPattern strings never to touch. */
  readonly exclude: readonly Endpoint[];
}

/** A URLPattern string with the URL it is relative to. */
export interface Endpoint {
  readonly pattern: string;
  readonly base: string;
}

export const defaultPageSettings: PageSettings = {
  mode: 'auto',
  ttl: 30 * 24 * 60 * 60,
  models: {},
  partition: null,
  ignore: [],
  onAbort: 'cancel',
};

export const defaultWorkerSettings: WorkerSettings = {
  memory: 64_000_000,
  disk: 1_000_000_000,
  endpoints: [],
  exclude: [],
};

/** A value that was not understood: what it was given for, what it is, what is accepted. */
export interface BadValue {
  readonly name: string;
  readonly value: string;
  readonly accepted: string;
}

/** The attributes of the script tag, without `data-`, in the camelCase of `HTMLElement.dataset` and of the npm options. */
export interface Attributes {
  readonly worker?: string;
  readonly scope?: string;
  readonly endpoints?: string;
  readonly exclude?: string;
  readonly mode?: string;
  readonly ttl?: string;
  readonly memory?: string;
  readonly disk?: string;
  readonly models?: string;
  readonly partition?: string;
  readonly ignore?: string;
  readonly onAbort?: string;
  readonly persist?: string;
}

const known = new Set(
  'worker scope endpoints exclude mode ttl memory disk models partition ignore onAbort persist'.split(' '),
);
/** Named in the interface, not built yet: said so, instead of being ignored in silence. */
const notYet = new Set('pace variants cassette'.split(' '));

/** Settings as attributes give them. Never throws: a bad value is listed in `bad` and its default is used. */
export function readAttributes(
  attributes: Readonly<Record<string, string | undefined>>,
  base: string,
): { page: PageSettings; worker: WorkerSettings; persist: boolean; bad: BadValue[] } {
  const bad: BadValue[] = [];
  const read = <T>(
    name: keyof Attributes,
    parse: (text: string) => T | undefined,
    accepted: string,
    fallback: T,
  ): T => {
    const text = attributes[name];
    if (text === undefined) return fallback;
    const value = parse(text.trim());
    if (value !== undefined) return value;
    bad.push({ name: attributeName(name), value: text, accepted });
    return fallback;
  };
  for (const name of Object.keys(attributes)) {
    if (notYet.has(name))
      bad.push({
        name: attributeName(name),
        value: attributes[name] ?? '',
        accepted: 'nothing: this version does not have it yet',
      });
    else if (!known.has(name))
      bad.push({
        name: attributeName(name),
        value: attributes[name] ?? '',
        accepted: [...known].map(attributeName).join(', '),
      });
  }
  const patterns = (text: string) => parsePatterns(text, base);
  const page = defaultPageSettings;
  const worker = defaultWorkerSettings;
  return {
    page: {
      mode: read('mode', parseMode, 'auto, record, replay, refresh or off', page.mode),
      ttl: read('ttl', parseTtl, 'a duration such as 30d, 12h, 5m or 90s, none, or 0', page.ttl),
      models: read(
        'models',
        parseModels,
        'a JSON object of model names to versions, such as {"gpt-4o":"2024-08-06"}',
        page.models,
      ),
      partition: read('partition', (text) => text || undefined, 'an id of your user, or shared', page.partition),
      ignore: read(
        'ignore',
        parsePointers,
        'JSON Pointers separated by spaces, such as /id /messages/*/id',
        page.ignore,
      ),
      onAbort: read(
        'onAbort',
        (text) => (text === 'cancel' || text === 'finish' ? text : undefined),
        'cancel or finish',
        page.onAbort,
      ),
    },
    worker: {
      memory: read('memory', parseBytes, 'a number of bytes such as 64MB or 1GB', worker.memory),
      disk: read('disk', parseBytes, 'a number of bytes such as 64MB or 1GB', worker.disk),
      endpoints: read(
        'endpoints',
        patterns,
        'URLPattern strings separated by spaces, such as /api/chat',
        worker.endpoints,
      ),
      exclude: read('exclude', patterns, 'URLPattern strings separated by spaces, such as /api/chat', worker.exclude),
    },
    persist: attributes.persist !== undefined,
    bad,
  };
}

/** `onAbort` → `data-on-abort`. */
export function attributeName(name: string): string {
  return `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function parseMode(text: string): Mode | undefined {
  return (['auto', 'record', 'replay', 'refresh', 'off'] as const).find((mode) => mode === text);
}

const secondsPerUnit: Record<string, number> = { d: 86_400, h: 3_600, m: 60, s: 1 };

/** `30d`, `12h`, `5m`, `90s` or `0` → seconds; `none` → `null`; anything else → `undefined`. */
export function parseTtl(text: string): number | null | undefined {
  if (text === 'none') return null;
  if (text === '0') return 0;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([dhms])$/.exec(text) ?? [];
  return amount && unit ? Number(amount) * (secondsPerUnit[unit] as number) : undefined;
}

const bytesPerUnit: Record<string, number> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** `64MB`, `1GB`, `500kB`, `1000` (powers of 1000) → bytes; anything else → `undefined`. */
export function parseBytes(text: string): number | undefined {
  const [, amount, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([kmgt]?b)?$/i.exec(text) ?? [];
  return amount ? Math.floor(Number(amount) * (bytesPerUnit[unit.toUpperCase()] as number)) : undefined;
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

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
