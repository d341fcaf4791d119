import type { FormatName } from '../formats/paths.ts';
import type { BodyReader, ReadBody } from '../key/body.ts';
import { keyOf, type Material, materialOf, recordedKey } from '../key/key.ts';
import type { Partitioner } from '../key/partition.ts';
import type { Call } from '../network/call.ts';
import type { BypassReason, Report } from '../report/events.ts';
import { type Directives, readDirectives } from '../settings/directives.ts';
import { keepsRequests, type PageSettings } from '../settings/options.ts';
import { type Counted, counted, type Normalize } from './normalize.ts';

/** A request that has a key. */
export interface Question {
  readonly call: Call;
  readonly page: PageSettings;
  /** What was sent. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** What of it counts. */
  readonly counted: Counted;
  readonly read: ReadBody;
  /** The URL's, or the generic one where the app named the URL and its body is of another kind. */
  readonly format: FormatName;
  readonly directives: Directives;
  readonly key: string;
  /** What is asked, whatever shape the answer is to have. */
  readonly material: Material;
  readonly partition: string;
  readonly model: string | undefined;
  readonly modelVersion: string | undefined;
  /** Lifetime in seconds that this asker accepts and gives; `null` never expires. */
  readonly ttl: number | null;
  /** The key without the partition, as cassettes have it: on pages that keep requests. */
  readonly recorded: string | undefined;
  /** How many identical calls came before, where a page tells them apart; else 0. */
  readonly turn: number;
}

/** What making a key takes. */
interface Readers {
  readonly bodies: BodyReader;
  readonly partitions: Partitioner;
  readonly report: Report;
  /** The app's own. */
  readonly normalize?: Normalize | undefined;
}

/** A request that goes past the cache, with its body where it was read already. */
export interface Bypass {
  readonly bypass: BypassReason;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Bytes of a request body that are held in memory for a key. Larger requests go past the cache. */
const largestBody = 32_000_000;

/**
 * Reads the request's body and makes its key, or says why there is none. Rejects only when the body cannot be read: what
 * fails in making the key is a bypass.
 */
export async function ask(readers: Readers, call: Call): Promise<Question | Bypass> {
  const { page, headers } = call;
  if (call.mark?.streamBody) return { bypass: 'stream-body' };
  if (!page) return { bypass: 'unknown-client' };
  if (page.mode === 'off') return { bypass: 'off' };
  const control = headers.get('cache-control') ?? headers.get('pragma');
  // Of the modes a worker sees, tools only ever force `reload`.
  const cacheMode = call.mark?.cache ?? (call.request.cache === 'no-store' ? 'no-store' : undefined);
  const directives = readDirectives(call.wishes, cacheMode, control);
  if (directives.unknown.length > 0) tellUnknown(readers, directives.unknown);
  if (directives.noStore) return { bypass: 'no-store' };

  const body = new Uint8Array(await call.request.arrayBuffer());
  if (body.byteLength > largestBody) return { bypass: 'request-too-large', body };
  try {
    const question = await key(readers, call, page, directives, body);
    return typeof question === 'string' ? { bypass: question, body } : question;
  } catch (error) {
    tellFailed(readers, call, error);
    return { bypass: 'failed', body };
  }
}

async function key(
  readers: Readers,
  call: Call,
  page: PageSettings,
  directives: Directives,
  body: Uint8Array<ArrayBuffer>,
): Promise<Question | BypassReason> {
  const { match, request } = call;
  const counts = await counted(readers.normalize, call, body);
  const { url, headers } = counts;
  const contentType = headers.get('content-type') ?? '';
  const readAs = (format: FormatName) =>
    readers.bodies.read(counts.body, contentType, format, url, match.named ? page.ignore : []);
  // An app's own endpoint may speak what its path does not tell: what the body is like decides.
  const [first, ...others]: [FormatName, ...FormatName[]] = match.named
    ? ['ui-message', match.format, 'generic']
    : [match.format];
  let format = first;
  let read = await readAs(first);
  for (const other of others) {
    if (read.ask) break;
    format = other;
    read = await readAs(other);
  }
  if (!read.ask) return 'not-understood';
  const { depends, reload } = read.ask;
  // An app that names an endpoint whose answers depend on the world has chosen to keep them.
  if (depends && !(depends === 'live' && match.named)) return depends;

  const partition = await readers.partitions.partitionOf(
    call.url,
    call.headers,
    request.credentials,
    call.sameOrigin,
    page.partition,
  );
  if ('ambient' in partition || partition.assumed) tellAmbient(readers, call.url.origin, 'ambient' in partition);
  if ('ambient' in partition) return 'ambient-credential';

  const { model } = read.ask;
  const modelVersion = model !== undefined && Object.hasOwn(page.models, model) ? page.models[model] : undefined;
  const { variant, ttl = page.ttl } = directives;
  const { method } = request;
  const { digest, shape } = read;
  const material = materialOf({ format, method, url, headers, partition: partition.id, modelVersion, variant, digest });
  return {
    call,
    page,
    body,
    counted: counts,
    read,
    format,
    directives: reload ? { ...directives, reload } : directives,
    key: await keyOf(material, shape),
    material,
    partition: partition.id,
    model,
    modelVersion,
    ttl,
    recorded: keepsRequests(page) ? await recordedKey(material, shape) : undefined,
    turn: 0,
  };
}

function tellUnknown({ report }: Readers, unknown: readonly string[]): void {
  report({
    type: 'problem',
    code: `directive ${unknown}`,
    message: `Cannot follow x-refrain "${unknown.join(', ')}": no-store, reload, only-if-cached, ttl=60s, variant=3 and tag=name are understood`,
  });
}

function tellFailed({ report }: Readers, { url, match }: Call, error: unknown): void {
  report({
    type: 'problem',
    code: `key ${match.format}`,
    message: `Cannot make keys for calls to ${url.origin}${url.pathname}: ${error}; they go straight to the network`,
  });
}

function tellAmbient({ report }: Readers, origin: string, bypassed: boolean): void {
  const what = bypassed ? `cache calls to ${origin}` : `tell users of ${origin} apart`;
  const meanwhile = bypassed ? '' : ' (on this machine they are taken for one)';
  report({
    type: 'problem',
    code: `ambient ${origin}`,
    message: `Cannot ${what}: the browser may add a cookie that only the server sees, data-partition with an id of your user or "shared" is needed${meanwhile}`,
  });
}
