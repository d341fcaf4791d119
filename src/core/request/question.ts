import type { Match } from '../formats/endpoints.ts';
import type { Format } from '../formats/format.ts';
import { formats } from '../formats/index.ts';
import type { BodyReader, ReadBody } from '../key/body.ts';
import { keyOf, type Material, materialOf } from '../key/key.ts';
import type { Partitioner } from '../key/partition.ts';
import type { BypassReason, Report } from '../report/events.ts';
import { type Directives, readDirectives } from '../settings/directives.ts';
import type { PageSettings } from '../settings/options.ts';
import type { Call } from './call.ts';

/** A request that has a key. */
export interface Question {
  readonly call: Call;
  readonly page: PageSettings;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly read: ReadBody;
  readonly directives: Directives;
  readonly key: string;
  readonly material: Material;
  readonly partition: string;
  readonly model: string | undefined;
  readonly modelVersion: string | undefined;
  /** Lifetime in seconds that this asker accepts and gives; `null` never expires. */
  readonly ttl: number | null;
}

interface Readers {
  readonly bodies: BodyReader;
  readonly partitions: Partitioner;
  readonly report: Report;
}

/** A request that goes past the cache, with its body where it was read already. */
export interface Bypass {
  readonly bypass: BypassReason;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Bytes of a request body that are held in memory for a key. Larger requests go past the cache. */
export const largestBody = 32_000_000;

/**
 * Reads the request's body and makes its key, or says why there is none. Rejects only when the body cannot be read: what
 * fails in making the key is a bypass.
 */
export async function ask(readers: Readers, call: Call): Promise<Question | Bypass> {
  const { page, headers } = call;
  if (call.mark?.streamBody) return { bypass: 'stream-body' };
  if (!page) return { bypass: 'unknown-client' };
  if (page.mode === 'off') return { bypass: 'off' };
  const directives = readDirectives(
    call.wishes,
    call.mark?.cache,
    headers.get('cache-control') ?? headers.get('pragma'),
  );
  if (directives.unknown.length > 0)
    tell(
      readers,
      `directive ${directives.unknown}`,
      `Cannot follow x-refrain "${directives.unknown.join(', ')}": no-store, reload, only-if-cached, ttl=60s, variant=3 and tag=name are understood`,
    );
  if (directives.noStore) return { bypass: 'no-store' };

  const body = new Uint8Array(await call.request.arrayBuffer());
  if (body.byteLength > largestBody) return { bypass: 'request-too-large', body };
  try {
    return await key(readers, call, page, directives, body);
  } catch (error) {
    tell(
      readers,
      `key ${call.match.format}`,
      `Cannot make a key for calls to ${call.url.origin + call.url.pathname}: ${error}; they go straight to the network`,
    );
    return { bypass: 'failed', body };
  }
}

/** An app's own endpoint may speak what its path does not tell: what the body is like decides. */
function candidatesOf({ format, named }: Match): [Format, ...Format[]] {
  const byPath = formats[format];
  return named ? [formats['ui-message'], byPath, formats.generic] : [byPath];
}

function tell({ report }: Readers, code: string, message: string): void {
  report({ type: 'problem', code, message });
}

async function key(
  readers: Readers,
  call: Call,
  page: PageSettings,
  directives: Directives,
  body: Uint8Array<ArrayBuffer>,
): Promise<Question | Bypass> {
  const { headers, url, match } = call;
  const read = await readers.bodies.read(
    body,
    headers.get('content-type') ?? '',
    candidatesOf(match),
    url,
    match.named ? page.ignore : [],
  );
  if (!read.ask) return { bypass: 'not-understood', body };
  const { depends, reload } = read.ask;
  // An app that names an endpoint whose answers depend on the world has chosen to keep them.
  if (depends && !(depends === 'live' && match.named)) return { bypass: depends, body };
  const partition = await readers.partitions.partitionOf(
    url,
    headers,
    call.request.credentials,
    call.sameOrigin,
    page.partition,
  );
  if ('ambient' in partition) {
    tell(
      readers,
      `ambient ${url.origin}`,
      `Cannot cache calls to ${url.origin}: the browser may add a cookie that only the server sees, data-partition with an id of your user (or "shared") is needed`,
    );
    return { bypass: 'ambient-credential', body };
  }
  if (partition.assumed)
    tell(
      readers,
      `loopback ${url.origin}`,
      `Cannot tell users of ${url.origin} apart: the browser may add a cookie that only the server sees, on this machine it is taken for one user, data-partition is needed for several`,
    );

  const model = read.ask.model;
  const modelVersion = model !== undefined && Object.hasOwn(page.models, model) ? page.models[model] : undefined;
  const { variant } = directives;
  const material = materialOf({
    method: call.request.method,
    url,
    headers,
    partition: partition.id,
    modelVersion,
    variant,
    body: read,
  });
  const ttl = directives.ttl === undefined ? page.ttl : directives.ttl;
  return {
    call: { ...call, match: { ...match, format: read.format.name } },
    page,
    body,
    read,
    directives: reload ? { ...directives, reload } : directives,
    key: await keyOf(material),
    material,
    partition: partition.id,
    model,
    modelVersion,
    ttl,
  };
}
