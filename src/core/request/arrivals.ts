import { keepsRequests, type PageSettings } from '../settings/options.ts';

/** Bytes that come so soon after others, in milliseconds, came with them. */
const together = 10;
/** Beyond so many, an answer's rest counts as one. */
const most = 500;

/** Is it worth knowing when the bytes came? */
export function keepsArrivals(page: PageSettings): boolean {
  return page.pace === 'recorded' || keepsRequests(page);
}

/** When the bytes of an answer came, and how many. */
export class Arrivals {
  readonly #list: [number, number][] = [];
  readonly #began: number;

  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#began = now();
  }

  /** So far. */
  get list(): readonly (readonly [milliseconds: number, bytes: number])[] {
    return this.#list.map(([milliseconds, bytes]) => [milliseconds, bytes]);
  }

  add(bytes: number): void {
    const milliseconds = this.#now() - this.#began;
    const last = this.#list.at(-1);
    if (last && (milliseconds - last[0] <= together || this.#list.length >= most)) last[1] += bytes;
    else this.#list.push([milliseconds, bytes]);
  }
}
