import type { AnswerSource, Tier } from './answer-source.ts';
import { median } from './figures.ts';

export interface Sample {
  readonly tier: Tier;
  readonly firstByte: number;
  readonly whole: number;
}

/** More dots than these would hide each other. */
const mostSamples = 200;

export const tiers: readonly Tier[] = ['memory', 'opfs', 'network'];

/** How long this page's answers took. */
export class LatencyLog {
  #samples: Sample[] = [];

  add({ tier }: AnswerSource, firstByte: number, whole: number): void {
    this.#samples = [...this.#samples, { tier, firstByte, whole }].slice(-mostSamples);
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  summary(tier: Tier): { count: number; firstByte: number | undefined; whole: number | undefined } {
    const ofTier = this.#samples.filter((sample) => sample.tier === tier);
    return {
      count: ofTier.length,
      firstByte: median(ofTier.map(({ firstByte }) => firstByte)),
      whole: median(ofTier.map(({ whole }) => whole)),
    };
  }
}
