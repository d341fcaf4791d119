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
