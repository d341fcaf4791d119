import type { HitTier, MissReason } from '../report/events.ts';

/** A hit as `Cache-Status` says it (RFC 9211 §2). `left` in seconds; without end for entries that never expire. */
export function hitStatus(tier: HitTier, left: number): string {
  const ttl = Number.isFinite(left) ? `; ttl=${Math.floor(left)}` : '';
  return `refrain; hit${ttl}; detail=${tier}`;
}

/** A request that went upstream, by itself or with another one's flight (RFC 9211 §2.2 and §2.5). */
export function forwardStatus(reason: MissReason, collapsed: boolean): string {
  return `refrain; fwd=${reason}${collapsed ? '; collapsed' : ''}`;
}

/** Appends our member to the header: the cache nearest to the user comes last (RFC 9211 §2). */
export function addStatus(headers: Headers, status: string): Headers {
  const copy = new Headers(headers);
  copy.append('cache-status', status);
  return copy;
}
