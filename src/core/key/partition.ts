/// <reference path="../lru-cache.d.ts" />
import LRUCache from 'lru-cache';
import { frame, hex } from '../digest.ts';
import { isCredentialParameter, roleOfHeader } from './headers.ts';

/** Answers of one partition are never served to another. */
export type Partition =
  | {
      readonly id: string /** The browser may add a cookie, which is taken to be always the same user's. */;
      readonly assumed?: true;
    }
  /** Nobody here can tell whose request this is. */
  | { readonly ambient: true };

/**
 * Gives each credential a partition: HMAC-SHA-256 under a secret of this install, so that an id in a log or an event tells
 * nothing about the credential. Credentials themselves stay in memory, for the 50 last seen.
 */
export class Partitioner {
  readonly #known = new LRUCache<string, string>({ max: 50 });

  readonly #secret: () => Promise<CryptoKey>;

  constructor(secret: () => Promise<CryptoKey>) {
    this.#secret = secret;
  }

  /**
   * @param named the app's own `partition`, which replaces the credential; `shared` is one for all
   */
  async partitionOf(
    url: URL,
    headers: Headers,
    mode: RequestCredentials,
    sameOrigin: boolean,
    named: string | null,
  ): Promise<Partition> {
    if (named === 'shared') return { id: 'shared' };
    if (named !== null) return { id: await this.#hmacOf(['named', named]) };
    const credentials = credentialsOf(url, headers);
    const carried = [...credentials, ...organisationsOf(headers)];
    const id = carried.length > 0 ? await this.#hmacOf(['carried', ...carried]) : 'none';
    const browserMayAdd = mode === 'include' || (mode === 'same-origin' && sameOrigin);
    if (credentials.length > 0 || !browserMayAdd) return { id };
    return isLoopback(url) ? { id, assumed: true } : { ambient: true };
  }

  async #hmacOf(texts: readonly string[]): Promise<string> {
    const name = JSON.stringify(texts);
    const known = this.#known.get(name);
    if (known) return known;
    const mac = hex(await crypto.subtle.sign('HMAC', await this.#secret(), frame(texts)));
    this.#known.set(name, mac);
    return mac;
  }
}

/** Names and values of all that says who asks, sorted; a signature that changes with every request by its stable part. */
function credentialsOf(url: URL, headers: Headers): string[] {
  const carried: [string, string][] = [];
  for (const [name, value] of headers)
    if (roleOfHeader(name) === 'credential') carried.push([name, stablePart(name, value)]);
  for (const [name, value] of url.searchParams)
    if (isCredentialParameter(name)) carried.push([`?${name.toLowerCase()}`, stablePart(name.toLowerCase(), value)]);
  return carried.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat();
}

/** An organisation or project tells for whom a credential is used; alone it says nothing of who asks. */
function organisationsOf(headers: Headers): string[] {
  return [...headers].filter(([name]) => roleOfHeader(name) === 'organisation').flat();
}

/**
 * AWS Signature Version 4 signs every request anew; the access key id in it stays.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
function stablePart(name: string, value: string): string {
  if (/^x-amz-(security-token|signature|date)$/.test(name)) return '';
  const signed = /^(?:AWS4-[A-Z0-9-]+ .*?Credential=)?([^/, ]+)\/\d{8}\//.exec(value);
  if ((name === 'authorization' && value.startsWith('AWS4-')) || name === 'x-amz-credential')
    return signed?.[1] ?? value;
  return value;
}

/** A server on the user's own machine has the user's own answers. */
export function isLoopback(url: URL): boolean {
  return (
    url.hostname === 'localhost' ||
    url.hostname.endsWith('.localhost') ||
    /^127(\.\d+){3}$|^\[::1\]$/.test(url.hostname)
  );
}
