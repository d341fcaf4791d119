export const checksumBytes = 16;
/** What is longer is digested in parts of this many bytes, so that a reader need not hold more than one of them. */
export const partBytes = 1 << 20;

/** The first half of a SHA-256: of the bytes, or of the digests of their parts where there are more than one. */
export async function checksum(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const digests: Promise<ArrayBuffer>[] = [];
  for (let at = 0; at === 0 || at < bytes.byteLength; at += partBytes)
    digests.push(digestOf(bytes.subarray(at, at + partBytes)));
  return checksumOf(await Promise.all(digests));
}

export function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', bytes);
}

/** The checksum of what was digested in these parts. */
export async function checksumOf(digests: readonly ArrayBuffer[]): Promise<Uint8Array<ArrayBuffer>> {
  const [only] = digests;
  if (only && digests.length === 1) return new Uint8Array(only, 0, checksumBytes);
  const all = new Uint8Array(digests.length * 32);
  for (const [i, digest] of digests.entries()) all.set(new Uint8Array(digest), i * 32);
  return checksumOf([await digestOf(all)]);
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && one.every((byte, i) => byte === other[i]);
}
