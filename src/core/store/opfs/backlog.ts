import type { Catalog } from './catalog.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { KeyStart, Place } from './key-index.ts';

/** What the last checkpoint knows and the catalog does not yet: a start looks it up in place, and takes it in later. */
export class Backlog {
  readonly #checkpoint: Checkpoint;
  /** Numbers in this worker of the checkpoint's segments; those that are gone have none. */
  readonly #numbers: readonly (number | undefined)[];

  /** Makes the checkpoint's segments known, those that are still there. Takes no row. */
  constructor(checkpoint: Checkpoint, catalog: Catalog, isThere: (name: string) => boolean) {
    this.#checkpoint = checkpoint;
    this.#numbers = checkpoint.info.segments.map((known) =>
      isThere(known.name) ? catalog.register(known).number : undefined,
    );
  }

  get names(): string[] {
    return this.#checkpoint.info.segments.map(({ name }) => name);
  }

  /** Rejects when the checkpoint is damaged where the key would be. */
  async find(key: KeyStart): Promise<Place | undefined> {
    return this.#known(await this.#checkpoint.find(key));
  }

  /** Takes in every row that is not known better. In steps of some milliseconds. Rejects when the checkpoint is damaged. */
  async fill(catalog: Catalog): Promise<void> {
    catalog.index.reserve(this.#checkpoint.size);
    for await (const entries of this.#checkpoint.entries())
      for (const [key, place] of entries) {
        const known = this.#known(place);
        if (known && catalog.segments.has(known.segment)) catalog.takeOlder(key, known);
      }
  }

  #known(place: Place | undefined): Place | undefined {
    const segment = place && this.#numbers[place.segment];
    return segment === undefined ? undefined : { ...(place as Place), segment };
  }
}
