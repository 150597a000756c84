/** What a page should cost, read units; how much it does cost is known when it has been read. */
const pageUnits = 8;

/** How many things to read at a time, guessed from what the last ones have cost. */
export class PageSize {
  readonly #largest: number;
  #items: number;

  /** @param first the first guess: small, because whoever leaves at once shall have cost little. */
  constructor(first: number, largest: number) {
    this.#items = first;
    this.#largest = largest;
  }

  get items(): number {
    return this.#items;
  }

  /** Learns from a page: one from memory, of 0 read units, tells nothing of what others will cost. */
  learn(units: number): void {
    if (units === 0) return;
    const growth = Math.min(4, pageUnits / units);
    this.#items = Math.min(this.#largest, Math.max(1, Math.floor(this.#items * growth)));
  }
}
