import { frame, sha256 } from '../digest.ts';
import { isCredentialParameter, roleOfHeader } from './headers.ts';

/** Grows when equal requests get other keys than before; older entries are then simply never found. */
const keyVersion = '1';

/** All that can change an answer, by name, in the order it is hashed. */
export type Material = readonly (readonly [name: string, value: string])[];

export interface KeyParts {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly partition: string;
  readonly modelVersion: string | undefined;
  /** From `x-refrain: variant=…`. */
  readonly variant: string | undefined;
  /** Digest of the canonical body with its kind, and the shape asked for. */
  readonly body: { readonly digest: string; readonly shape: string };
}

/** The key's material, by exclusion: what is not on a documented list counts. */
export function materialOf(parts: KeyParts): Material {
  const { url } = parts;
  return [
    ['refrain', keyVersion],
    ['method', parts.method],
    ['origin', url.origin],
    // `%3A` and `:` are one model's name in a path.
    ['path', url.pathname.replace(/%3a/gi, ':')],
    ...parametersOf(url),
    ...[...parts.headers]
      .filter(([name]) => roleOfHeader(name) === 'key')
      .map(([name, value]) => [name, headerValue(name, value)] as const),
    ['partition', parts.partition],
    ['model version', parts.modelVersion ?? ''],
    ['variant', parts.variant ?? ''],
    ['shape', parts.body.shape],
    ['body', parts.body.digest],
  ];
}

/** SHA-256 of the framed material, 64 hexadecimal digits. */
export function keyOf(material: Material): Promise<string> {
  return sha256(frame(material.flat()));
}

/** Query parameters as they are spelled, without credentials: decoding could make two of them equal. */
function parametersOf({ search }: URL): (readonly [string, string])[] {
  const parameters = search.slice(1).split('&');
  return parameters.flatMap((parameter) => {
    const [name = '', ...value] = parameter.split('=');
    // `?a` and `?a=` are not the same to every server.
    return isCredentialParameter(decoded(name))
      ? []
      : [[value.length > 0 ? `?${name}` : `&${name}`, value.join('=')] as const];
  });
}

function decoded(name: string): string {
  return new URLSearchParams(`${name}=`).keys().next().value ?? '';
}

/** A header's value as it counts: a form without its random boundary, Anthropic's betas in any order. */
function headerValue(name: string, value: string): string {
  if (name === 'content-type' && /^multipart\//i.test(value)) return value.split(';')[0] as string;
  if (name !== 'anthropic-beta') return value;
  return value
    .split(',')
    .map((part) => part.trim())
    .sort()
    .join(',');
}
