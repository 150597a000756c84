/** Choices that a seed reproduces. */
export class Random {
  #state: number;

  /** @param seed any whole number */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /**
   * A number from 0 (inclusive) to 1 (exclusive).
   * Source: splitmix32, a 32-bit variant of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators".
   */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** A whole number between the bounds, both inclusive. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /**
   * One of a list.
   * @throws {RangeError} for an empty one.
   */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('there is nothing to pick from');
    return list[Math.floor(this.next() * list.length)]!;
  }

  /** The list in another order. */
  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let index = shuffled.length - 1; index > 0; index -= 1) {
      const other = this.integer(0, index);
      [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
    }
    return shuffled;
  }

  /** Choices of their own for a part, so that what one part chooses does not depend on how often another one does. */
  fork(part: string): Random {
    let seed = this.#state;
    for (const character of part) seed = Math.imul(seed ^ character.codePointAt(0)!, 0x01000193);
    return new Random(seed);
  }
}
