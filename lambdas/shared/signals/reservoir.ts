import type { Random } from '../../../core/clock.ts';

/**
 * Keeps some of any number of values, each with the same chance, so that percentiles of what is kept are those of all.
 * Source: "algorithm R", J. S. Vitter, Random Sampling with a Reservoir, 1985.
 */
export class Reservoir {
  readonly #most: number;
  readonly #random: Random;
  #values: number[] = [];
  #seen = 0;

  /** @param most how many values are kept at the most. */
  constructor(most: number, random: Random) {
    this.#most = most;
    this.#random = random;
  }

  add(value: number): void {
    this.#seen += 1;
    if (this.#values.length < this.#most) {
      this.#values.push(value);
      return;
    }
    const place = Math.floor(this.#random() * this.#seen);
    if (place < this.#most) this.#values[place] = value;
  }

  /** Gives what is kept, and forgets it. */
  take(): readonly number[] {
    const values = this.#values;
    this.#values = [];
    this.#seen = 0;
    return values;
  }
}
