import { frame, sha256 } from '../digest.ts';
import type { Shape } from '../formats/conversions/conversion.ts';
import type { FormatName } from '../formats/paths.ts';
import { isDelivery, questionPath } from '../formats/shapes.ts';
import { isCredentialParameter, roleOfHeader } from './headers.ts';

/** Grows when equal requests get other keys than before; older entries are then simply never found. */
const keyVersion = '1';

/**
 * Formats of an app's own endpoints: they may choose by `accept` how to answer, by `accept-language` in which language, and
 * what is a credential's name elsewhere may be a part of the question.
 */
const appsOwn = /^(generic|ui-message)$/;

/** All that can change an answer, by name, in the order it is hashed. */
export type Material = readonly (readonly [name: string, value: string])[];

export interface KeyParts {
  readonly format: FormatName;
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly partition: string;
  readonly modelVersion: string | undefined;
  /** From `x-refrain: variant=…`. */
  readonly variant: string | undefined;
  /** Digest of the canonical body, with its kind. */
  readonly digest: string;
}

/** What is asked, by exclusion: all that is not on a documented list counts. How it is to be delivered is the shape. */
export function materialOf(parts: KeyParts): Material {
  const { format, url } = parts;
  return [
    ['refrain', keyVersion],
    ['method', parts.method],
    ['origin', url.origin],
    ['path', questionPath(format, url)],
    ...parametersOf(format, url),
    ...[...parts.headers]
      .filter(([name]) => roleOfHeader(name) === 'key' || (appsOwn.test(format) && /^accept/.test(name)))
      .map(([name, value]) => [name, headerValue(name, value)] as const),
    ['partition', parts.partition],
    ['model version', parts.modelVersion ?? ''],
    ['variant', parts.variant ?? ''],
    ['body', parts.digest],
  ];
}

/** The key for whoever asks, of whichever of a question's answers: what a cassette knows a question by. */
export function recordedKey(material: Material, shape: Shape): Promise<string> {
  return keyOf(withoutPartition(material), shape);
}

function withoutPartition(material: Material): Material {
  const at = material.findLastIndex(([name]) => name === 'partition');
  const first = material.at(-1)?.[0] === 'turn' ? material.slice(0, -1) : material;
  return first.map((part, index) => (index === at ? [part[0], ''] : part));
}

/** The question of which this is another answer: the n-th, from 1. 0 is the question itself. */
export function atTurn(material: Material, turn: number): Material {
  return turn === 0 ? material : [...material, ['turn', String(turn)]];
}

/** SHA-256 of the framed material and the shape, 64 hexadecimal digits. */
export function keyOf(material: Material, shape: Shape): Promise<string> {
  return sha256(frame([...material.flat(), 'shape', shape]));
}

/** Query parameters as they are spelled, without credentials: decoding could make two of them equal. */
function parametersOf(format: FormatName, { search }: URL): (readonly [string, string])[] {
  const parameters = search.slice(1).split('&').filter(Boolean);
  return parameters.flatMap((parameter) => {
    const [name = '', ...value] = parameter.split('=');
    const isCredential = isCredentialParameter(decoded(name)) && !appsOwn.test(format);
    // `?a` and `?a=` are not the same to every server.
    return isCredential || isDelivery(format, parameter)
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
