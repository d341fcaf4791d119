import { readdirSync, readFileSync } from 'node:fs';

/** Bytes of memory that a process and its descendants have for themselves; `undefined` where there is no /proc. */
export function memoryOf(pid: number): number | undefined {
  try {
    const parents = new Map<number, number>();
    for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(Number(name)));
    let bytes = 0;
    for (const one of parents.keys()) if (descends(one, pid, parents)) bytes += proportionalSet(one);
    return bytes;
  } catch {
    return undefined;
  }
}

function descends(pid: number, from: number, parents: Map<number, number>): boolean {
  for (let at: number | undefined = pid; at; at = parents.get(at)) if (at === from) return true;
  return false;
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** What it shares with others counts in part (`Pss`). */
function proportionalSet(pid: number): number {
  try {
    return 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
