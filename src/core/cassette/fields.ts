import type { Tokens } from '../store/entry.ts';
import { type Field, Unusable } from './blocks.ts';

/** The fields of a question or of an answer, by name. */
export class Fields {
  constructor(
    readonly all: readonly Field[],
    readonly from: number,
  ) {}

  get(name: string): Field | undefined {
    return this.all.find((field) => field.name === name);
  }

  line(name: string): number {
    return this.get(name)?.line ?? this.from;
  }

  text(name: string): string | undefined {
    const field = this.get(name);
    return field && plain(field);
  }

  need(name: string): string {
    const text = this.text(name);
    if (text === undefined) throw new Unusable(this.all[0]?.line ?? this.from, `"${name}: …" is needed`);
    return text;
  }

  texts<T extends Record<string, string>>(names: T): { [K in keyof T]?: string } {
    const found = Object.entries(names).map(([property, name]) => [property, this.text(name)] as const);
    return Object.fromEntries(found.filter(([, text]) => text !== undefined)) as { [K in keyof T]?: string };
  }

  headers(name: string): [string, string][] {
    return this.all
      .filter((field) => field.name === name)
      .map((field) => {
        const text = plain(field);
        const colon = text.indexOf(': ');
        const header: [string, string] = [text.slice(0, colon), text.slice(colon + 2)];
        if (colon < 1 || !isHeader(header))
          throw new Unusable(field.line, `"${text.slice(0, 40)}" is no header, "${name}: name: value" is needed`);
        return header;
      });
  }

  number(name: string, read: (text: string) => number): number {
    const value = read(this.need(name));
    if (!Number.isFinite(value))
      throw new Unusable(this.line(name), `"${name}" is "${this.text(name)}", a number or a time is needed`);
    return value;
  }

  /** @param needed what it has to be, in words */
  json<T>(name: string, is: (value: unknown) => value is T, needed: string): T | undefined {
    const text = this.text(name);
    const value = text === undefined ? undefined : jsonOf(text);
    if (text === undefined || is(value)) return value as T | undefined;
    throw new Unusable(this.line(name), `"${name}" is "${text.slice(0, 40)}", ${needed} is needed`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the platform does not take as a header would fail where the answer is served. */
function isHeader(header: [string, string]): boolean {
  try {
    return new Headers([header]) !== undefined;
  } catch {
    return false;
  }
}

export function isTokens(value: unknown): value is Tokens {
  if (typeof value !== 'object' || value === null) return false;
  const { input, output } = value as Partial<Tokens>;
  return typeof input === 'number' && typeof output === 'number' && Object.values(value).every(Number.isFinite);
}

export function isArrivals(value: unknown): value is [number, number][] {
  return (
    Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.filter(Number.isFinite).length === 2)
  );
}

function plain({ value, line }: Field): string {
  if (value[0] !== '"') return value;
  try {
    return String(JSON.parse(value));
  } catch {
    throw new Unusable(line, 'the quoted text does not end, JSON is needed');
  }
}
